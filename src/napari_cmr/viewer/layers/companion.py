"""The picture of another scan of the same patient, on the slices of the one that is open."""

from typing import Any

import numpy as np
from napari.layers import Image

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import contrast_limits, find, grid, interpolation
from napari_cmr.viewer.layers.state import metadata


def show_companion(viewer: Any, scan: Scan, picture: np.ndarray, name: str) -> Image:
    """Show a picture ``(Z, Y, X)`` over the image of a scan, under its labels, in every frame.

    The layer is made at the first call; after that only its pixels change.
    """
    layer = find(viewer, scan, "companion")
    if layer is None:
        keywords = {key: value[1:] for key, value in grid(scan).items()}
        layer = Image(
            picture,
            colormap="gray",
            interpolation2d=interpolation(),
            metadata=metadata(scan, "companion"),
            **keywords,
        )
        images = [k for k, one in enumerate(viewer.layers) if isinstance(one, Image)]
        active = viewer.layers.selection.active
        viewer.layers.insert(max(images, default=-1) + 1, layer)
        viewer.layers.selection.active = active
    layer.data = picture
    layer.name = name
    layer.contrast_limits = contrast_limits(picture)
    layer.visible = True
    return layer
