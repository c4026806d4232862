"""The layer of the reconstructed picture, grey while it is of other lines than are chosen."""

from typing import Any

import numpy as np
from napari.layers import Image
from napari.utils.colormaps import Colormap

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import find, grid, interpolation
from napari_cmr.viewer.layers.state import metadata, note, state_of

NAME = "Reconstructed"
NOW = Colormap(np.array([(0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)]), name="image")
OLD = Colormap(np.array([(0.16, 0.16, 0.17, 1.0), (0.5, 0.5, 0.53, 1.0)]), name="old image")
"""Of an image from other lines: flat, as if under paper."""


def show_reconstructed(viewer: Any, scan: Scan, image: np.ndarray, method: str) -> Image | None:
    """Show a method's image, magnitude (T, Z, Y, X), in the layer of the reconstructed picture.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    image : ndarray
        Shown itself, not a copy: what is written into it later is drawn by the next call.
    method : str

    Returns
    -------
    Image or None
        None where the scan has no image layer any more.
    """
    full = find(viewer, scan, "image")
    if full is None:
        return None
    layer = find(viewer, scan, "reconstructed") or _add(viewer, scan, full, image)
    layer.name = f"{NAME}, {method}"
    note(layer, method=method)
    if layer.data is not image:
        layer.data = image
    elif layer.visible:
        layer.refresh(thumbnail=False, highlight=False, extent=False)
    return layer


def shown_method(viewer: Any, scan: Scan | None) -> str | None:
    """Method whose image the layer of the reconstructed picture holds; None without that layer."""
    return state_of(find(viewer, scan, "reconstructed")).method


def mark_reconstructed(
    viewer: Any, scan: Scan, old: str, invents: str = "", by: str | None = None
) -> bool:
    """Grey the reconstructed picture, and keep what it is from, while that is not chosen.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    old : str
        What the slice on screen was made from; empty where that is what is chosen now.
    invents : str
        What is to be said of it where its details may be invented.
    by : str, optional
        Method that made it, whose image may stand for that of the picture's own.

    Returns
    -------
    bool
        Whether it was not so already.
    """
    layer = find(viewer, scan, "reconstructed")
    if layer is None:
        return False
    before, changes = state_of(layer), {"old": old, "by": by, "invents": invents}
    if all(getattr(before, name) == value for name, value in changes.items()):
        return False
    note(layer, **changes)
    layer.colormap = OLD if old else NOW
    return True


def _add(viewer: Any, scan: Scan, full: Image, image: np.ndarray) -> Image:
    layer = Image(
        image,
        **grid(scan),
        name=NAME,
        colormap=NOW,
        interpolation2d=interpolation(),
        contrast_limits=full.contrast_limits,
        visible=False,
        metadata=metadata(scan, "reconstructed"),
    )
    layer.contrast_limits_range = full.contrast_limits_range
    above = [find(viewer, scan, role) for role in ("temporal_average", "zero_filled", "image")]
    below = next(layer for layer in above if layer is not None)
    active = viewer.layers.selection.active
    viewer.layers.insert(viewer.layers.index(below) + 1, layer)
    viewer.layers.selection.active = active
    return layer
