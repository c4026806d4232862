"""Several models side by side in napari's grid: in each tile a picture, labels and a cross.

The labels are those of one model.

napari puts layers that are next to each other in its list into one tile, counted from the top of
the list where the stride is negative, and leaves out tiles of which nothing is visible. So the
tiles' layers are kept in threes at the top of the list, and what else the scan has is hidden below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import PICTURES, find, grid, has_tiles, interpolation
from napari_cmr.viewer.layers.crosses import cross_of_tile
from napari_cmr.viewer.layers.labels import find_prediction, prediction_layer
from napari_cmr.viewer.layers.overlays import PICTURE, remove_overlays
from napari_cmr.viewer.layers.state import Role, metadata, note, role_of, scan_of, state_of

PER_TILE = 3
SPACING = 4.0
LARGEST, SMALLEST = 10.0, 6.5
"""Points of the names over the tiles, which are as large as the tiles are wide enough for."""
LETTER, EDGE = 0.95, 10
"""Width of a letter in pixels for each point, and pixels beside a name."""
REFERENCE = "Reference, all {} lines"
"""Name of the first tile's picture, where the scan came with labels."""

_SHARED = ("contrast_limits", "gamma", "colormap")


@dataclass(frozen=True)
class GridSettings:
    """napari's grid as the user had it."""

    stride: int
    shape: tuple[int, int]
    spacing: float


def open_tiles(viewer: Any, per_tile: int = PER_TILE) -> GridSettings:
    """Turn napari's grid on, and make what is looked at fit the smaller tiles.

    Parameters
    ----------
    viewer : napari.Viewer
    per_tile : int
        Layers, next to each other in the list, that lie in one tile.

    Returns
    -------
    GridSettings
        To be given back to :func:`close_tiles`.
    """
    tiles = viewer.canvas.grid
    before = GridSettings(tiles.stride, tuple(tiles.shape), tiles.spacing)
    tiles.stride, tiles.shape, tiles.spacing = -per_tile, (-1, -1), SPACING
    tiles.enabled = True
    viewer.scene.camera.zoom *= _scale(viewer)
    return before


def close_tiles(viewer: Any, scan: Scan | None, before: GridSettings, picture: Role) -> None:
    """Turn the grid off, remove the tiles' pictures, and show a scan as it was."""
    viewer.scene.camera.zoom /= _scale(viewer)
    for layer in [layer for layer in viewer.layers if role_of(layer) in ("tile", "cross")]:
        viewer.layers.remove(layer)
    remove_overlays(viewer, scan, (PICTURE,))
    tiles = viewer.canvas.grid
    tiles.enabled = False
    tiles.stride, tiles.shape, tiles.spacing = before.stride, before.shape, before.spacing
    for name in PICTURES:
        shown = find(viewer, scan, name)
        if shown is not None:
            shown.visible = name == picture


def _scale(viewer: Any) -> float:
    """Size of a tile, in parts of the canvas."""
    tile = np.asarray(viewer.canvas.viewbox_size(viewer.layers), dtype=float)
    return float((tile / np.asarray(viewer.canvas.size)).min())


def arrange_tiles(
    viewer: Any,
    scan: Scan,
    models: Sequence[str],
    picture: Role,
    images: Mapping[str, tuple[str, np.ndarray]] | None = None,
) -> None:
    """Give every model its tile, after that of the reference if there is one.

    Calling it again restores the order after layers have come or gone.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    models : sequence of str
        Their labels layers are made where they are not there yet.
    picture : {"image", "zero_filled", "temporal_average", "reconstructed"}
        What lies under the labels of the models.
    images : mapping of str to (str, ndarray)
        Method, and its image in place of that picture, by the model that saw it.
    """
    image = find(viewer, scan, "image")
    if image is None:
        return  # the scan is being taken away
    threes: list[tuple[Layer, Layer, Layer]] = []

    def add(model: str | None, labels: Layer) -> None:
        picture = _tile(viewer, scan, image, model)
        threes.append((picture, labels, cross_of_tile(viewer, scan, model)))

    reference = find(viewer, scan, "labels") if scan.labels is not None else None
    if reference is not None:
        add(None, reference)
    for model in models:
        add(model, prediction_layer(viewer, scan, model))
    shown = [layer for three in reversed(threes) for layer in three]
    for model, (method, seen) in (images or {}).items():
        layer = _tile(viewer, scan, image, model)
        if layer.data is not seen:
            viewer.layers.unlink_layers([layer])
            layer.data = seen
            note(layer, picture=None, method=method)
    for layer in list(viewer.layers):
        if role_of(layer) in ("tile", "cross") and layer not in shown:
            viewer.layers.remove(layer)
    arrange_on_top(viewer, shown)
    for layer in viewer.layers:
        if layer in shown:
            layer.visible = True
        elif scan_of(layer) is scan:
            layer.visible = False
    show_picture_in_tiles(viewer, scan, picture)


def arrange_on_top(viewer: Any, shown: list[Layer]) -> None:
    """Bring layers to the top of the list, in that order."""
    wanted = [layer for layer in viewer.layers if layer not in shown] + shown
    if list(viewer.layers) != wanted:
        for layer in shown:  # moved together they would not keep this order
            viewer.layers.move(viewer.layers.index(layer), len(viewer.layers))


def _tile(viewer: Any, scan: Scan, image: Image, model: str | None) -> Image:
    """Picture of a model's tile, or of the reference's."""
    for layer in viewer.layers:
        state = state_of(layer)
        if state.role == "tile" and state.scan is scan and state.model == model:
            return layer
    layer = Image(
        image.data,
        **grid(scan),
        # napari wants unlike names
        name=REFERENCE.format(scan.n_phase_encodes) if model is None else f"{model}, picture",
        colormap=image.colormap,
        interpolation2d=interpolation(),
        contrast_limits=image.contrast_limits,
        metadata=metadata(scan, "tile", model=model, picture="image"),
    )
    layer.contrast_limits_range = image.contrast_limits_range
    layer.name_overlay.visible = True
    active = viewer.layers.selection.active
    viewer.add_layer(layer)
    viewer.layers.selection.active = active
    return layer


def show_picture_in_tiles(viewer: Any, scan: Scan, picture: Role) -> None:
    """Put a picture of the scan under the labels of every model; arrays are shared, not copied."""
    source = find(viewer, scan, picture) or find(viewer, scan, "image")
    if source is None:
        return
    data = source.data if source.ndim == 4 else np.broadcast_to(source.data, scan.shape)
    linked = [source]
    for layer in viewer.layers:
        if role_of(layer) != "tile" or state_of(layer).model is None:
            continue
        seen = state_of(layer)
        if seen.method is None and seen.picture != role_of(source):
            viewer.layers.unlink_layers([layer])
            layer.data = data
            note(layer, picture=role_of(source))
        for name in _SHARED:
            setattr(layer, name, getattr(source, name))
        linked.append(layer)
    if len(linked) > 1:
        viewer.layers.link_layers(linked, _SHARED)


def name_tiles(viewer: Any, scan: Scan, lines: str) -> bool:
    """Say over every tile whose labels it shows, and from which lines; of none where none are.

    Of how many, the tile of the reference says where there is one.

    Returns
    -------
    bool
        Whether none of them says the lines that are chosen.
    """
    tiles = [one for one in viewer.layers if role_of(one) == "tile" and scan_of(one) is scan]
    models = [state_of(layer).model for layer in tiles]
    of_all = f" of {scan.n_phase_encodes}" if None in models else ""
    unsaid = any(models)
    for layer, model in zip(tiles, models, strict=True):
        if model is not None:
            state = state_of(find_prediction(viewer, scan, model))
            made = f"⚠ {state.old}" if state.old else lines
            if state.source.acquisition is None:
                made = "no labels of its own"  # there may be some that were drawn
            unsaid = unsaid and made != lines
            layer.name = f"{model}, {made}".replace(of_all, "")
    fit_tile_names(viewer, scan)
    return unsaid


def fit_tile_names(viewer: Any, scan: Scan) -> None:
    """Write the names over the tiles as large as there is room for."""
    room = viewer.canvas.viewbox_size(viewer.layers)[1] - 2 * EDGE
    for layer in viewer.layers:
        if role_of(layer) == "tile" and scan_of(layer) is scan:
            size = room / (LETTER * max(1, len(layer.name)))
            layer.name_overlay.font_size = min(LARGEST, max(SMALLEST, round(size, 1)))


def refresh_tiles(viewer: Any, scan: Scan, role: Role) -> None:
    """Draw the tiles again whose picture has got new pixels."""
    if has_tiles(viewer, scan):
        for layer in viewer.layers:
            if role_of(layer) == "tile" and state_of(layer).picture == role:
                layer.refresh(thumbnail=False, highlight=False, extent=False)


def tiled_models(viewer: Any, scan: Scan | None) -> tuple[str, ...]:
    """Models that have a tile, first to last."""
    found = [
        state_of(layer).model
        for layer in reversed(viewer.layers)
        if role_of(layer) == "tile" and scan_of(layer) is scan
    ]
    return tuple(model for model in found if model is not None)
