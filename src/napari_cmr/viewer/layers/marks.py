"""Lines drawn over the image to show where something is; they are no part of the data."""

from typing import Any

import numpy as np
from napari.layers import Shapes

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import find, grid
from napari_cmr.viewer.layers.state import metadata

MARK_COLOUR = "#ff5a1f"
_POINTS_PER_RADIAN = 12


def mark_sector(
    viewer: Any,
    scan: Scan,
    z: int,
    *,
    centre: tuple[float, float],
    angles: tuple[float, float],
    radius_mm: float,
    name: str,
) -> Shapes:
    """Draw the outline of a sector on one slice, in every frame, in place of the last one.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    z : int
        Slice.
    centre : tuple of 2 floats
        Row and column that the sector goes out from.
    angles : tuple of 2 floats
        Start and end in radians, clockwise on the screen from the right.
    radius_mm : float
    name : str
        Name of the layer.
    """
    _, dy, dx = scan.spacing
    start, end = angles
    steps = max(2, int((end - start) * _POINTS_PER_RADIAN) + 1)
    around = np.linspace(start, end, steps)
    y = centre[0] + radius_mm / dy * np.sin(around)
    x = centre[1] + radius_mm / dx * np.cos(around)
    if end - start < 2 * np.pi - 1e-6:
        y, x = np.append(y, centre[0]), np.append(x, centre[1])
    outline = np.stack([np.full(y.size, float(z)), y, x], axis=1)
    clear_mark(viewer, scan)
    keywords = {key: value[1:] for key, value in grid(scan).items()}
    layer = Shapes(
        [outline],
        shape_type="polygon",
        edge_color=MARK_COLOUR,
        face_color="transparent",
        edge_width=0.9 * max(1.0, 1.4 / min(dy, dx)),
        name=name,
        metadata=metadata(scan, "mark"),
        **keywords,
    )
    active = viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
    return layer


def clear_mark(viewer: Any, scan: Scan | None) -> None:
    """Remove the mark of a scan, if there is one."""
    layer = find(viewer, scan, "mark")
    if layer is not None:
        viewer.layers.remove(layer)
