"""Pictures of k-space lines."""
