"""Widgets to choose, edit and compare labels."""
