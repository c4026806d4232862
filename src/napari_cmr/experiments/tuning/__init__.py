"""Cross-validation of variants of a recipe."""
