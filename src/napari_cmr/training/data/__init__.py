"""What networks learn from: subjects on disk, and batches of them."""
