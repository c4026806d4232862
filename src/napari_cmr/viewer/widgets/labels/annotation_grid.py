"""A frame x slice grid that shows what is labelled, accepted and not yet saved."""

from typing import Any

import numpy as np
from qtpy.QtCore import QEvent, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

LABELLED, ACCEPTED, UNSAVED = "#7a828c", "#3f9d62", "#f2a33a"
LEFT, BOTTOM, LOW, HIGH = 34, 14, 9, 16
DIMMED = 0.25


class AnnotationPicture(QWidget):
    """Frames across, slices down: grey is labelled, green accepted, an orange corner not saved."""

    clicked = Signal(int, int)
    """Frame and slice that were clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        nothing = np.zeros((0, 0), bool)
        self._labelled, self._accepted, self._dirty = nothing, nothing, nothing
        self._place = (0, 0)
        self._pair: tuple[int, int] | None = None
        self._text, self._cursor = QColor("#cccccc"), QColor("#ffffff")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def _cell_height(self) -> int:
        return HIGH if self._labelled.shape[1:] and self._labelled.shape[1] <= 8 else LOW + 3

    def sizeHint(self) -> QSize:
        """High enough for its slices."""
        n_slices = self._labelled.shape[1]
        return QSize(300, max(1, n_slices) * self._cell_height + BOTTOM + 2)

    def show_marks(self, labelled: np.ndarray, accepted: np.ndarray, dirty: np.ndarray) -> None:
        """Show other marks, all of shape (frames, slices)."""
        self._labelled, self._accepted, self._dirty = labelled, accepted, dirty
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def show_place(self, place: tuple[int, int], pair: tuple[int, int] | None) -> None:
        """Frame the slice on screen, and dim all frames but a pair if there is one."""
        if (place, pair) != (self._place, self._pair):
            self._place, self._pair = place, pair
            self.update()

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self._text = QColor(theme.text.as_hex())
        self._cursor = QColor(theme.icon.as_hex())
        self.update()

    # -- places -----------------------------------------------------------------------------------

    def cell(self, frame: int, z: int) -> QRectF:
        """Where a slice of a frame is drawn."""
        width = min((self.width() - LEFT - 2) / max(1, len(self._labelled)), 2.0 * HIGH)
        return QRectF(LEFT + frame * width, z * self._cell_height, width, self._cell_height)

    def place_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Frame and slice under a point of the widget."""
        n_frames, n_slices = self._labelled.shape
        first = self.cell(0, 0)
        frame, z = int((x - LEFT) // first.width()), int(y // first.height())
        return (frame, z) if 0 <= frame < n_frames and 0 <= z < n_slices else None

    def describe(self, place: tuple[int, int]) -> str:
        """What is known of a slice, in words."""
        states = ["labelled" if self._labelled[place] else "empty"]
        if self._accepted[place]:
            states.append("accepted")
        if self._dirty[place]:
            states.append("not saved")
        return f"Frame {place[0] + 1}, slice {place[1] + 1}: {', '.join(states)}"

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the grid."""
        n_frames, n_slices = self._labelled.shape
        if n_frames == 0 or n_slices == 0:
            return
        painter = QPainter(self)
        faint = QColor(self._text)
        faint.setAlphaF(0.13)
        for frame in range(n_frames):
            dimmed = self._pair is not None and frame not in self._pair
            painter.setOpacity(DIMMED if dimmed else 1.0)
            for z in range(n_slices):
                self._draw_cell(painter, (frame, z), faint)
        painter.setOpacity(1.0)
        if self._place[0] < n_frames and self._place[1] < n_slices:
            painter.setPen(QPen(self._cursor, 2))
            painter.drawRect(self.cell(*self._place).adjusted(0, 0, -1, -1))
        self._draw_words(painter, n_frames, n_slices)
        painter.end()

    def _draw_cell(self, painter: QPainter, place: tuple[int, int], faint: QColor) -> None:
        whole = self.cell(*place)
        gap = 1 if whole.width() > 4 else 0
        box = whole.adjusted(0, 0, -gap, -1)
        if self._accepted[place]:
            painter.fillRect(box, QColor(ACCEPTED))
        else:
            painter.fillRect(box, QColor(LABELLED) if self._labelled[place] else faint)
        if self._dirty[place]:
            side = min(5.0, box.width())
            painter.fillRect(QRectF(box.right() - side, box.top(), side, side), QColor(UNSAVED))

    def _draw_words(self, painter: QPainter, n_frames: int, n_slices: int) -> None:
        font = self.font()
        font.setPointSizeF(7.5)
        painter.setFont(font)
        painter.setPen(self._text)
        high = self._cell_height
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        below = n_slices * high
        painter.drawText(QRectF(0, 0, LEFT - 5, high), right, "1")
        if n_slices > 1:
            painter.drawText(QRectF(0, below - high, LEFT - 5, high), right, str(n_slices))
        if n_slices > 3:
            painter.drawText(QRectF(0, below / 2 - high / 2, LEFT - 5, high), right, "slice")
        painter.drawText(QRectF(LEFT, below, 80, BOTTOM), left, "frame 1")
        if n_frames > 3:
            end = self.cell(n_frames - 1, 0).right()
            painter.drawText(QRectF(end - 60, below, 60, BOTTOM), right, str(n_frames))

    # -- the mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Say which slice was clicked."""
        assert event is not None
        place = self._under(event)
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*place)

    def event(self, event: QEvent | None) -> bool:
        """Show what is known of the slice under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos().x(), event.pos().y())
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.describe(place), self)
            return True
        return bool(super().event(event))

    def _under(self, event: Any) -> tuple[int, int] | None:
        # Qt 5 and Qt 6 name the place of a mouse event differently.
        point = event.position() if hasattr(event, "position") else event.localPos()
        return self.place_at(point.x(), point.y())
