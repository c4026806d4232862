"""How sure models are, and how far that can be believed."""
