"""What can still be read in reconstructed images: labels, volumes, lesions."""
