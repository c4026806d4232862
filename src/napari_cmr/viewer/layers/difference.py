"""Where two label sets differ, laid over the image."""

from typing import Any

import numpy as np
from napari.layers import Labels

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import HouseColormap, find, grid
from napari_cmr.viewer.layers.state import metadata, note

ONLY_FIRST, ONLY_SECOND, OTHERWISE = 1, 2, 3
DIFFERENCE_COLOURS: dict[int | None, tuple[float, ...]] = {
    ONLY_FIRST: (0.95, 0.60, 0.10, 1.0),
    ONLY_SECOND: (0.25, 0.70, 0.95, 1.0),
    OTHERWISE: (1.0, 1.0, 1.0, 1.0),
}
"""Orange, light blue and white: apart from the labels' own colours, and from each other."""

_CLEAR = (0.0, 0.0, 0.0, 0.0)
DIFFERENCE_COLORMAP = HouseColormap(color_dict={None: _CLEAR, 0: _CLEAR, **DIFFERENCE_COLOURS})


def differences(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Where label maps differ: 1 only the first has a label, 2 only the second, 3 another one."""
    where = np.full(first.shape, OTHERWISE, dtype=np.uint8)
    where[second == 0] = ONLY_FIRST
    where[first == 0] = ONLY_SECOND
    where[first == second] = 0
    return where


def show_difference(viewer: Any, scan: Scan, where: np.ndarray) -> Labels:
    """Show what :func:`differences` gave, on top, without taking the brush from the user's hand."""
    layer = find(viewer, scan, "difference")
    if layer is None:
        layer = Labels(
            where,
            **grid(scan),
            name="Differences",
            colormap=DIFFERENCE_COLORMAP,
            opacity=0.75,
            metadata=metadata(scan, "difference", written=where),
        )
        active = viewer.layers.selection.active
        viewer.add_layer(layer)
        viewer.layers.selection.active = active
        layer.editable = False
    else:
        layer.data = where  # nobody draws here, so there is nothing to undo
        note(layer, written=where)
        layer.editable = False
    return layer


def hide_difference(viewer: Any, scan: Scan | None) -> None:
    """Take the differences away."""
    layer = find(viewer, scan, "difference")
    if layer is not None:
        viewer.layers.remove(layer)
