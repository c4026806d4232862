"""Changes that make other hearts and other scanners of those at hand."""
