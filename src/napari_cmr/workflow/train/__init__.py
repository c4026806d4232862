"""From labelled data to trained weights with a card."""
