"""From lines or images to labels."""
