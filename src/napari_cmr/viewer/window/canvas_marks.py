"""What stands at the edges of the picture: where the patient's sides are, which slice and frame."""

from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QLabel, QMainWindow, QWidget

from napari_cmr.scan import Scan
from napari_cmr.scan.orientation_letters import EdgeLetters, edge_letters
from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.parts import Dock

MARGIN, NOTICE_LINE = 8, 26
STYLE = "background: rgba(0, 0, 0, 120); color: white; padding: 1px 4px; border-radius: 3px;"
EDGES = EdgeLetters._fields


class CanvasMarks(Dock):
    """Labels over the canvas; it is itself never seen.

    Letters only where the header says how the slices lie, and not over several tiles.
    """

    def __init__(self, viewer: Any, canvas: QWidget) -> None:
        super().__init__(viewer)
        self.setParent(canvas)
        self.hide()
        self._canvas = canvas
        self.letters = {edge: self._label("font-weight: 600; font-size: 12pt;") for edge in EDGES}
        self.place = self._label("font-size: 10pt;")
        canvas.installEventFilter(self)
        session = self.session
        self.bind(session.scan_changed, self._on_scan)
        self.bind(session.function_changed, self._show)
        self.bind(session.reading_changed, self._show)
        self.bind(self.viewer.dims.events.current_step, self._show)
        self.bind(self.viewer.layers.events.inserted, self._show)
        self.bind(self.viewer.layers.events.removed, self._show)
        self.bind(self.viewer.canvas.overlays.text.events.text, self._show)
        self._on_scan(session.scan)

    def _label(self, style: str) -> QLabel:
        label = QLabel(self._canvas)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.setStyleSheet(STYLE + style)
        label.hide()
        return label

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep to the edges when the canvas changes its size."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _on_scan(self, scan: Scan | None) -> None:
        layers.show_scale_bar(self.viewer, scan is not None)
        self.viewer.title = "Cardiac MR" if scan is None else f"{scan.name} – Cardiac MR"
        self._show()

    def _show(self, _what: Any = None) -> None:
        scan = self.session.scan
        in_tiles = layers.has_tiles(self.viewer, scan) or layers.has_styles(self.viewer, scan)
        found = None
        if scan is not None and not in_tiles:
            found = edge_letters(scan.geometry, layers.slice_on_screen(self.viewer, scan))
        for edge, label in self.letters.items():
            label.setText("" if found is None else getattr(found, edge))
            label.setVisible(found is not None)
        self.place.setVisible(scan is not None and not in_tiles)
        if scan is not None:
            self.place.setText(self._where(scan))
        self._arrange()

    def _where(self, scan: Scan) -> str:
        """Slice and frame, counted from 1, and whether it is end-diastole or end-systole."""
        z, frame = (
            layers.slice_on_screen(self.viewer, scan),
            layers.frame_on_screen(self.viewer, scan),
        )
        parts = [f"slice {z + 1} of {scan.n_slices}"]
        if scan.n_frames > 1:
            parts.append(f"frame {frame + 1} of {scan.n_frames}")
        return "  ·  ".join([*phases_at(self.session.function, scan, frame), *parts])

    def _arrange(self) -> None:
        """Put the letters at the middle of their edges, the place into the lower left corner."""
        size = self._canvas.size()
        for label in (*self.letters.values(), self.place):
            label.adjustSize()
        middle_x, middle_y = size.width() // 2, size.height() // 2
        left, right, top, bottom = self.letters.values()
        left.move(MARGIN, middle_y - left.height() // 2)
        right.move(size.width() - right.width() - MARGIN, middle_y - right.height() // 2)
        notice = NOTICE_LINE * (1 + self.viewer.canvas.overlays.text.text.count("\n"))
        top.move(middle_x - top.width() // 2, MARGIN + notice)  # below it, as it may be long
        begins, low = middle_x - bottom.width() // 2, size.height() - bottom.height() - MARGIN
        is_covered = self.place.isVisible() and MARGIN + self.place.width() > begins
        bottom.move(begins, low - self.place.height() if is_covered else low)
        # The notice is at the top, and the scale bar in the other corner.
        self.place.move(MARGIN, size.height() - self.place.height() - MARGIN)


def phases_at(function: Any, scan: Scan, frame: int) -> list[str]:
    """Which phases a frame is: ED or ES of both ventricles, or of the one that is named."""
    said = []
    for phase in ("ED", "ES"):
        name = f"{phase.lower()}_frame"
        lv, rv = (
            None if function is None else getattr(getattr(function, side), name)
            for side in ("lv", "rv")
        )
        lv = getattr(scan, name) if lv is None else lv
        if lv == frame:
            said.append(phase if rv in (None, frame) else f"LV {phase}")
        elif rv == frame:
            said.append(f"RV {phase}")
    return said


def show_canvas_marks(viewer: Any, window: Any) -> None:
    """Show them over the canvas of a viewer's window, once."""
    centre = window.centralWidget() if isinstance(window, QMainWindow) else None
    if centre is None or centre.findChild(CanvasMarks) is not None:
        return
    for widget in centre.findChildren(QWidget):
        if widget.inherits("QOpenGLWidget"):
            CanvasMarks(viewer, widget)
            return
