"""Many subjects at once: who they are, what was found for each, and tables of it."""
