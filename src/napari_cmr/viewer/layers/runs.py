"""Labels layers of models: what a run was of, what the user changed, which one is seen."""

from typing import Any

import numpy as np
from napari.layers import Labels, Layer

from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Scan
from napari_cmr.viewer.layers.common import (
    FADED_COLORMAP,
    LABEL_COLORMAP,
    OLD_COLORMAP,
    labels_layers,
)
from napari_cmr.viewer.layers.difference import DIFFERENCE_COLORMAP
from napari_cmr.viewer.layers.labels import find_prediction
from napari_cmr.viewer.layers.state import LayerState, note, role_of, state_of
from napari_cmr.workflow.edit.provenance import Provenance


def edited_slices(layer: Labels) -> np.ndarray:
    """In which slices the user has changed what the model wrote, shape (T, Z)."""
    written = state_of(layer).written
    if written is None:
        return np.zeros(layer.data.shape[:2], dtype=bool)
    edited: np.ndarray = (np.asarray(layer.data) != written).any(axis=(2, 3))
    return edited


def corrected_before(layer: Labels) -> np.ndarray:
    """In which slices the labels were corrected before they were brought back, shape (T, Z)."""
    corrected = state_of(layer).corrected
    return np.zeros(layer.data.shape[:2], dtype=bool) if corrected is None else corrected


def slices_of_lines(layer: Labels, acquisition: Acquisition) -> np.ndarray:
    """In which slices the labels are not kept from other lines than the last run's, (T, Z)."""
    own = np.ones(layer.data.shape[:2], bool)
    for one in state_of(layer).kept:
        if one.acquisition != acquisition:
            own[tuple(np.transpose(one.slices))] = False
    return own


def is_corrected(layer: Labels, frame: int, z: int) -> bool:
    """Whether the user has changed what the model wrote into a slice, now or before."""
    written = state_of(layer).written
    if corrected_before(layer)[frame, z]:
        return True
    return written is not None and not np.array_equal(layer.data[frame, z], written[frame, z])


def how_kept(layer: Labels, frame: int, z: int) -> str:
    """Say why the last run has left a slice as it was; empty where it has not."""
    state = state_of(layer)
    if not any((frame, z) in one.slices for one in state.kept):
        return ""
    return f"kept as you {'corrected' if is_corrected(layer, frame, z) else 'accepted'} it"


def held_in(layer: Labels) -> Reading | None:
    """ED and ES that stay where they were before the labels of a layer were corrected."""
    return state_of(layer).held


def hold(layer: Labels, held: Reading | None) -> None:
    """Keep ED and ES of a layer whose labels are corrected."""
    note(layer, held=held)


def provenance_of(layer: Labels) -> Provenance:
    """What the labels of a layer were made from, and which slices were corrected since."""
    state = state_of(layer)
    corrected = edited_slices(layer) | corrected_before(layer)
    start = state.scan.labels if state.role == "labels" and state.scan is not None else None
    if start is not None:
        corrected = corrected | (np.asarray(layer.data) != start).any(axis=(2, 3))
    places = tuple((int(t), int(z)) for t, z in np.argwhere(corrected))
    return state.source.model_copy(update={"corrected": places, "kept": state.kept})


def note_source(layer: Labels, source: Provenance) -> None:
    """Keep what the labels of a layer were made from."""
    note(layer, source=source)


def mark_old(
    layer: Layer, old: str, *, is_corrected: bool = False, in_colour: bool = False
) -> bool:
    """Show labels in grey, and keep what a layer is of, while that is not what is there now.

    Parameters
    ----------
    layer : Layer
        Labels of a model, scar, differences, or a part of a style.
    old : str
        What it was made from; empty where that is what is chosen, or there, now.
    is_corrected : bool
        Whether somebody is correcting the labels: they stay pale, so that structures can be told.
    in_colour : bool
        Whether the labels are not shown in grey all the same.

    Returns
    -------
    bool
        Whether it was not so already.
    """
    changed = state_of(layer).old != old
    if changed:
        note(layer, old=old)
    if isinstance(layer, Labels):
        fresh = DIFFERENCE_COLORMAP if role_of(layer) == "difference" else LABEL_COLORMAP
        grey = FADED_COLORMAP if is_corrected else OLD_COLORMAP
        wanted = grey if old and not in_colour else fresh
        if layer.colormap is not wanted:
            layer.colormap = wanted
    return changed


def predictions(viewer: Any, scan: Scan | None) -> list[Labels]:
    """Layers with labels of models, as long as they are the models'."""
    return [one for one in labels_layers(viewer, scan) if role_of(one) == "prediction"]


def made_by_models(viewer: Any, scan: Scan | None) -> list[Labels]:
    """Layers with labels that models made, those that were corrected since as well.

    And those marked as old in which an undo has left no labels of a model.
    """
    return [one for one in labels_layers(viewer, scan) if _is_of_model(state_of(one))]


def _is_of_model(state: LayerState) -> bool:
    is_marked = bool(state.old) and state.role in ("prediction", "drawn")
    return state.source.acquisition is not None or is_marked


def show_labels_of(viewer: Any, scan: Scan | None, model: str) -> None:
    """Show the labels of one model, or what else is topmost, and hide the other labels."""
    on_grid = labels_layers(viewer, scan)
    shown = find_prediction(viewer, scan, model) or (on_grid[0] if on_grid else None)
    for layer in on_grid:
        layer.visible = layer is shown
