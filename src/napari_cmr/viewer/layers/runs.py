"""Labels layers of models: some frames ahead of the rest, what a run was of, which one is seen."""

from typing import Any

import numpy as np
from napari.layers import Labels

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Notice, Scan
from napari_cmr.viewer.layers.common import KEY, labels_layers
from napari_cmr.viewer.layers.labels import find_prediction, unedited_prediction


def show_frames(
    viewer: Any,
    scan: Scan,
    place: tuple[tuple[int, ...], int],
    labels: np.ndarray,
    *,
    name: str,
) -> None:
    """Write a model's labels ``(F, Y, X)`` of (frames, slice), ahead of the rest of the slice."""
    layer = unedited_prediction(viewer, scan, name)
    frames, z = list(place[0]), place[1]
    layer.data[frames, z] = labels
    layer.metadata[KEY]["written"][frames, z] = labels
    layer.refresh(thumbnail=False, highlight=False, extent=False)


def edited_slices(layer: Labels) -> int:
    """In how many slices, of all frames, a person has changed what the model wrote."""
    written = layer.metadata[KEY]["written"]
    return int((np.asarray(layer.data) != written).any(axis=(2, 3)).sum())


def note_run(layer: Labels, acquisition: Acquisition, warnings: tuple[Notice, ...]) -> None:
    """Keep which lines the labels of a model are from, and what the model said about them."""
    layer.metadata[KEY] |= {"acquisition": acquisition, "warnings": warnings}


def acquisition_of(layer: Labels) -> Acquisition | None:
    """Lines that the whole labels of a model are from; None for other labels."""
    return layer.metadata.get(KEY, {}).get("acquisition")


def show_labels_of(viewer: Any, scan: Scan | None, model: str) -> None:
    """Show the labels of one model, or what else is topmost, and hide the other labels."""
    on_grid = labels_layers(viewer, scan)
    shown = find_prediction(viewer, scan, model) or (on_grid[0] if on_grid else None)
    for layer in on_grid:
        layer.visible = layer is shown
