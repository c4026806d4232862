"""Volumes and ejection fractions of the labels layer, kept up to date with its labels."""

import zlib
from collections.abc import Generator
from typing import Any
from weakref import ref

import numpy as np
from superqt.utils import qdebounced, qthrottled

from napari_cmr.analysis import CardiacFunction, Reading
from napari_cmr.analysis.function import function_from_counts, with_places
from napari_cmr.analysis.papillary import fill_cavity
from napari_cmr.analysis.volumes import voxel_counts
from napari_cmr.analysis.withheld import withheld_function
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.corrections import (
    Corrections,
    PhaseOffer,
    held_by,
    offers_of,
    with_held,
)
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.measure.function import measure_scan, no_volumes

EDIT_MS, STEP_MS = 40, 300
"""Wait before labels are looked at again: after an edit, and after a step of a slider, which
napari announces in the same way as an undo."""

Found = tuple[int, CardiacFunction | None, Corrections]


class LiveFunction:
    """Measures the session's labels layer whenever its labels, or the reading, change."""

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._digest: int | None = None
        self._written = False  # since the last measurement began
        self._may_hold = True  # ED and ES of the last measurement
        self._is_due = False
        self._labels: Any = None
        self.job = LatestJob("Measuring", self._on_measured)
        self.reference_job = LatestJob("Measuring the reference", session.set_reference)
        self._after_edit = qthrottled(self._measure, timeout=EDIT_MS, leading=False)
        self._after_step = qdebounced(self._measure, timeout=STEP_MS)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)
        session.labels_layer_changed.connect(self._on_labels_layer)
        session.reading_changed.connect(self._on_reading)
        session.held_changed.connect(self._on_held)

    @property
    def is_busy(self) -> bool:
        """Whether numbers are not yet those of the labels, or may change again."""
        return (
            self.session.measuring
            or self._is_due
            or self.job.is_running
            or self.reference_job.is_running
        )

    def hold(self) -> None:
        """Let a measurement wait: somebody works on the labels that are on screen."""
        if self.session.measuring and self.session.labels_layer is not None:
            self.job.cancel()
            self._measure_after_step()

    def labels_written(self) -> None:
        """Measure soon: a program changed the labels, and napari is silent on hidden layers."""
        if self.session.labels_layer is None:
            return  # it would be waited for without end
        self._written = True
        self.session.set_measuring()
        self._measure_after_step()

    def close(self) -> None:
        """Stop all work."""
        self._forget_what_is_due()
        self.job.cancel()
        self.reference_job.cancel()

    # -- layers come and go -----------------------------------------------------------------------

    def _on_inserted(self, event: Any) -> None:
        if layers.role_of(event.value) != "image":
            self.choose_layer()

    def _on_removed(self, event: Any) -> None:
        if event.value is self.session.labels_layer:
            self.session.set_labels_layer(None)
            self.choose_layer()

    def choose_layer(self) -> None:
        """Measure the topmost labels on the scan's grid where none are measured."""
        viewer = self._viewer()
        if viewer is None or self.session.labels_layer is not None:
            return
        on_grid = layers.label_sets(viewer, self.session.scan)
        if on_grid:
            self.session.set_labels_layer(on_grid[0])

    def _on_labels_layer(self, layer: Any) -> None:
        old = None if self._labels is None else self._labels()
        if old is not None:
            old.events.set_data.disconnect(self._on_labels_shown)
            old.events.labels_update.disconnect(self._on_labels_edited)
        self._labels = None if layer is None else ref(layer)
        self._digest = None
        self.job.cancel()
        if layer is not None:
            layer.events.set_data.connect(self._on_labels_shown)
            layer.events.labels_update.connect(self._on_labels_edited)
            self._measure()

    # -- numbers follow the labels ----------------------------------------------------------------

    def _on_reading(self, reading: Reading) -> None:
        """Measure the same labels again, those of the reference too."""
        self._digest = None
        self._may_hold = False  # the user has just said what holds
        scan, layer = self.session.scan, self.session.labels_layer
        if layer is not None:
            layers.hold(layer, None)
        self.reference_job.cancel()
        if scan is None:
            return
        self._measure()
        if scan.labels is not None and self.session.reference is not None:
            self.reference_job.request(_measure_reference, scan, reading)

    def _on_held(self) -> None:
        layers.hold(self.session.labels_layer, self.session.corrections.held)
        self._digest = None
        self._measure()

    def _on_labels_edited(self, event: Any = None) -> None:
        self._is_due = True
        self._after_edit()

    def _on_labels_shown(self, event: Any = None) -> None:
        # An undo looks like this, but so does every step of a slider: look when it is quiet.
        self._measure_after_step()

    def _measure_after_step(self) -> None:
        self._is_due = True
        self._after_step()

    def _forget_what_is_due(self) -> None:
        self._is_due = False
        self._after_edit.cancel()
        self._after_step.cancel()

    def _measure(self) -> None:
        self._forget_what_is_due()
        scan, layer = self.session.scan, self.session.labels_layer
        if scan is None or layer is None:
            return
        self._written = False
        # A measurement that is under way may be replaced by this one: then nothing is known yet.
        is_open = self.session.measuring or self.job.is_running
        labels, digest = layer.data, None if is_open else self._digest
        own = layers.scan_of(layer) is scan and scan.labels is not None
        labelled = scan.labelled_frames if own else ()
        before = self.session.function if self._may_hold else None
        held = layers.held_in(layer)
        start, corrected = layers.origin_of(layer).start, layers.corrected_before(layer)
        wanted = (self.session.reading, start, corrected, held, before)
        self.job.request(_measure_if_changed, labels, scan, labelled, digest, wanted)

    def _on_measured(self, result: Found | None) -> None:
        session, layer = self.session, self.session.labels_layer
        if result is None:
            session.set_measuring()
            return
        if self._written:
            return  # of labels that are no more; the next measurement is due
        if layers.settle_source(layer):
            session.labels_settled.emit()
            self._digest = None
            self._measure()  # what counts as corrected is other slices now
            return
        # Only now: a run that is replaced before it has measured must be made up for.
        self._digest, function, corrections = result
        self._may_hold = True
        # What is measured first is the reference, before anybody can have edited it.
        is_reference = session.reference is None and layers.holds_reference(layer)
        layers.hold(layer, corrections.held)
        source = layers.source_of(layer)
        session.set_function(function, source, corrections, is_reference=is_reference)


def _measure_if_changed(
    labels: np.ndarray,
    scan: Scan,
    labelled: tuple[int, ...],
    digest: int | None,
    wanted: tuple[Reading, np.ndarray | None, np.ndarray, Reading | None, CardiacFunction | None],
) -> Generator[Found | None, None, None]:
    """If the labels are not those of ``digest``, yield None, then theirs, function, corrections.

    ``wanted`` is the user's reading, the labels as they were given, the slices that were corrected
    before that, ED and ES that are held, and the measurement before, whose ED and ES are held once
    something was corrected.
    """
    reading, start, corrected, held, before = wanted
    labels = np.ascontiguousarray(labels)
    new = zlib.crc32(labels.data)
    if new == digest:
        return
    yield None
    edited = corrected if start is None else corrected | (labels != start).any((2, 3))
    if not edited.any():
        held = None
    elif held is None and before is not None:
        held = held_by(before)
    counts = voxel_counts(fill_cavity(labels) if reading.papillary_in_blood else labels)
    drawn = np.flatnonzero(counts[:, :, 1:].any(axis=(1, 2)))
    frames = sorted({*labelled, *drawn.tolist()})
    if drawn.size == 0:
        yield new, None, Corrections(edited, held)
        return
    if scan.is_long_axis:
        withheld = withheld_function(scan.n_frames, frames, no_volumes(scan))
        yield new, withheld, Corrections(edited, held)
        return
    counted = function_from_counts(
        counts,
        scan.geometry,
        cycle_ms=scan.cycle_ms,
        subject=scan.subject,
        frames=frames,
        marked_ed=scan.ed_frame,
        marked_es=scan.es_frame,
        reading=with_held(reading, held),
    )
    function = with_places(counted, labels, scan.geometry)
    offers: tuple[PhaseOffer, ...] = ()
    if held is not None:
        offers = offers_of(scan, reading, held, function)
    yield new, function, Corrections(edited, held, offers)


def _measure_reference(scan: Scan, reading: Reading) -> Generator[CardiacFunction, None, None]:
    yield measure_scan(scan, reading=reading)
