"""Two scans of one patient in one viewer, a cine and a late enhancement stack, one at a time.

Opening the one while the other is open keeps the other at hand: to show it again with its labels,
to see its picture on these slices, and to carry its contours over as a start for editing.
"""

from collections.abc import Generator
from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal

from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.transfer import Carried, carry_image, carry_labels, matching_frame

PAIR = {"cine", "lge"}


class Companion:
    """The other scan of one viewer.

    Attributes
    ----------
    other : Scan or None
        The cine to a late enhancement scan that is open, or the other way round.
    message : str
        How the last thing that was asked for has gone.
    """

    changed = Signal()

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.other: Scan | None = None
        self.message = ""
        self._scan = session.scan
        self._layer = _weakly(session.labels_layer)
        self._labels: np.ndarray | None = None  # of the other scan
        self._kept: Any = None  # the layer that held them
        self.job = LatestJob("Carrying over", self._on_result)
        self.job.failed.connect(self._say)
        session.scan_changed.connect(self._on_scan)
        session.labels_layer_changed.connect(self._on_labels_layer)

    # -- what the user asks for -------------------------------------------------------------------

    def switch(self) -> None:
        """Show the other scan, with the labels that it had, and keep this one at hand."""
        viewer, other, kept = self._viewer(), self.other, self._kept
        if viewer is None or other is None:
            return
        self.job.cancel()
        layers.show_scan(viewer, other)
        if kept is not None:
            self.session.set_labels_layer(_bring_back(viewer, other, kept))
        layers.select_for_looking(viewer, other)

    def carry(self) -> None:
        """Put the contours of the other scan's matching frame on these slices, to edit them."""
        scan, other = self.session.scan, self.other
        if scan is None or other is None:
            return
        if self._labels is None:
            self._say("The other scan has no labels: show it, and segment or draw them.")
            return
        self.job.request(_carry, other, self._labels, scan)

    def set_picture(self, on: bool) -> None:
        """Show the other scan's picture on these slices, or this scan's own again."""
        viewer, scan, other = self._viewer(), self.session.scan, self.other
        layer = layers.find(viewer, scan, "companion")
        if layer is not None:
            layer.visible = on
            self.changed.emit()
        elif on and scan is not None and other is not None:
            self.job.request(_show, other, scan)

    @property
    def has_picture(self) -> bool:
        """Whether the other scan's picture is seen."""
        layer = layers.find(self._viewer(), self.session.scan, "companion")
        return layer is not None and bool(layer.visible)

    def forget(self) -> None:
        """Let the other scan go."""
        self.job.cancel()
        viewer, scan = self._viewer(), self.session.scan
        layer = layers.find(viewer, scan, "companion")
        if viewer is not None and layer is not None:
            viewer.layers.remove(layer)
        self.other, self._labels, self._kept, self.message = None, None, None, ""
        self.changed.emit()

    # -- something changed ------------------------------------------------------------------------

    def _on_labels_layer(self, layer: Any) -> None:
        if layer is not None:
            self._layer = _weakly(layer)

    def _on_scan(self, scan: Scan | None) -> None:
        """Keep the scan that goes, if it and the one that comes are a pair."""
        old, self._scan = self._scan, scan
        self.job.cancel()
        self.message = ""
        if scan is None:
            return  # it was closed; the other one can still be shown
        if old is not None and {old.kind, scan.kind} == PAIR:
            # Its layers are there still: they go once everybody knows of the new scan.
            self._kept = _measured(old, self._layer())
            self._labels = old.labels if self._kept is None else self._kept.data
            self.other = old
        elif self.other is None or {self.other.kind, scan.kind} != PAIR or old is not None:
            self.other, self._labels, self._kept = None, None, None
        self._layer = _weakly(None)
        self.changed.emit()

    def _on_result(self, result: tuple[str, Carried]) -> None:
        viewer, scan, other = self._viewer(), self.session.scan, self.other
        if viewer is None or scan is None or other is None:
            return
        what, carried = result
        of = f"{other.name}, frame {carried.frame + 1}" if other.n_frames > 1 else other.name
        if what == "picture":
            layers.show_companion(viewer, scan, carried.values, of)
            self._say(f"Seen: {of}." + _uncovered(carried))
            return
        labels = np.zeros(scan.shape, dtype=np.uint8)
        frame = 0 if scan.n_frames == 1 else matching_frame(scan, other)
        labels[frame] = carried.values
        layer = layers.add_drawn_labels(viewer, scan, labels, f"From {other.name}")
        layers.go_to(viewer, scan, frame=frame)
        layers.select_for_looking(viewer, scan)
        self.session.set_labels_layer(layer)
        self._say(
            f"Contours of {of}: a start, as the heart lies otherwise in every breath hold. Correct "
            "them under Edit." + _uncovered(carried)
        )

    def _say(self, message: str) -> None:
        self.message = message
        self.changed.emit()


def _weakly(layer: Any) -> Any:
    return (lambda: None) if layer is None else ref(layer)


def _measured(scan: Scan, layer: Any) -> Any:
    """Layer of a scan that was measured last, where there is something in it."""
    there = layer is not None and layer.data.shape == scan.shape and np.any(layer.data)
    return layer if there else None


def _bring_back(viewer: Any, scan: Scan, kept: Any) -> Any:
    """Show a layer again as it was left; the scan's reference as it came where that is the same."""
    reference = layers.find(viewer, scan, "labels")
    if reference is not None and np.array_equal(reference.data, kept.data):
        return reference
    if reference is not None and layers.role_of(kept) == "labels":
        viewer.layers.remove(reference)  # the kept one is the same layer, edited
    kept.visible = True
    viewer.add_layer(kept)
    return kept


def _uncovered(carried: Carried) -> str:
    missing = int((~carried.covered).sum())
    if not missing:
        return ""
    return f" It does not reach {missing} of the {carried.covered.size} slices."


def _carry(
    other: Scan, labels: np.ndarray, scan: Scan
) -> Generator[tuple[str, Carried], None, None]:
    """Carry the labels of the frame of the same phase, or of the labelled one next to it."""
    frame = matching_frame(other, scan)
    labelled = np.flatnonzero(labels.any(axis=(1, 2, 3)))
    if labelled.size:
        apart = np.abs(labelled - frame)
        frame = int(labelled[np.minimum(apart, other.n_frames - apart).argmin()])
    yield "labels", carry_labels(other, labels[frame], scan, frame=frame)


def _show(other: Scan, scan: Scan) -> Generator[tuple[str, Carried], None, None]:
    yield "picture", carry_image(other, scan, matching_frame(other, scan))
