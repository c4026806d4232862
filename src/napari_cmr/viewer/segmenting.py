"""Keeps a model's labels up to date with the session's scan and lines."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from psygnal import Signal

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.jobs import LatestJob
from napari_cmr.viewer.live import follow, live_of
from napari_cmr.viewer.session import Session, unwrapped


@dataclass(frozen=True, eq=False)
class LabelledSlice:
    """Labels of one slice, and how long the network took for it."""

    z: int
    labels: np.ndarray
    acquisition: Acquisition
    model: str
    device: str
    seconds: float
    warnings: tuple[str, ...]


class LiveSegmentation:
    """One viewer's model: which one, whether it follows the lines, and how it fares.

    Attributes
    ----------
    model : str
    follows : bool
        Whether every change of the acquisition runs the model again.
    latest : LabelledSlice or None
        The last slice that arrived.
    """

    changed = Signal()

    def __init__(self, viewer: Any, session: Session) -> None:
        from napari_cmr.workflow.segmenting import DEFAULT_MODEL

        self._viewer = ref(viewer)
        self.session = session
        self.model = DEFAULT_MODEL
        self.follows = False
        self.latest: LabelledSlice | None = None
        self._slice = 0  # read by the thread that computes: the slice on screen comes first
        self.job = LatestJob("Segmenting", self._on_slice)
        self.job.running_changed.connect(lambda _running: self.changed.emit())
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self._on_acquisition)
        session.scan_changed.connect(self._on_scan)

    def set_model(self, model: str) -> None:
        """Use another model from now on."""
        if model != self.model:
            self.model = model
            self.changed.emit()
            if self.follows:
                self.run()

    def set_follows(self, follows: bool) -> None:
        """Run the model at every change of the lines, or only when asked."""
        if follows != self.follows:
            self.follows = follows
            self.changed.emit()
            if follows:
                self.run()

    def run(self) -> None:
        """Segment the scan from the lines that are chosen now."""
        scan = self.session.scan
        if scan is not None:
            self.job.request(
                _segment_all,
                scan,
                self.session.acquisition,
                self.model,
                lambda: self._slice,
                total=scan.n_slices,
            )

    def cancel(self) -> None:
        """Stop; the last labels stay."""
        self.job.cancel()

    def _on_step(self, event: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            self._slice = layers.slice_on_screen(viewer, scan)

    def _on_scan(self, scan: Scan | None) -> None:
        self.job.cancel()
        self.latest = None
        if scan is None or scan.kind != "cine":
            self.follows = False
        self.changed.emit()
        if self.follows:
            self.run()

    def _on_acquisition(self, _acquisition: Acquisition) -> None:
        if self.follows:
            self.run()

    def _on_slice(self, result: LabelledSlice) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        layer = layers.show_prediction(
            viewer,
            scan,
            result.z,
            result.labels,
            name=result.model,
            warnings=result.warnings,
        )
        self.session.set_labels_layer(layer)
        live_of(viewer).labels_written()
        self.latest = result
        self.changed.emit()


def _segment_all(
    scan: Scan, acquisition: Acquisition, model: str, on_screen: Callable[[], int]
) -> Generator[LabelledSlice, None, None]:
    """Segment slice after slice, always the one nearest to what is on screen.

    The heart is located on the lines of the whole stack first, as the command line does it, so
    that both give the same labels.
    """
    from napari_cmr.workflow.segmenting import locate_heart, segment

    location = locate_heart(scan, acquisition)
    left = set(range(scan.n_slices))
    while left:
        z = min(left, key=lambda z: abs(z - on_screen()))
        left.remove(z)
        result = segment(scan, acquisition, model=model, slices=(z,), location=location)
        yield LabelledSlice(
            z,
            result.labels[:, 0],
            acquisition,
            model,
            result.device,
            result.seconds["segment"],
            tuple(text for text in result.warnings if "Nothing was segmented" not in text),
        )


_SEGMENTATIONS: "WeakKeyDictionary[Any, LiveSegmentation]" = WeakKeyDictionary()


def segmentation_of(viewer: Any) -> LiveSegmentation:
    """Live segmentation of a viewer, made when it is first asked for."""
    viewer = unwrapped(viewer)
    if viewer not in _SEGMENTATIONS:
        _SEGMENTATIONS[viewer] = LiveSegmentation(viewer, follow(viewer))
    return _SEGMENTATIONS[viewer]
