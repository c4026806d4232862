"""Networks that judge made images, and networks that compare images as eyes would."""
