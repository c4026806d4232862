"""Pictures of a scan: from fewer lines, reconstructed, in another style, along a line over time."""
