"""One page that tells what was measured."""
