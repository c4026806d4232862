"""What a reading panel found: opinions, agreement of readers, and what goes with them."""
