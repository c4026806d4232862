"""The bull's-eye of the wall: measured in the background, clicked to be found in the image."""

from collections.abc import Generator
from typing import Any

import numpy as np
from qtpy.QtWidgets import QComboBox, QVBoxLayout, QWidget
from superqt.utils import qdebounced

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.aha import N_SEGMENTS, SEGMENT_NAMES, AhaModel
from napari_cmr.analysis.wall import SegmentalFunction
from napari_cmr.scan import Code, Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.plots.bullseye import BullsEye, Quantity
from napari_cmr.viewer.widgets.parts import note, row

THICKNESS_ED = Quantity("Wall thickness, ED", "mm", 0, 16)
THICKNESS_ES = Quantity("Wall thickness, ES", "mm", 0, 20)
THICKENING = Quantity("Wall thickening", "%", 0, 80)
MOTION = Quantity("Inward motion", "mm", 0, 12)
QUANTITIES = (THICKENING, THICKNESS_ED, THICKNESS_ES, MOTION)

ASSUMED = {Code.SEPTUM_ASSUMED: "septum", Code.ANTERIOR_ASSUMED: "anterior side"}
QUIET_MS = 250
BEYOND_THE_WALL_MM = 8.0


class SegmentsPanel(QWidget):
    """Follows the labels that are measured, while it is on screen.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    """

    def __init__(self, viewer: Any, session: Session) -> None:
        super().__init__()
        self.viewer, self.session = viewer, session
        self.found: SegmentalFunction | None = None
        self._selected: int | None = None
        self._is_old = True
        self.job = LatestJob("Measuring the wall", self._on_found, self)
        self._wait = qdebounced(self._measure, timeout=QUIET_MS, parent=self)
        self.quantity = QComboBox()
        self.quantity.setToolTip(
            "What the 17 segments show: the thickness of the wall, how much thicker it gets from "
            "end-diastole to end-systole, or how far its inside moves inwards."
        )
        for one in QUANTITIES:
            self.quantity.addItem(f"{one.name} ({one.unit})")
        self.quantity.currentIndexChanged.connect(lambda _index: self._show())
        self.picture = BullsEye()
        self.picture.clicked.connect(self._on_clicked)
        self.state = note()
        self.state.setStyleSheet("font-size: 8pt;")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(row(self.quantity))
        box.addWidget(self.picture, 1)
        box.addWidget(self.state)

    @property
    def current(self) -> SegmentalFunction | None:
        """What was found in the labels as they are; None while they have changed since."""
        return None if self._is_old or self.job.is_running else self.found

    def labels_changed(self) -> None:
        """Measure again, once the labels are quiet and if anybody sees it."""
        self._is_old = True
        if self.isVisible():
            self._wait()

    def forget(self) -> None:
        """Show nothing: there is nothing to measure."""
        self._wait.cancel()
        self.job.cancel()
        self.found = None
        self._select(None)
        self._show()

    def showEvent(self, event: Any) -> None:
        """Measure what changed while nobody looked."""
        super().showEvent(event)
        if self._is_old:
            self._wait()

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self.picture.set_theme(theme)

    def _measure(self) -> None:
        session, layer = self.session, self.session.labels_layer
        if session.scan is None or layer is None or session.function is None:
            self.forget()
        elif session.measuring:
            self._wait()
        else:
            self._is_old = False
            self.job.request(_measure_wall, session.scan, layer.data, session.function)

    def _on_found(self, found: SegmentalFunction | None) -> None:
        self.found = found
        if found is not None and found.es_frame is None:  # a still scan has nothing but a thickness
            self.quantity.setCurrentIndex(QUANTITIES.index(THICKNESS_ED))
        self._show()

    def _show(self) -> None:
        quantity = QUANTITIES[self.quantity.currentIndex()]
        self.picture.show_values(values_of(self.found, quantity), quantity)
        self.picture.show_selected(self._selected)
        if self.found is None:
            self.state.setText("Needs the LV cavity and a ring of myocardium around it.")
            self.state.setToolTip("")
            return
        warnings = self.found.warnings
        assumed = [ASSUMED[one.code] for one in warnings if one.code in ASSUMED]
        said = f"{' and '.join(assumed).capitalize()} assumed" if assumed else ""
        if len(warnings) > len(assumed):
            said += (" · " if said else "") + f"{len(warnings) - len(assumed)} to know"
        self.state.setText(f"⚠ {said}" if said else "")
        self.state.setToolTip("\n".join(map(str, warnings)))

    def _on_clicked(self, segment: int) -> None:
        """Go to the segment and outline it; a second click takes the outline away."""
        scan, found = self.session.scan, self.found
        if scan is None or found is None:
            return
        if segment == self._selected:
            self._select(None)
            return
        if show_segment(self.viewer, scan, found.model, segment, found.ed_frame):
            self._select(segment, keep_mark=True)

    def _select(self, segment: int | None, *, keep_mark: bool = False) -> None:
        if not keep_mark and self._selected is not None:
            layers.clear_mark(self.viewer, self.session.scan)
        self._selected = segment
        self.picture.show_selected(segment)


def values_of(found: SegmentalFunction | None, quantity: Quantity) -> np.ndarray:
    """Seventeen values of a quantity; NaN where it is not known."""
    nothing = np.full(N_SEGMENTS, np.nan)
    if found is None:
        return nothing
    if quantity is THICKENING:
        return found.thickening_percent
    if quantity is THICKNESS_ED:
        return found.thickness_mm[found.ed_frame]
    if found.es_frame is None:
        return nothing
    return (found.thickness_mm if quantity is THICKNESS_ES else found.motion_mm)[found.es_frame]


def show_segment(
    viewer: Any, scan: Scan, model: AhaModel, segment: int, measured_frame: int
) -> bool:
    """Go to a slice of a segment and outline it there.

    Parameters
    ----------
    measured_frame : int
        Whose outline to take where the frame on screen was not measured.

    Returns
    -------
    bool
        Whether the stack has the segment at all.
    """
    slices = model.slices_of(segment)
    if not slices:
        return False
    on_screen = layers.slice_on_screen(viewer, scan)
    z = on_screen if on_screen in slices else slices[len(slices) // 2]
    frame = layers.frame_on_screen(viewer, scan)
    t = frame if np.isfinite(model.centres[frame, z, 0]) else measured_frame
    layers.go_to(viewer, scan, z=z)
    cy, cx = model.centres[t, z]
    layers.mark_sector(
        viewer,
        scan,
        z,
        centre=(float(cy), float(cx)),
        angles=model.sector(segment, z, t),
        radius_mm=_reach_mm(model, z, t),
        name=f"Segment {segment}, {SEGMENT_NAMES[segment - 1]}",
    )
    return True


def _reach_mm(model: AhaModel, z: int, t: int) -> float:
    """Distance from the centre to just beyond the wall."""
    y, x = np.nonzero(model.segments[t, z])
    cy, cx = model.centres[t, z]
    dy, dx = model.spacing
    return float(np.hypot((y - cy) * dy, (x - cx) * dx).max(initial=10.0)) + BEYOND_THE_WALL_MM


def _measure_wall(
    scan: Scan, labels: np.ndarray, function: CardiacFunction
) -> Generator[SegmentalFunction | None, None, None]:
    """Measure the wall at ED and ES, which is what is shown."""
    from napari_cmr.workflow.measure.function import measure_segments

    yield measure_segments(scan, function, labels=labels, only_ed_es=True)
