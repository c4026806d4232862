"""Numbers that say what can still be read in reconstructed images."""
