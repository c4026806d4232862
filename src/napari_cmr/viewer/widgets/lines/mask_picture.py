"""The lines of every frame as a picture in which the user clicks and paints."""

from dataclasses import dataclass

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_cmr.kspace import LineMask
from napari_cmr.viewer.core.mouse import place_of, signed

LEFT, TOP, RIGHT, BOTTOM = 30, 16, 6, 14
MAX_ZOOM = 16.0
EDITED = "#f2a33a"


@dataclass
class Colours:
    """Colours of the picture in one theme."""

    paper: str
    frame: str
    kept: str
    text: str
    cursor: str


class MaskPicture(QWidget):
    """Lines across, frames down; white is measured, orange was changed by hand.

    A click toggles a cell, a drag paints with what the first cell became, the wheel zooms in on
    the lines, and a double click shows them all again.
    """

    painted = Signal(object, bool, bool)
    """Cells ``[(frame, line), ...]``, whether they are to be kept, whether a stroke begins."""

    hovered = Signal(str)
    """What is under the mouse, in words; empty when it left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mask: LineMask | None = None
        self._edited: frozenset[tuple[int, int]] = frozenset()
        self._frame = 0
        self._image: QImage | None = None
        self._zoom, self._first = 1.0, 0.0
        self._stroke: bool | None = None
        self._last: tuple[int, int] | None = None
        self.colours = Colours("#000000", "#666666", "#e8e8e8", "#cccccc", "#4560c4")
        self.setMouseTracking(True)
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """Tall enough for 30 frames to be hit with a mouse."""
        return QSize(320, 240)

    def show_mask(
        self, mask: LineMask | None, edited: frozenset[tuple[int, int]] = frozenset()
    ) -> None:
        """Show other lines."""
        if mask is None or self._mask is None or mask.array.shape != self._mask.array.shape:
            self._zoom, self._first = 1.0, 0.0
        self._mask, self._edited = mask, edited
        self._draw_image()
        self.update()

    def show_frame(self, frame: int) -> None:
        """Mark the frame that is on screen."""
        if frame != self._frame:
            self._frame = frame
            self.update()

    def set_colours(self, colours: Colours) -> None:
        """Take the colours of another theme."""
        self.colours = colours
        self._draw_image()
        self.update()

    # -- places -----------------------------------------------------------------------------------

    @property
    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """``(frame, line)`` under a point of the widget."""
        if self._mask is None or not self._area.contains(QPointF(x, y)):
            return None
        area, n_lines = self._area, self._mask.n_phase_encodes
        line = int(self._first + (x - area.left()) / area.width() * n_lines / self._zoom)
        frame = int((y - area.top()) / area.height() * self._mask.n_frames)
        return min(frame, self._mask.n_frames - 1), min(line, n_lines - 1)

    def centre_of(self, frame: int, line: int) -> QPointF:
        """Point of the widget in the middle of a cell."""
        assert self._mask is not None
        area = self._area
        shown = self._mask.n_phase_encodes / self._zoom
        return QPointF(
            area.left() + (line + 0.5 - self._first) / shown * area.width(),
            area.top() + (frame + 0.5) / self._mask.n_frames * area.height(),
        )

    # -- painting ---------------------------------------------------------------------------------

    def _draw_image(self) -> None:
        if self._mask is None:
            self._image = None
            return
        kept, paper = QColor(self.colours.kept).rgb(), QColor(self.colours.paper).rgb()
        pixels = np.where(self._mask.array, np.uint32(kept), np.uint32(paper))
        bright, dim = QColor(EDITED).rgb(), QColor(EDITED).darker(280).rgb()
        for frame, line in self._edited:
            pixels[frame, line] = bright if self._mask.array[frame, line] else dim
        pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
        height, width = pixels.shape
        image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32)
        self._image = image.copy()  # Qt does not keep the bytes alive

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the lines, the frame on screen and the axes."""
        painter = QPainter(self)
        area = self._area
        painter.fillRect(area, QColor(self.colours.paper))
        if self._mask is not None and self._image is not None:
            shown = self._mask.n_phase_encodes / self._zoom
            source = QRectF(self._first, 0, shown, self._mask.n_frames)
            painter.drawImage(area, self._image, source)
            self._draw_cursor(painter, area)
        painter.setPen(QPen(QColor(self.colours.frame), 1))
        painter.drawRect(area)
        self._draw_words(painter, area)
        painter.end()

    def _draw_cursor(self, painter: QPainter, area: QRectF) -> None:
        assert self._mask is not None
        height = area.height() / self._mask.n_frames
        painter.setPen(QPen(QColor(self.colours.cursor), 2))
        painter.drawRect(
            QRectF(area.left(), area.top() + self._frame * height, area.width(), max(height, 3.0))
        )

    def _draw_words(self, painter: QPainter, area: QRectF) -> None:
        font = self.font()
        font.setPointSizeF(7.5)
        painter.setFont(font)
        painter.setPen(QColor(self.colours.text))
        above = QRectF(area.left(), 0, area.width(), TOP - 2)
        below = QRectF(area.left(), area.bottom() + 1, area.width(), BOTTOM)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        middle = Qt.AlignmentFlag.AlignCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if self._mask is None:
            painter.drawText(area, middle, "Open a scan to choose its lines")
            return
        n_lines = self._mask.n_phase_encodes
        shown = n_lines / self._zoom
        first, last = int(self._first), min(n_lines - 1, int(self._first + shown))
        painter.drawText(above, middle, "k-space line (0 is the centre)")
        painter.drawText(below, left, signed(first - n_lines // 2))
        painter.drawText(below, right, signed(last - n_lines // 2))
        zero = self.centre_of(0, n_lines // 2).x()
        if area.left() + 40 < zero < area.right() - 40:
            painter.drawText(QRectF(zero - 20, below.top(), 40, BOTTOM), middle, "0")
        margin = QRectF(0, area.top(), LEFT - 5, area.height())
        top = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        bottom = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(margin, top, "1")
        painter.drawText(margin, bottom, str(self._mask.n_frames))
        painter.save()
        painter.translate(8, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-40, -8, 80, 16), middle, "frame")
        painter.restore()

    # -- the mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Toggle a cell and begin a stroke."""
        assert event is not None
        cell = self.cell_at(*place_of(event))
        if event.button() != Qt.MouseButton.LeftButton or cell is None or self._mask is None:
            return
        self._stroke = not bool(self._mask.array[cell])
        self._last = cell
        self.painted.emit([cell], self._stroke, True)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Paint on, or say what is under the mouse."""
        assert event is not None
        cell = self.cell_at(*place_of(event))
        self.hovered.emit("" if cell is None else self._describe(*cell))
        self._paint_to(cell)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End a stroke where the mouse is: not every move on the way there is told."""
        assert event is not None
        self._paint_to(self.cell_at(*place_of(event)))
        self._stroke = self._last = None

    def _paint_to(self, cell: tuple[int, int] | None) -> None:
        """Paint from where a stroke is to a cell, if it has not been there."""
        if cell is None or self._stroke is None or self._last is None or cell == self._last:
            return
        self.painted.emit(_between(self._last, cell), self._stroke, False)
        self._last = cell

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Show all lines again; where all are shown, a double click is two clicks."""
        if self._zoom > 1.0:
            self._zoom, self._first = 1.0, 0.0
            self.update()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom in on the line under the mouse."""
        assert event is not None
        if self._mask is None or event.angleDelta().y() == 0:
            return
        area, n_lines = self._area, self._mask.n_phase_encodes
        place = min(max((event.position().x() - area.left()) / area.width(), 0.0), 1.0)
        under = self._first + place * n_lines / self._zoom
        factor = 1.25 if event.angleDelta().y() > 0 else 0.8
        self._zoom = min(max(self._zoom * factor, 1.0), MAX_ZOOM)
        shown = n_lines / self._zoom
        self._first = min(max(under - place * shown, 0.0), n_lines - shown)
        self.update()
        event.accept()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Forget what was under the mouse."""
        self.hovered.emit("")

    def _describe(self, frame: int, line: int) -> str:
        assert self._mask is not None
        state = "measured" if self._mask.array[frame, line] else "not measured"
        by_hand = ", changed by hand" if (frame, line) in self._edited else ""
        offset = line - self._mask.n_phase_encodes // 2
        return f"Frame {frame + 1}, line {signed(offset)}: {state}{by_hand}"


def _between(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """Cells from one to another without gaps, as a fast mouse jumps; the first is left out."""
    n = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    frames = np.rint(np.linspace(start[0], end[0], n + 1)).astype(int)
    lines = np.rint(np.linspace(start[1], end[1], n + 1)).astype(int)
    return [(int(f), int(k)) for f, k in zip(frames[1:], lines[1:], strict=True)]
