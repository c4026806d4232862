"""Networks that give back images of few lines of cines, one file a model."""
