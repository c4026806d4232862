"""The full scan and several reconstructed images side by side in napari's grid, with one cross.

Each tile holds a picture, what is laid over it or else arrows of motion, the line whose profile is
looked at, and a cross: see :mod:`napari_cmr.viewer.layers.tiles` for how napari's grid takes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_cmr.scan import Scan
from napari_cmr.viewer.core.reconstructions import ALL_LINES
from napari_cmr.viewer.layers.common import find, grid, interpolation
from napari_cmr.viewer.layers.crosses import cross_of_tile
from napari_cmr.viewer.layers.overlays import (
    PICTURE,
    arrows_of_tile,
    line_of_tile,
    overlay_of,
    remove_overlays,
)
from napari_cmr.viewer.layers.reconstructions import NOW, OLD
from napari_cmr.viewer.layers.state import Role, metadata, note, role_of, scan_of, state_of
from napari_cmr.viewer.layers.tiles import arrange_on_top, fit_tile_names

PER_METHOD_TILE = 4
FULL = ALL_LINES
"""In place of a method's name, for the tile of the full scan."""

_SHARED = ("contrast_limits", "gamma")


@dataclass(frozen=True, eq=False)
class MethodTile:
    """What one tile shows: of the full scan where the method is :data:`FULL`.

    Attributes
    ----------
    method : str
    image : ndarray, shape (T, Z, Y, X)
        Magnitude; shown itself, not a copy.
    name : str
        Over the tile.
    is_old : bool
        Whether it is of other lines than are chosen.
    invents : str
        What is to be said of it where its details may be invented.
    """

    method: str
    image: np.ndarray
    name: str
    is_old: bool = False
    invents: str = ""


def arrange_method_tiles(
    viewer: Any, scan: Scan, tiles: Sequence[MethodTile], *, moving: bool = False
) -> None:
    """Give every image its tile, the first one first; all other layers of the scan are hidden.

    Calling it again restores the order after layers have come or gone, and takes other images.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    tiles : sequence of MethodTile
    moving : bool
        Whether arrows of motion lie over the images, in place of their error and the like.
    """
    full = find(viewer, scan, "image")
    if full is None:
        return  # the scan is being taken away
    over = arrows_of_tile if moving else overlay_of
    fours = [
        (
            _picture(viewer, scan, full, tile),
            over(viewer, scan, tile.method),
            line_of_tile(viewer, scan, tile.method),
            cross_of_tile(viewer, scan, _cross_key(tile.method)),
        )
        for tile in tiles
    ]
    shown: list[Layer] = [layer for four in reversed(fours) for layer in four]
    for layer in list(viewer.layers):
        if role_of(layer) in ("tile", "cross") and layer not in shown:
            viewer.layers.remove(layer)
    other: Role = "overlay" if moving else "motion"
    remove_overlays(viewer, scan, (PICTURE,), roles=(other,))
    arrange_on_top(viewer, shown)
    for layer in viewer.layers:
        if layer in shown:
            layer.visible = True
        elif scan_of(layer) is scan:
            layer.visible = False
    pictures = [four[0] for four in fours]
    viewer.layers.unlink_layers(pictures)
    for picture in pictures:
        for name in _SHARED:
            setattr(picture, name, getattr(full, name))
    viewer.layers.link_layers([full, *pictures], _SHARED)


def name_method_tiles(viewer: Any, scan: Scan, tiles: Sequence[MethodTile]) -> None:
    """Say over every tile what it shows, and grey it while that is of other lines."""
    for tile in tiles:
        layer = method_tile(viewer, scan, tile.method)
        if layer is not None:
            if layer.name != tile.name:
                layer.name = tile.name
            layer.colormap = OLD if tile.is_old else NOW
            note(layer, invents=tile.invents)
    fit_tile_names(viewer, scan)


def refresh_method_tile(viewer: Any, scan: Scan, method: str) -> None:
    """Draw the tiles again whose image has got new pixels."""
    for layer in viewer.layers:  # of models that saw the image, too
        if role_of(layer) == "tile" and state_of(layer).method == method:
            layer.refresh(thumbnail=False, highlight=False, extent=False)


def method_tile(viewer: Any, scan: Scan | None, method: str) -> Image | None:
    """Picture of a method's tile, if it has one."""
    for layer in viewer.layers:
        state = state_of(layer)
        found = (state.role, state.model, state.method) == ("tile", None, method)
        if found and state.scan is scan:
            return layer
    return None


def tiled_methods(viewer: Any, scan: Scan | None) -> tuple[str, ...]:
    """Methods that have a tile, first to last, after the full scan."""
    found = [
        state_of(layer).method
        for layer in reversed(viewer.layers)
        if role_of(layer) == "tile" and scan_of(layer) is scan and state_of(layer).model is None
    ]
    return tuple(method for method in found if method)


def _cross_key(method: str) -> str:
    """A method may be called as a model is."""
    return f"image {method}"


def _picture(viewer: Any, scan: Scan, full: Image, tile: MethodTile) -> Image:
    layer = method_tile(viewer, scan, tile.method)
    if layer is None:
        layer = Image(
            tile.image,
            **grid(scan),
            name=tile.name,
            colormap=NOW,
            interpolation2d=interpolation(),
            contrast_limits=full.contrast_limits,
            metadata=metadata(scan, "tile", method=tile.method),
        )
        layer.contrast_limits_range = full.contrast_limits_range
        layer.name_overlay.visible = True
        active = viewer.layers.selection.active
        viewer.add_layer(layer)
        viewer.layers.selection.active = active
    elif layer.data is not tile.image:
        layer.data = tile.image
    note(layer, method=tile.method)
    return layer
