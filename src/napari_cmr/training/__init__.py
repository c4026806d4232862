"""Data sets, augmentation, losses and recipes, under Lightning."""
