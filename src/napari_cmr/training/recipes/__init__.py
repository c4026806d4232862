"""How each network is built and trained."""
