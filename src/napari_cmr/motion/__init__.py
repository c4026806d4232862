"""How hearts move between images: displacement fields."""
