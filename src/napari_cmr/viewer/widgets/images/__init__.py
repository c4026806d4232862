"""Reconstructed images: how close they come to the full scan, and how tissue moves in them."""
