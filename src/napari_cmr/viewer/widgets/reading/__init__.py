"""What a reader of a study sees."""
