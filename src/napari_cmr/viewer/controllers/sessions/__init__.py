"""Session files and reports: written from a window, and shown in one again."""
