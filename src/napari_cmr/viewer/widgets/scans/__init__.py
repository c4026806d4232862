"""Widgets of scans and sessions: what a folder holds, the companion, open and save."""
