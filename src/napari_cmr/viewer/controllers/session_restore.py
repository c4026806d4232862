"""Shows a session file again: scan, lines, labels with their edits, and what was looked at."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from napari.utils.notifications import show_warning

from napari_cmr.analysis import CardiacFunction
from napari_cmr.scan import Scan, ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.readouts import follow, live_of
from napari_cmr.viewer.controllers.segmentation import segmentation_of
from napari_cmr.viewer.controllers.segmentation_jobs import LabelledStack
from napari_cmr.viewer.core.session import ModelResult
from napari_cmr.workflow.session.file import LayerView, SavedLabels, SessionFile


@dataclass(frozen=True, eq=False)
class RestoredLabels:
    """Labels of a session as arrays, and for those of a model what it measured."""

    saved: SavedLabels
    base: np.ndarray
    labels: np.ndarray
    result: ModelResult | None = None


@dataclass(frozen=True, eq=False)
class LoadedSession:
    """All that is needed to show a session, read and checked.

    Attributes
    ----------
    path : Path
    session : SessionFile
    scan : Scan
    labels : tuple of RestoredLabels
    reference : CardiacFunction or None
        Of the labels that came with the scan.
    doubts : tuple of str
        Why new runs of its models would not give the same.
    """

    path: Path
    session: SessionFile
    scan: Scan
    labels: tuple[RestoredLabels, ...]
    reference: CardiacFunction | None
    doubts: tuple[str, ...]


def load(path: Path) -> Generator[LoadedSession, None, None]:
    """Read a session, its scan and its labels; no model is run.

    Raises
    ------
    ScanError
        If the session, its scan or its reference labels are not what they were.
    """
    from napari_cmr.workflow.measure.function import measure_scan
    from napari_cmr.workflow.session.file import read_session
    from napari_cmr.workflow.session.replay import check_on_scan, check_reference, check_weights
    from napari_cmr.workflow.session.scan_link import open_session_scan

    session = read_session(path)
    scan = open_session_scan(session.scan, path).with_()  # another one: a sample may be open
    check_on_scan(session, scan)
    restored = []
    for one in session.labels:
        base = one.base_labels(scan.shape)
        if one.origin == "reference":
            check_reference(base, scan)
        result = None
        if one.model is not None and one.acquisition is not None:
            measured = measure_scan(scan, labels=base, reading=session.reading)
            result = ModelResult(one.model, one.acquisition, measured, device=one.device or "cpu")
        restored.append(RestoredLabels(one, base, one.labels(scan.shape), result))
    doubts = []
    for model in session.models:
        try:
            check_weights(model)
        except ScanError as error:
            doubts.append(error.problem)
    reference = None
    if scan.labels is not None:
        reference = measure_scan(scan, reading=session.reading)
    yield LoadedSession(path, session, scan, tuple(restored), reference, tuple(doubts))


def restore(viewer: Any, loaded: LoadedSession) -> None:
    """Show a session in a viewer, in place of what is open."""
    session, saved, scan = follow(viewer), loaded.session, loaded.scan
    segmentation = segmentation_of(viewer)
    segmentation.set_follows(False)
    layers.show_scan(viewer, scan)
    if loaded.reference is not None:
        session.set_function(loaded.reference, is_reference=True)
    session.set_reading(saved.reading)
    session.set_acquisition(
        **{name: getattr(saved.acquisition, name) for name in type(saved.acquisition).model_fields}
    )
    segmentation.set_models(saved.view.models)
    reference = layers.find(viewer, scan, "labels")
    made = [_show_labels(viewer, loaded, one) for one in loaded.labels]
    if reference is not None and reference not in made:
        viewer.layers.remove(reference)
    measured = None if saved.measured is None else made[saved.measured]
    session.set_labels_layer(measured)
    live_of(viewer).labels_written()
    session.set_picture(saved.view.picture)
    _show_view(viewer, loaded)
    if loaded.doubts:
        show_warning(
            "The labels are those that were saved, but a new run would give others: "
            + "; ".join(loaded.doubts)
            + "."
        )


def _show_labels(viewer: Any, loaded: LoadedSession, one: RestoredLabels) -> Any:
    scan, saved = loaded.scan, one.saved
    layer = layers.find(viewer, scan, "labels") if saved.origin == "reference" else None
    if one.result is not None:
        stack = LabelledStack(
            scan,
            one.base,
            one.result,
            loaded.session.reading,
            warnings=(),
            in_steps=False,
            threads=saved.threads,
            precision=saved.precision,
        )
        layer = segmentation_of(viewer).show_stack(stack)
    if layer is None:
        layer = layers.add_drawn_labels(viewer, scan, one.labels, saved.name)
    else:
        layers.write_labels(layer, one.labels)  # one step: an undo shows what the model gave
    layer.name = saved.name
    if saved.accepted:
        marks = np.zeros(scan.shape[:2], dtype=bool)
        marks[tuple(np.transpose(saved.accepted))] = True
        layers.set_accepted(layer, marks)
    return layer


def _show_view(viewer: Any, loaded: LoadedSession) -> None:
    session, scan, view = follow(viewer), loaded.scan, loaded.session.view
    layers.go_to(viewer, scan, frame=min(view.frame, scan.n_frames - 1), z=view.slice)
    camera = viewer.scene.camera
    if view.zoom is not None and view.centre is not None:
        camera.zoom = view.zoom
        camera.center = (*camera.center[:-2], *view.centre)
    layers.restore_views(viewer, scan, view.layers)
    computed_later = [one for one in view.layers if one.role in ("zero_filled", "temporal_average")]
    if computed_later:
        _once_computed(viewer, session, scan, computed_later)


def _once_computed(viewer: Any, session: Any, scan: Scan, views: list[LayerView]) -> None:
    """Set the window of pictures that are made only after the first slice was computed."""

    def apply() -> None:
        session.slices_computed.disconnect(apply)
        if session.scan is scan:
            layers.restore_views(viewer, scan, views)

    session.slices_computed.connect(apply)
