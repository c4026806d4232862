"""Synthetic late enhancement beside its source: a tile for each style of the slice on screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Labels

from napari_cmr.scan import Scan
from napari_cmr.viewer.core.preferences import preference
from napari_cmr.viewer.layers.common import (
    LABEL_COLORMAP,
    find,
    forget_steps,
    grid,
    interpolation,
    layers_of,
)
from napari_cmr.viewer.layers.state import metadata, state_of
from napari_cmr.viewer.layers.tiles import GridSettings, arrange_on_top

WATERMARK = "SYNTHETIC"
LAYERS_OF_A_STYLE = 2
"""Picture and labels."""
SOURCE_TILE = "Scan"
#: Side of what a tile shows of the heart.
SEEN_MM = 150.0
#: Where a style layer has no number, it is the source's.
SOURCE = -1


@dataclass(frozen=True, eq=False)
class Tile:
    """What one tile shows of the slice on screen.

    Attributes
    ----------
    number : int
        Of the style, or :data:`SOURCE`.
    name : str
    image : ndarray, shape (Y, X)
    limits : tuple of 2 floats
        Black and white.
    labels : ndarray of uint8, shape (Y, X)
    """

    number: int
    name: str
    image: np.ndarray
    limits: tuple[float, float]
    labels: np.ndarray


def show_styles(viewer: Any, scan: Scan, tiles: Sequence[Tile]) -> None:
    """Put tiles side by side, the first one first; all other layers are hidden."""
    pairs = [_pair(viewer, scan, tile) for tile in tiles]
    shown = [layer for pair in reversed(pairs) for layer in pair]
    for layer in style_layers(viewer, scan):
        if layer not in shown:
            viewer.layers.remove(layer)
    arrange_on_top(viewer, shown)
    for layer in viewer.layers:
        if layer not in shown and layer.visible:
            layer.visible = False


def source_tile(image: np.ndarray, labels: np.ndarray) -> Tile:
    """Tile of the slice (Y, X) itself."""
    high = max(float(np.percentile(image, 99.5)), 1e-6)
    return Tile(SOURCE, SOURCE_TILE, image, (0.0, high), labels)


def synthetic_tile(number: int, what: str, image: np.ndarray, labels: np.ndarray | None) -> Tile:
    """Tile of a style from 0 to 1, whose name says that it is synthetic."""
    drawn = np.zeros(image.shape, dtype=np.uint8) if labels is None else labels
    return Tile(number, f"{WATERMARK} {number + 1}{what and ', '}{what}", image, (0.0, 1.0), drawn)


def _pair(viewer: Any, scan: Scan, tile: Tile) -> tuple[Image, Labels]:
    """Picture and labels of a tile, made, or filled again."""
    there = {
        type(layer): layer
        for layer in style_layers(viewer, scan)
        if state_of(layer).number == tile.number
    }
    picture, drawn = there.get(Image), there.get(Labels)
    if picture is not None and drawn is not None:
        picture.data, picture.name, picture.contrast_limits = tile.image, tile.name, tile.limits
        forget_steps(drawn)
        drawn.data, drawn.name = tile.labels, f"{tile.name}, labels"
        return picture, drawn
    synthetic = tile.number != SOURCE or scan.synthetic
    state = metadata(scan, "style", number=tile.number, synthetic=synthetic)
    flat = {key: value[2:] for key, value in grid(scan).items()}
    active = viewer.layers.selection.active
    picture = Image(
        tile.image,
        **flat,
        name=tile.name,
        colormap="gray",
        interpolation2d=interpolation(),
        contrast_limits=tile.limits,
        metadata=state,
    )
    picture.name_overlay.visible = True
    drawn = Labels(
        tile.labels,
        **flat,
        name=f"{tile.name}, labels",
        colormap=LABEL_COLORMAP,
        opacity=preference("viewing", "label_opacity"),
        metadata=state,
    )
    viewer.add_layer(picture)
    viewer.add_layer(drawn)
    viewer.layers.selection.active = active
    return picture, drawn


def style_layers(viewer: Any, scan: Scan | None) -> list[Any]:
    """Layers of the tiles, the lowest first."""
    return layers_of(viewer, scan, "style")


def remove_styles(viewer: Any, scan: Scan | None, hidden: Sequence[Any]) -> None:
    """Take the tiles away, and show again what was hidden for them."""
    for layer in style_layers(viewer, scan):
        viewer.layers.remove(layer)
    for layer in hidden:
        if layer in viewer.layers:
            layer.visible = True


def leave_grid(viewer: Any, before: GridSettings) -> None:
    """Turn napari's grid off again."""
    tiles = viewer.canvas.grid
    tiles.enabled = False
    tiles.stride, tiles.shape, tiles.spacing = before.stride, before.shape, before.spacing


@dataclass(frozen=True)
class View:
    """Where the camera looks, and how near."""

    centre: tuple[float, ...]
    zoom: float

    @classmethod
    def of(cls, viewer: Any) -> "View":
        """View of a viewer now."""
        camera = viewer.scene.camera
        return cls(tuple(camera.center), float(camera.zoom))

    def restore(self, viewer: Any) -> None:
        """Look there again."""
        viewer.scene.camera.center = self.centre
        viewer.scene.camera.zoom = self.zoom


def look_at_heart(viewer: Any, scan: Scan, place: tuple[float, float]) -> None:
    """Fill every tile with the heart, at a row and column in pixels."""
    camera = viewer.scene.camera
    _, dy, dx = scan.spacing
    camera.center = (*camera.center[:-2], place[0] * dy, place[1] * dx)
    tile = min(float(side) for side in viewer.canvas.viewbox_size(viewer.layers))
    camera.zoom = tile / SEEN_MM


def has_styles(viewer: Any, scan: Scan | None) -> bool:
    """Whether synthetic late enhancement is on screen."""
    return find(viewer, scan, "style") is not None
