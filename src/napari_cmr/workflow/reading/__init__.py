"""A reading panel: people rate reconstructions without knowing what made them."""
