"""Layers of a repeated acquisition: the mean contour, and the band in which contours wander."""

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels, Layer
from napari.utils.colormaps import Colormap

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import (
    LABEL_COLORMAP,
    OLD_COLORMAP,
    find,
    grid,
    has_tiles,
    interpolation,
)
from napari_cmr.viewer.layers.state import Role, metadata, note, state_of

if TYPE_CHECKING:
    from napari_cmr.workflow.trials.consistency_result import Consistency

ROLES: tuple[Role, Role] = ("disagreement", "mean_shape")
BAND_PERCENT = (5.0, 50.0)
"""Disagreement at which the band begins to show, and at which it is brightest."""

CONTOUR_PIXELS = 1
_BAND_COLOURS = ((0.20, 0.95, 0.95, 0.0), (0.20, 0.95, 0.95, 0.75), (1.0, 1.0, 1.0, 0.9))
_OLD_COLOURS = ((0.6, 0.6, 0.6, 0.0), (0.6, 0.6, 0.6, 0.5), (0.8, 0.8, 0.8, 0.6))
_BAND = Colormap(np.array(_BAND_COLOURS), name="disagreement")
_OLD_BAND = Colormap(np.array(_OLD_COLOURS), name="disagreement of other lines")


def show_consistency(viewer: Any, scan: Scan, result: "Consistency") -> bool:
    """Write a result into the layers of mean contour and band, which are made at the first call.

    Returns
    -------
    bool
        False in a grid of tiles, where there is no room for them.
    """
    if has_tiles(viewer, scan):
        return False
    for role, part in zip(ROLES, (result.disagreement, result.mean), strict=True):
        found = find(viewer, scan, role)
        if found is None and role == "disagreement" and result.n < 2:
            continue  # one repetition agrees with itself, and making a layer takes a while
        layer = found or _add(viewer, scan, role)
        layer.data[:, :, result.rows, result.columns] = part
        layer.refresh(thumbnail=False, highlight=False, extent=False)
        layer.name = _name(role, result.n)
    return True


def mark_consistency_old(viewer: Any, scan: Scan, n: int, old: str) -> bool:
    """Show the layers in grey, and say in their names what they are of, while that is old.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    n : int
        Repetitions.
    old : str
        What was repeated; empty where that is what is chosen now.

    Returns
    -------
    bool
        Whether it was not so already.
    """
    changed = False
    for role, colours in zip(
        ROLES, ((_BAND, _OLD_BAND), (LABEL_COLORMAP, OLD_COLORMAP)), strict=True
    ):
        layer = find(viewer, scan, role)
        if layer is not None and state_of(layer).old != old:
            layer.name = _name(role, n) + (f" ({old})" if old else "")
            layer.colormap = colours[bool(old)]
            note(layer, old=old)
            changed = True
    return changed


def set_consistency_visible(viewer: Any, scan: Scan, visible: bool) -> None:
    """Show or hide the layers, if they are there."""
    for role in ROLES:
        layer = find(viewer, scan, role)
        if layer is not None:
            layer.visible = visible


def remove_consistency(viewer: Any, scan: Scan | None) -> None:
    """Remove the layers, if they are there."""
    for role in ROLES:
        layer = find(viewer, scan, role)
        if layer is not None:
            viewer.layers.remove(layer)


def _name(role: Role, n: int) -> str:
    of = f"{n} repetition" + ("" if n == 1 else "s")
    return f"Mean contour of {of}" if role == "mean_shape" else f"Disagreement of {of}"


def _add(viewer: Any, scan: Scan, role: Role) -> Layer:
    data = np.zeros(scan.shape, np.uint8)
    layer: Layer
    if role == "mean_shape":
        layer = Labels(data, **grid(scan), colormap=LABEL_COLORMAP, opacity=1.0)
        layer.contour = CONTOUR_PIXELS
        layer.editable = False
    else:
        layer = Image(
            data,
            **grid(scan),
            colormap=_BAND,
            contrast_limits=BAND_PERCENT,
            interpolation2d=interpolation(),
            blending="translucent",
        )
    # Nothing in it is the user's: it goes with its scan.
    layer.metadata.update(metadata(scan, role, written=data if role == "mean_shape" else None))
    active = viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
    return layer
