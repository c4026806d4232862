"""The window: napari and Qt, and nothing else in the package imports either.

``session`` holds what is loaded and chosen, ``layers`` draws it, ``live`` keeps the drawing and
the numbers up to date through ``jobs``; the docks only show the session and change it.
"""
