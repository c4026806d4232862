"""Widgets of volumes, ejection fraction, phases and slices that count."""
