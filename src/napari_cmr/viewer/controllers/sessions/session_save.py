"""Writes what a window shows: a session file, and a report of the labels that are measured."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import ref

import numpy as np
from napari.layers import Image
from napari.utils.notifications import show_info, show_warning
from qtpy.QtCore import QObject

import napari_cmr
from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, Scan, ScanError, file_stem
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.derived_snapshot import DerivedSnapshot, derived_snapshot
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.results import LIVE
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance
from napari_cmr.workflow.reconstruct.quality import MethodQuality
from napari_cmr.workflow.segment.chain import parted_name
from napari_cmr.workflow.session.file import (
    ENDING,
    FORMAT,
    VERSION,
    LayerView,
    SavedLabels,
    SavedView,
    SessionFile,
    write_session,
)
from napari_cmr.workflow.session.record import ModelReference


@dataclass(frozen=True, eq=False)
class ShownLabels:
    """Labels of a layer at one moment, and what they were made from.

    Attributes
    ----------
    base : ndarray or None
        Labels of the model, or the reference that came with the scan.
    model : str or None
    """

    name: str
    labels: np.ndarray
    accepted: np.ndarray
    base: np.ndarray | None = None
    model: str | None = None
    acquisition: Acquisition | None = None
    device: str | None = None
    threads: int | None = None
    precision: Literal["float32"] | None = None
    made_from: Provenance = NO_MODEL

    @property
    def origin(self) -> str:
        """What they began from: nothing, the reference or a model."""
        if self.base is None:
            return "empty"
        return "reference" if self.model is None else "model"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A window at one moment; nothing in it changes any more."""

    scan: Scan
    acquisition: Acquisition
    reading: Reading
    labels: tuple[ShownLabels, ...]
    measured: int | None
    view: SavedView
    derived: DerivedSnapshot
    reconstructions: tuple[MethodQuality, ...]


def snapshot(viewer: Any, session: Session, *, is_segmenting: bool) -> Snapshot:
    """Take down what a window shows.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    is_segmenting : bool
        Whether a model is at work.

    Raises
    ------
    ScanError
        If no scan is open, a model is at work, or a layer holds numbers that are no labels.
    """
    scan = session.scan
    if scan is None:
        raise ScanError("there is nothing to save", remedy="open a scan first")
    if is_segmenting:
        raise ScanError(
            "a model is at work, and its labels are still changing",
            remedy="wait until it is through, or cancel it, then save",
        )
    on_grid = [
        layer
        for layer in reversed(layers.labels_layers(viewer, scan))  # as they lie, from below
        if layer is session.labels_layer or not layers.is_found_scar(layer)  # found again
    ]
    measured = next((i for i, one in enumerate(on_grid) if one is session.labels_layer), None)
    return Snapshot(
        scan=scan,
        acquisition=session.acquisition,
        reading=session.measured_reading,
        labels=tuple(_labels(session, scan, layer) for layer in on_grid),
        measured=measured,
        view=_view(viewer, session, scan),
        derived=derived_snapshot(session.derived, on_grid),
        reconstructions=session.reconstructions.summary(),
    )


def _labels(session: Session, scan: Scan, layer: Any) -> ShownLabels:
    data = np.asarray(layer.data)
    if data.min() < 0 or data.max() > max(Label):
        raise ScanError(
            f"the layer {layer.name!r} holds the number {int(data.max())}, which is no label",
            remedy=f"labels are 0 to {max(Label):d}: correct or remove the layer, then save",
        )
    labels = data.astype(np.uint8)  # a copy: the user may go on drawing
    accepted = layers.accepted(layer)
    model, made = layers.model_of(layer), layers.provenance_of(layer)
    result = session.run_of(model or "").result
    saw_image = parted_name(model or "")[1] is not None
    # A run that was stopped leaves labels that are its own in part: they are no model's to replay.
    is_own = result is not None and made.is_whole and made.acquisition == result.acquisition
    if result is not None and result.labels is not None and is_own and not saw_image:
        return ShownLabels(
            layer.name,
            labels,
            accepted,
            base=result.labels,
            model=model,
            acquisition=result.acquisition,
            device=result.device or None,
            threads=result.threads,
            precision=result.precision,
            made_from=made,
        )
    if layers.holds_reference(layer) and layers.scan_of(layer) is scan:
        return ShownLabels(layer.name, labels, accepted, scan.labels, made_from=made)
    return ShownLabels(layer.name, labels, accepted, made_from=made)


def _view(viewer: Any, session: Session, scan: Scan) -> SavedView:
    shown = []
    for layer in viewer.layers:
        limits = layer.contrast_limits if isinstance(layer, Image) else None
        if layers.scan_of(layer) is scan or layer in layers.labels_layers(viewer, scan):
            shown.append(
                LayerView(
                    role=layers.role_of(layer) or "other",
                    name=layer.name[:200] or "layer",
                    visible=bool(layer.visible),
                    opacity=float(layer.opacity),
                    contrast_limits=None
                    if limits is None
                    else (float(limits[0]), float(limits[1])),
                )
            )
    camera = viewer.scene.camera
    return SavedView(
        frame=layers.frame_on_screen(viewer, scan),
        slice=layers.slice_on_screen(viewer, scan),
        picture=session.picture,
        zoom=float(camera.zoom),
        centre=(float(camera.center[-2]), float(camera.center[-1])),
        layers=tuple(shown),
        models=session.chosen,
        methods=session.reconstructions.chosen,
        settings={name: dict(one) for name, one in session.reconstructions.settings.items()},
        side_by_side=session.reconstructions.side_by_side,
        overlay=session.reconstructions.overlay,
    )


def session_of(taken: Snapshot, path: Path) -> SessionFile:
    """Session file, to be written to ``path``, of a snapshot. Takes a second: not in the window.

    Raises
    ------
    ScanError
        If the scan could not be found again.
    """
    from napari_cmr.workflow.session.scan_link import reference_to

    saved, models = _saved_labels(taken)
    return SessionFile(
        format=FORMAT,
        version=VERSION,
        written_by=napari_cmr.__version__,
        scan=reference_to(taken.scan, path),
        acquisition=taken.acquisition,
        models=models,
        labels=saved,
        measured=taken.measured,
        reading=taken.reading,
        scar=taken.derived.scar,
        comparison=taken.derived.comparison,
        styles=taken.derived.styles,
        view=taken.view,
    )


def _saved_labels(
    taken: Snapshot,
) -> tuple[tuple[SavedLabels, ...], tuple[ModelReference, ...]]:
    """Labels as a session file keeps them, and the models that made them."""
    from napari_cmr.zoo import default_choice

    finder = default_choice("heart")
    models: dict[str, ModelReference] = {}
    saved = []
    for one in taken.labels:
        made = one.made_from
        if one.model is not None:
            for name, digest in made.weights.items():
                preset = finder.preset if name == finder.name else made.preset or LIVE
                models[name] = ModelReference(name=name, preset=preset, sha256=digest)
        saved.append(
            SavedLabels.of(
                one.name,
                one.labels,
                one.base,
                model=one.model,
                acquisition=one.acquisition,
                device=one.device,
                threads=one.threads,
                precision=one.precision,
                accepted=one.accepted,
                made_from=made,
            )
        )
    return tuple(saved), tuple(models.values())


Saved = tuple[Path, tuple[str, ...]]
"""What was written, and what was left out of it."""


def _write_session(taken: Snapshot, path: Path) -> Generator[Saved, None, None]:
    session = session_of(taken, path)
    write_session(path, session, inputs=[taken.scan.source], overwrite=True)  # asked before
    yield path, taken.derived.left_out


def _write_report(taken: Snapshot, path: Path) -> Generator[Saved, None, None]:
    from napari_cmr.workflow.report.content import ReportContent
    from napari_cmr.workflow.report.page import save_report
    from napari_cmr.workflow.report.sources import label_sources

    if taken.measured is None:
        raise ScanError("there are no labels to report", remedy="segment the scan or draw labels")
    one = taken.labels[taken.measured]
    drawn = np.flatnonzero(one.labels.any(axis=(1, 2, 3))).tolist()
    is_reference = one.base is not None and one.model is None
    whole = taken.scan.labelled_frames if is_reference else ()
    scar = taken.derived.scar
    content = ReportContent(
        taken.scan,
        one.labels,
        f"layer {one.name}",
        tuple(sorted({*whole, *drawn})),
        made_from=one.made_from,
        accepted=tuple((int(t), int(z)) for t, z in np.argwhere(one.accepted)),
        edited_voxels=int((one.labels != one.base).sum()) if one.base is not None else None,
        reading=taken.reading,
        derived=taken.derived.results,
        reconstructions=taken.reconstructions,
        scar_labels="" if scar is None else taken.labels[scar.labels].name,
        sources=label_sources(
            {shown.name: (shown.made_from, shown.origin) for shown in taken.labels}, taken.scan
        ),
    )
    save_report(path, content, overwrite=True)  # the user was asked before
    yield path, taken.derived.left_out


class Keeper(QObject):
    """Saves sessions and reports of one viewer in the background."""

    def __init__(self, viewer: Any, session: Session, is_segmenting: Callable[[], bool]) -> None:
        super().__init__()
        self._viewer = ref(viewer)
        self._session, self._is_segmenting = session, is_segmenting
        self.job = LatestJob("Saving", self._on_saved, self)

    def save_session(self, path: Path) -> None:
        """Write a session file.

        Raises
        ------
        ScanError
            If there is nothing to save; what goes wrong later becomes a message.
        """
        self._save(_write_session, path)

    def save_report(self, path: Path) -> None:
        """Write a report of the labels that are measured.

        Raises
        ------
        ScanError
            If there is nothing to report; what goes wrong later becomes a message.
        """
        self._save(_write_report, path)

    def snapshot(self) -> Snapshot:
        """Take down what the window shows now, see :func:`snapshot`."""
        return snapshot(self._viewer(), self._session, is_segmenting=self._is_segmenting())

    def _save(self, work: Any, path: Path) -> None:
        if self._viewer() is not None:
            self.job.request(work, self.snapshot(), path)

    def _on_saved(self, saved: Saved) -> None:
        path, left_out = saved
        if left_out:
            show_warning(
                f"Saved {path}, without results that are out of date: {'; '.join(left_out)}. "
                "Open their tabs, which make them again, and save once more."
            )
        else:
            show_info(f"Saved {path}")


def suggested_path(scan: Scan, ending: str = ENDING) -> Path:
    """Where a file about a scan is expected: beside it, under its name."""
    folder = Path() if scan.source is None else scan.source.parent
    return folder / f"{file_stem(scan)}{ending}"
