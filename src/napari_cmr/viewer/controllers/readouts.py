"""Keeps pictures and numbers of a viewer up to date with its session and its layers."""

import zlib
from collections.abc import Callable, Generator
from threading import Event
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from napari.utils.notifications import show_info
from qtpy.QtCore import QTimer

from napari_cmr.analysis import CardiacFunction, Reading
from napari_cmr.analysis.function import function_from_counts
from napari_cmr.analysis.papillary import fill_cavity
from napari_cmr.analysis.volumes import voxel_counts
from napari_cmr.analysis.withheld import withheld_function
from napari_cmr.kspace import Acquisition, Measured
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob, is_unwanted
from napari_cmr.viewer.core.session import Picture, Session, session_for, unwrapped
from napari_cmr.workflow.measure.function import measure_scan, no_volumes

HOLD_S, LOOK_S = 2.0, 0.02
"""For so long the rest of a stack waits for work on the slice on screen, and looks in between."""

EDIT_MS, STEP_MS = 40, 300
"""Wait before labels are looked at again: after an edit, and after a step of a slider, which
napari announces in the same way as an undo."""


class Live:
    """Connects one viewer, its session and the background jobs."""

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._slice = 0  # read by the thread that computes: the slice on screen comes first
        self._digest: int | None = None
        self._written = False  # since the last measurement began
        self._labels: Any = None
        self._go_on = Event()  # cleared while slices that are not on screen have to wait
        self._go_on.set()
        self.acquiring = LatestJob("Undersampling", self._on_undersampled)
        self.measuring = LatestJob("Measuring", self._on_measured)
        self.measuring_reference = LatestJob("Measuring the reference", session.set_reference)
        self._select = QTimer()
        self._select.setSingleShot(True)
        self._select.timeout.connect(self._select_image)
        self._look_again = QTimer()
        self._look_again.setSingleShot(True)
        self._look_again.timeout.connect(self._measure)

        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self._on_acquisition)
        session.picture_changed.connect(self._on_picture)
        session.labels_layer_changed.connect(self._on_labels_layer)
        session.reading_changed.connect(self._on_reading)
        for layer in list(viewer.layers):
            self._adopt(viewer, layer)

    @property
    def is_busy(self) -> bool:
        """Whether pictures or numbers are not yet those of the session, or may change again."""
        return (
            self.session.measuring
            or self.acquiring.is_running
            or self.measuring.is_running
            or self.measuring_reference.is_running
            or self._look_again.isActive()
        )

    def hold_rest(self) -> None:
        """Let all wait that is not on screen: somebody works on the labels that are.

        Slices wait for :meth:`go_on`, measurements for those labels.
        """
        self._go_on.clear()
        if self.session.measuring and self.session.labels_layer is not None:
            self.measuring.cancel()
            self._look_again.start(STEP_MS)

    def go_on(self) -> None:
        """Let the rest of the stack come."""
        self._go_on.set()

    def close(self) -> None:
        """Stop all work."""
        self.go_on()
        self._look_again.stop()
        self.acquiring.cancel()
        self.measuring.cancel()
        self.measuring_reference.cancel()

    # -- layers come and go -----------------------------------------------------------------------

    def _on_inserted(self, event: Any) -> None:
        viewer = self._viewer()
        if viewer is not None:
            self._adopt(viewer, event.value)

    def _adopt(self, viewer: Any, layer: Any) -> None:
        """Take the scan of a new image layer; measure the first labels on its grid."""
        scan, role = layers.scan_of(layer), layers.role_of(layer)
        if scan is not None and role == "image" and scan is not self.session.scan:
            old = self.session.scan
            self.acquiring.cancel()  # what still comes would be of the old scan
            self.session.set_scan(scan)
            if old is not None:
                self._remove(viewer, old)
            layers.look_at_middle(viewer, scan)
            layers.write_notice(viewer, scan, self.session.mask)
            self._select.start()  # once its labels are there too: napari selects what comes last
        elif self.session.labels_layer is None:
            self._measure_some_layer(viewer)

    def _remove(self, viewer: Any, old: Scan) -> None:
        """Take a scan away; what a person drew on it and has not saved is kept on disk."""
        from napari_cmr.viewer.controllers.autosave import autosave_of

        autosave_of(viewer)  # it hears of the layers that go
        if layers.remove_scan(viewer, old):
            show_info(f"Unsaved labels of {old.name} are kept: open it again, and see Edit.")

    def _select_image(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            layers.select_for_looking(viewer, scan)

    def _on_removed(self, event: Any) -> None:
        viewer = self._viewer()
        scan = self.session.scan
        if viewer is None or scan is None:
            return
        if event.value is self.session.labels_layer:
            self.session.set_labels_layer(None)
            self._measure_some_layer(viewer)
        elif layers.scan_of(event.value) is scan and layers.role_of(event.value) == "image":
            self.close()
            self.session.set_scan(None)
            layers.write_notice(viewer, None, None)

    def _measure_some_layer(self, viewer: Any) -> None:
        on_grid = layers.labels_layers(viewer, self.session.scan)
        if on_grid:
            self.session.set_labels_layer(on_grid[0])

    # -- pictures follow the acquisition ----------------------------------------------------------

    def _on_step(self, event: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            self._slice = layers.slice_on_screen(viewer, scan)

    def _on_acquisition(self, acquisition: Acquisition) -> None:
        viewer, scan, mask = self._viewer(), self.session.scan, self.session.mask
        if viewer is None:
            return
        if scan is None or mask is None:
            self.acquiring.cancel()
            return
        untouched = self.session.picture == "image" and mask.is_full
        if untouched and layers.find(viewer, scan, "zero_filled") is None:
            self.acquiring.cancel()  # a scan that was just opened is its own picture
            layers.write_notice(viewer, scan, mask)
        else:
            self._acquire()

    def _acquire(self) -> None:
        viewer, scan, measured = self._viewer(), self.session.scan, self.session.measured
        if viewer is None or scan is None or measured is None:
            return
        self._slice = layers.slice_on_screen(viewer, scan)
        self.acquiring.request(
            _undersample_all,
            measured,
            lambda: self._slice,
            self._go_on,
            total=scan.n_slices,
        )

    def _on_picture(self, picture: Picture) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if picture != "image" and layers.find(viewer, scan, picture) is None:
            if not self.acquiring.is_running:
                self._acquire()  # the layer comes with the first slice
        else:
            layers.show_only(viewer, scan, picture)

    def _on_undersampled(self, result: layers.Pictures) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        is_first = layers.find(viewer, scan, "zero_filled") is None
        is_new = result.acquisition == self.session.acquisition and not self.session.computed.any()
        layers.show_undersampled(viewer, scan, result, is_new=is_new)
        if is_new:
            layers.write_notice(viewer, scan, self.session.mask)  # one drawing for both
        if is_first:
            layers.show_only(viewer, scan, self.session.picture)
        if result.acquisition == self.session.acquisition:
            self.session.mark_computed([result.z])
            if self.session.is_whole:
                layers.refresh_thumbnails(viewer, scan)

    # -- numbers follow the labels ----------------------------------------------------------------

    def _on_labels_layer(self, layer: Any) -> None:
        old = None if self._labels is None else self._labels()
        if old is not None:
            old.events.set_data.disconnect(self._on_labels_shown)
            old.events.labels_update.disconnect(self._on_labels_edited)
        self._labels = None if layer is None else ref(layer)
        self._digest = None
        self.measuring.cancel()
        if layer is not None:
            layer.events.set_data.connect(self._on_labels_shown)
            layer.events.labels_update.connect(self._on_labels_edited)
            self._measure()

    def _on_reading(self, reading: Reading) -> None:
        """Measure the same labels anew, those of the reference too."""
        self._digest = None
        scan = self.session.scan
        self.measuring_reference.cancel()
        if scan is None:
            return
        self._measure()
        if scan.labels is not None and self.session.reference is not None:
            self.measuring_reference.request(_measure_reference, scan, reading)

    def labels_written(self) -> None:
        """Measure soon: a program changed the labels, and napari is silent on hidden layers."""
        self._written = True
        self.session.set_measuring()
        self._look_again.start(STEP_MS)

    def _on_labels_edited(self, event: Any = None) -> None:
        if not self._look_again.isActive() or self._look_again.interval() != EDIT_MS:
            self._look_again.start(EDIT_MS)

    def _on_labels_shown(self, event: Any = None) -> None:
        # An undo looks like this, but so does every step of a slider: look when it is quiet.
        if not (self._look_again.isActive() and self._look_again.interval() == EDIT_MS):
            self._look_again.start(STEP_MS)

    def _measure(self) -> None:
        scan, layer = self.session.scan, self.session.labels_layer
        if scan is None or layer is None:
            return
        self._written = False
        # A measurement that is under way may be replaced by this one: then nothing is known yet.
        labels, digest = layer.data, None if self.session.measuring else self._digest
        own = layers.scan_of(layer) is scan and scan.labels is not None
        labelled = scan.labelled_frames if own else ()
        self.measuring.request(
            _measure_if_changed, labels, scan, labelled, digest, self.session.reading
        )

    def _on_measured(self, result: "DigestAndFunction | None") -> None:
        session, layer = self.session, self.session.labels_layer
        if result is None:
            session.set_measuring()
            return
        if self._written:
            return  # of labels that are no more; the next measurement is due
        # Only now: a run that is replaced before it has measured must be made up for.
        self._digest, function = result
        # What is measured first is the reference, before anybody can have edited it.
        is_reference = session.reference is None and layers.holds_reference(layer)
        session.set_function(function, is_reference=is_reference)


DigestAndFunction = tuple[int, CardiacFunction | None]


def _undersample_all(
    measured: Measured,
    on_screen: Callable[[], int],
    go_on: Event,
) -> Generator[layers.Pictures, None, None]:
    """Undersample slice after slice, always the one nearest to what is on screen.

    All but the first wait for ``go_on``, though not for ever.
    """
    left = set(measured.slices)
    while left:
        if len(left) == len(measured) - 1:
            patience_ends = monotonic() + HOLD_S
            while not go_on.wait(LOOK_S) and monotonic() < patience_ends and not is_unwanted():
                continue
        z = min(left, key=lambda z: abs(z - on_screen()))
        left.remove(z)
        yield layers.Pictures.of(measured[z], measured.acquisition)


def _measure_if_changed(
    labels: np.ndarray,
    scan: Scan,
    labelled: tuple[int, ...],
    digest: int | None,
    reading: Reading,
) -> Generator[DigestAndFunction | None, None, None]:
    """If the labels are not those of ``digest``, yield None, then their digest and function."""
    labels = np.ascontiguousarray(labels)
    new = zlib.crc32(labels.data)
    if new == digest:
        return
    yield None
    counts = voxel_counts(fill_cavity(labels) if reading.papillary_in_blood else labels)
    drawn = np.flatnonzero(counts[:, :, 1:].any(axis=(1, 2)))
    frames = sorted({*labelled, *drawn.tolist()})
    if drawn.size == 0:
        yield new, None
        return
    if scan.is_long_axis:
        yield new, withheld_function(scan.n_frames, frames, no_volumes(scan))
        return
    function = function_from_counts(
        counts,
        scan.geometry,
        cycle_ms=scan.cycle_ms,
        subject=scan.subject,
        frames=frames,
        marked_ed=scan.ed_frame,
        marked_es=scan.es_frame,
        reading=reading,
    )
    yield new, function


def _measure_reference(scan: Scan, reading: Reading) -> Generator[CardiacFunction, None, None]:
    yield measure_scan(scan, reading=reading)


_LIVE: "WeakKeyDictionary[Any, Live]" = WeakKeyDictionary()


def follow(viewer: Any) -> Session:
    """Session of a viewer, with its pictures and numbers kept up to date from now on."""
    viewer = unwrapped(viewer)
    session = session_for(viewer)
    if viewer not in _LIVE:
        _LIVE[viewer] = Live(viewer, session)
    return session


def live_of(viewer: Any) -> Live:
    """Background work of a viewer that is followed."""
    follow(viewer)
    return _LIVE[unwrapped(viewer)]
