"""What several tests need: small scans, small models, files and damage to them."""
