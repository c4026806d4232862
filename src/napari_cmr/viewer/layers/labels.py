"""Layers of labels: to draw in, of the reference, and written by models."""

from typing import Any

import numpy as np
from napari.layers import Labels, Layer

from napari_cmr.analysis import Reading
from napari_cmr.scan import Label, Scan
from napari_cmr.viewer.core.corrections import parted
from napari_cmr.viewer.core.label_marks import digests_of
from napari_cmr.viewer.layers.common import (
    find,
    forget_steps,
    has_tiles,
    labels_layers,
    labels_tuple,
)
from napari_cmr.viewer.layers.state import (
    is_accepted,
    is_edited,
    note,
    role_of,
    scan_of,
    state_of,
)
from napari_cmr.workflow.edit.annotation_files import KnownOfLabels
from napari_cmr.workflow.edit.provenance import Provenance


def holds_reference(layer: Layer | None) -> bool:
    """Whether a layer was made for the reference labels of its scan."""
    scan = None if layer is None else scan_of(layer)
    return scan is not None and scan.labels is not None and role_of(layer) == "labels"


def add_empty_labels(viewer: Any, scan: Scan) -> Labels:
    """Add a labels layer to draw in, with the left ventricle under the brush."""
    return add_drawn_labels(viewer, scan, np.zeros(scan.shape, dtype=np.uint8), "Drawn labels")


def add_drawn_labels(
    viewer: Any,
    scan: Scan,
    labels: np.ndarray,
    name: str,
    made: Provenance | None = None,
    *,
    held: Reading | None = None,
) -> Labels:
    """Add labels that the user has drawn, to draw on.

    Unless there is nothing in them yet, other labels are hidden: two over each other look like one.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    labels : ndarray of uint8, shape (T, Z, Y, X)
    name : str
    made : Provenance, optional
        What they were made from, where they are brought back.
    held : Reading, optional
        ED and ES of before they were corrected.
    """
    layer = Layer.create(*labels_tuple(scan, labels, name, "drawn"))
    note(layer, held=held)
    if made is not None:
        _note_provenance(layer, made)
    viewer.add_layer(layer)
    if labels.any():
        _hide_others(viewer, scan, layer)
    layer.selected_label = int(Label.LV)
    layer.brush_size = 6
    return layer


def add_saved_labels(
    viewer: Any, scan: Scan, labels: np.ndarray, name: str, known: KnownOfLabels | None = None
) -> Labels:
    """Add labels as they lie on disk, in place of those on screen; nothing in them is unsaved.

    Parameters
    ----------
    viewer : napari.Viewer
    scan : Scan
    labels : ndarray of uint8, shape (T, Z, Y, X)
    name : str
    known : KnownOfLabels, optional
        What lies beside their file.
    """
    for other in labels_layers(viewer, scan):
        other.visible = has_tiles(viewer, scan) and other.visible
    layer = Layer.create(*labels_tuple(scan, labels, name, "drawn"))
    note(
        layer,
        written=labels.copy(),
        saved=digests_of(labels),
        saved_accepted=np.zeros(labels.shape[:2], bool),
    )
    if known is not None:
        _note_provenance(layer, known.made)
        held = parted(known.reading)[1]
        note(layer, accepted=known.accepted, saved_accepted=known.accepted.copy(), held=held)
    viewer.add_layer(layer)
    return layer


def _note_provenance(layer: Labels, made: Provenance) -> None:
    """Keep with labels that are brought back what they had been made from."""
    corrected = np.zeros(layer.data.shape[:2], dtype=bool)
    for t, z in made.corrected:
        if t < corrected.shape[0] and z < corrected.shape[1]:
            corrected[t, z] = True
    source = made.model_copy(update={"corrected": (), "kept": ()})
    note(layer, source=source, corrected=corrected, kept=made.kept)


def start_painting(viewer: Any, layer: Labels) -> None:
    """Select a labels layer with the brush in hand."""
    viewer.layers.selection.active = layer
    layer.mode = "paint"


def paint_with(viewer: Any, layer: Labels, label: Label) -> None:
    """Take a brush of a label in hand; of the background, the eraser."""
    viewer.layers.selection.active = layer
    layer.visible = True
    if label == Label.BACKGROUND:
        layer.mode = "erase"
    else:
        layer.selected_label = int(label)
        layer.mode = "paint"


def stop_painting(viewer: Any, layer: Labels, scan: Scan | None) -> None:
    """Put the brush away, so that a drag moves the picture."""
    layer.mode = "pan_zoom"
    image = find(viewer, scan, "image")
    if image is not None:
        viewer.layers.selection.active = image


def brush_of(viewer: Any, layer: Labels) -> Label | None:
    """What is under the brush: a label, the background for the eraser, None for no brush."""
    if viewer.layers.selection.active is not layer or layer.mode not in {"paint", "erase", "fill"}:
        return None
    number = 0 if layer.mode == "erase" else layer.selected_label
    return Label(number) if number in set(Label) else None


def model_of(layer: Layer | None) -> str | None:
    """Model whose labels a layer holds, as long as they are the model's."""
    state = state_of(layer)
    return state.model if state.role == "prediction" else None


def find_prediction(viewer: Any, scan: Scan | None, model: str) -> Labels | None:
    """Layer with the labels of one model, as long as they are the model's."""
    for layer in reversed(viewer.layers):
        of_scan = scan is not None and scan_of(layer) is scan
        if of_scan and role_of(layer) == "prediction" and state_of(layer).model == model:
            return layer
    return None


def prediction_layer(viewer: Any, scan: Scan, model: str) -> Labels:
    """Layer for the labels of a model, made above the others when it is first asked for."""
    layer = find_prediction(viewer, scan, model)
    if layer is None:
        layer = Layer.create(
            *labels_tuple(scan, np.zeros(scan.shape, dtype=np.uint8), model, "prediction")
        )
        note(layer, model=model, written=layer.data.copy())
        active = viewer.layers.selection.active
        viewer.add_layer(layer)
        viewer.layers.selection.active = active
        _hide_others(viewer, scan, layer)
    return layer


def _hide_others(viewer: Any, scan: Scan, layer: Labels) -> None:
    """Leave one layer of labels on screen, where models do not stand side by side."""
    if not has_tiles(viewer, scan):
        for other in labels_layers(viewer, scan):
            if other is not layer:
                other.visible = False


def unedited_prediction(viewer: Any, scan: Scan, model: str) -> Labels:
    """Layer of a model that the user has neither drawn in nor accepted; others are theirs."""
    layer = find_prediction(viewer, scan, model)
    edited = layer is not None and is_edited(layer)
    if layer is not None and (edited or is_accepted(layer)):
        layer.name = f"{layer.name} ({'edited' if edited else 'accepted'})"
        note(layer, role="drawn")
        layer.visible = False
    return prediction_layer(viewer, scan, model)


def show_prediction(
    viewer: Any,
    scan: Scan,
    z: int,
    labels: np.ndarray,
    *,
    name: str,
    source: Provenance,
) -> Labels:
    """Write a model's labels ``(T, Y, X)`` of one slice into its prediction layer.

    Made for a model that follows a slider: nothing of it can be undone, nor what was done before.
    Labels that the user has changed or accepted are theirs: that layer is kept under another name,
    and the model gets a new one. What the user has asked for once goes through
    :func:`~napari_cmr.viewer.layers.write_labels` instead.
    """
    layer = unedited_prediction(viewer, scan, name)
    _write(layer, (slice(None), z), labels, source)
    # also for slices that are not on screen: it is how napari tells others of new labels
    layer.refresh(thumbnail=False, highlight=False, extent=False)
    return layer


def show_frames(
    viewer: Any,
    scan: Scan,
    place: tuple[tuple[int, ...], int],
    labels: np.ndarray,
    *,
    name: str,
    source: Provenance,
) -> None:
    """Write a model's labels ``(F, Y, X)`` of (frames, slice), ahead of the rest of the slice."""
    layer = unedited_prediction(viewer, scan, name)
    _write(layer, (list(place[0]), place[1]), labels, source)
    layer.refresh(thumbnail=False, highlight=False, extent=False)


def _write(layer: Labels, where: Any, labels: np.ndarray, source: Provenance) -> None:
    state = state_of(layer)
    if state.source != source:
        forget_steps(layer)
        note(layer, source=source, earlier=(), kept=())
    layer.data[where] = labels
    if state.written is not None:
        state.written[where] = labels
