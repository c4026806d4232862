"""A cross in every tile at the place that the mouse points to in one of them."""

from typing import Any

import numpy as np
from napari.layers import Vectors

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import grid
from napari_cmr.viewer.layers.state import metadata, role_of, scan_of, state_of

COLOUR = "#ffd84d"
ARM_MM, WIDTH_MM = 9.0, 1.2
#: The arms leave the place itself free to be seen.
GAP_MM = 2.5
_DIRECTIONS = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])


def cross_of_tile(viewer: Any, scan: Scan, model: str | None) -> Vectors:
    """Cross of a model's tile, or of the reference's; one that is not shown is made if need be."""
    for layer in crosses(viewer, scan):
        if state_of(layer).model == model:
            return layer
    layer = Vectors(
        _arms(scan, np.zeros(2)),
        name=f"Cross, {model or 'reference'}",
        edge_color=COLOUR,
        edge_width=WIDTH_MM / min(scan.spacing[1:]),
        vector_style="line",
        opacity=0.0,
        metadata=metadata(scan, "cross", model=model),
        **{key: value[2:] for key, value in grid(scan).items()},
    )
    active = viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
    return layer


def crosses(viewer: Any, scan: Scan | None) -> list[Vectors]:
    """Crosses of all tiles of a scan."""
    return [
        layer for layer in viewer.layers if role_of(layer) == "cross" and scan_of(layer) is scan
    ]


def place_crosses(viewer: Any, scan: Scan, world: tuple[float, ...] | None) -> None:
    """Put the crosses at a place; nowhere if it is None or lies outside of the scan.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    world : tuple of floats
        Place in the viewer's world, the rows' and the columns' coordinates in mm last.
    """
    opacity = 0.0
    if world is not None:
        place = np.asarray(world[-2:]) / scan.spacing[1:]
        if (place >= -0.5).all() and (place <= np.array(scan.shape[2:]) - 0.5).all():
            opacity = 1.0
            for layer in crosses(viewer, scan):
                layer.data = _arms(scan, place)
    for layer in crosses(viewer, scan):
        layer.opacity = opacity


def _arms(scan: Scan, place: np.ndarray) -> np.ndarray:
    """Start and direction (4, 2, 2) of the arms around a place in rows and columns."""
    arms = _DIRECTIONS / scan.spacing[1:]
    # Inside of the picture: napari would make room for what juts out of it.
    starts, ends = (
        np.clip(place + length * arms, 0, np.array(scan.shape[2:]) - 1)
        for length in (GAP_MM, ARM_MM)
    )
    return np.stack([starts, ends - starts], axis=1)
