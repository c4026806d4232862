"""Networks that give back images of few lines."""
