"""Readers of public data sets that have a layout of their own."""
