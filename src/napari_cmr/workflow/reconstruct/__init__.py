"""From measured lines to images."""
