"""Networks that translate between contrasts, and their judges."""
