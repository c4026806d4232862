"""Session files: written, read and replayed."""
