"""Changes to labels: by hand, over slices, over the cycle, and from scan to scan."""
