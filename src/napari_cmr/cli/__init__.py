"""The ``napari-cmr`` command: what makes sense of the workspace without a screen."""

from napari_cmr.cli.root import app, main

__all__ = ["app", "main"]
