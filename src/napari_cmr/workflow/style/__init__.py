"""Synthetic late enhancement of scans that have none."""
