"""NIfTI files: images, and the label maps that lie beside them."""
