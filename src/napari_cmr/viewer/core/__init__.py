"""What the window knows: its session, its background jobs, and what it remembers."""
