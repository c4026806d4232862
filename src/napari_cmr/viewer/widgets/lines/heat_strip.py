"""Slices x frames as a strip of colours, in which a click leads to the place on the image."""

from typing import Any

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_cmr.viewer.core.mouse import place_of

LEFT, TOP, RIGHT, BOTTOM = 34, 4, 84, 30
BAR_WIDTH = 10
BRIGHTEST_PERCENTILE = 95
"""Of the values: one place that is far off would leave all others dark."""

_VIRIDIS = (
    (68, 1, 84),
    (59, 82, 139),
    (33, 145, 140),
    (94, 201, 98),
    (253, 231, 37),
)
"""Stops of a map that stays readable in grey and with common colour blindness."""


def colours_of(values: np.ndarray, high: float) -> np.ndarray:
    """Colours of values from 0 to ``high``, as 0xffRRGGBB; 0 for NaN, which is left blank."""
    place = np.clip(np.nan_to_num(values) / max(high, 1e-9), 0, 1) * (len(_VIRIDIS) - 1)
    stops = np.array(_VIRIDIS, dtype=float)
    mixed = [
        np.rint(np.interp(place, np.arange(len(stops)), stops[:, channel])).astype(np.uint32)
        for channel in range(3)
    ]
    pixels = np.uint32(0xFF000000) | (mixed[0] << 16) | (mixed[1] << 8) | mixed[2]
    return np.where(np.isfinite(values), pixels, np.uint32(0)).astype(np.uint32)


class HeatPicture(QWidget):
    """Frames across, slices down; blank where there is nothing to measure."""

    chosen = Signal(int, int)
    """Frame and slice that were clicked, from 0."""

    def __init__(self, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self._values = np.zeros((0, 0))
        self._high, self._exceeds = 1.0, False
        self._image: QImage | None = None
        self._here = (0, 0)
        self._text, self._line, self._paper = "#cccccc", "#666666", "#202020"
        self.setMouseTracking(True)
        self.setMinimumSize(180, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Wide enough for the frames of a cine to be hit with a mouse."""
        return QSize(280, 150)

    def show_values(self, values: np.ndarray, high: float | None = None) -> None:
        """Show values ``(T, Z)``; NaN is blank.

        Parameters
        ----------
        values : ndarray
        high : float, optional
            What the brightest colour stands for, and all above it; by default the 95th percentile
            of the values.
        """
        self._values = np.asarray(values, float)
        known = self._values[np.isfinite(self._values)]
        usual = float(np.percentile(known, BRIGHTEST_PERCENTILE)) if known.size else 0.0
        self._high = high or max(usual, 0.1)
        self._exceeds = bool((known > self._high).any())
        pixels = np.ascontiguousarray(colours_of(self._values.T, self._high))
        if pixels.size:
            height, width = pixels.shape
            picture = QImage(
                pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32
            )
            self._image = picture.copy()  # Qt does not keep the bytes alive
        else:
            self._image = None
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if pixels.size else Qt.CursorShape.ArrowCursor
        )
        self.update()

    @property
    def values(self) -> np.ndarray:
        """What is shown, ``(T, Z)``."""
        return self._values

    def show_place(self, frame: int, z: int) -> None:
        """Mark the frame and slice that are on screen."""
        if (frame, z) != self._here:
            self._here = frame, z
            self.update()

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self._text = theme.text.as_hex()
        self._line = theme.secondary.as_hex()
        self._paper = theme.foreground.as_hex()
        self.update()

    # -- places -----------------------------------------------------------------------------------

    @property
    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """``(frame, slice)`` under a point of the widget."""
        area = self._area
        if not self._values.size or not area.contains(QPointF(x, y)):
            return None
        n_frames, n_slices = self._values.shape
        frame = int((x - area.left()) / area.width() * n_frames)
        z = int((y - area.top()) / area.height() * n_slices)
        return min(frame, n_frames - 1), min(z, n_slices - 1)

    def centre_of(self, frame: int, z: int) -> QPointF:
        """Point of the widget in the middle of a cell."""
        area = self._area
        n_frames, n_slices = self._values.shape
        return QPointF(
            area.left() + (frame + 0.5) / n_frames * area.width(),
            area.top() + (z + 0.5) / n_slices * area.height(),
        )

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw cells, the place on screen, axes and what the colours mean."""
        painter = QPainter(self)
        area = self._area
        painter.fillRect(area, QColor(self._paper))
        if self._image is not None:
            painter.drawImage(area, self._image, QRectF(self._image.rect()))
            self._draw_place(painter, area)
        painter.setPen(QPen(QColor(self._line), 1))
        painter.drawRect(area)
        if self._values.size:
            self._draw_words(painter, area)
            self._draw_bar(painter, area)
        painter.end()

    def _draw_place(self, painter: QPainter, area: QRectF) -> None:
        n_frames, n_slices = self._values.shape
        frame, z = self._here
        width, height = area.width() / n_frames, area.height() / n_slices
        cell = QRectF(area.left() + frame * width, area.top() + z * height, width, height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thick in (("#000000", 3), ("#ffffff", 1.4)):
            painter.setPen(QPen(QColor(colour), thick))
            painter.drawRect(cell)

    def _draw_words(self, painter: QPainter, area: QRectF) -> None:
        font = self.font()
        font.setPointSizeF(8)
        painter.setFont(font)
        painter.setPen(QColor(self._text))
        n_frames, n_slices = self._values.shape
        right = Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignCenter
        below = area.bottom() + 2
        for n in {1, n_frames}:
            x = self.centre_of(n - 1, 0).x()
            painter.drawText(QRectF(x - 20, below, 40, 13), middle, str(n))
        painter.drawText(QRectF(area.left(), below + 11, area.width(), 14), middle, "frame")
        for n in {1, n_slices}:
            y = self.centre_of(0, n - 1).y()
            at = QRectF(0, y - 8, LEFT - 5, 16)
            painter.drawText(at, right | Qt.AlignmentFlag.AlignVCenter, str(n))
        painter.save()
        painter.translate(9, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-40, -8, 80, 16), middle, "slice")
        painter.restore()

    def _draw_bar(self, painter: QPainter, area: QRectF) -> None:
        bar = QRectF(area.right() + 8, area.top(), BAR_WIDTH, area.height())
        n = max(2, int(bar.height()))
        for i, pixel in enumerate(colours_of(np.linspace(self._high, 0, n), self._high)):
            painter.fillRect(
                QRectF(bar.left(), bar.top() + i * bar.height() / n, BAR_WIDTH, 2),
                QColor.fromRgb(int(pixel)),
            )
        left = Qt.AlignmentFlag.AlignLeft
        beside = bar.right() + 4
        painter.setPen(QColor(self._text))
        top = QRectF(beside, bar.top() - 2, RIGHT, 14)
        more = "> " if self._exceeds else ""
        painter.drawText(top, left, f"{more}{self._high:.1f} {self._unit}")
        painter.drawText(QRectF(beside, bar.bottom() - 12, RIGHT, 14), left, "0")

    # -- the mouse --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Lead to the place that was clicked."""
        assert event is not None
        cell = self.cell_at(*place_of(event))
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.chosen.emit(*cell)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Say what is under the mouse."""
        assert event is not None
        cell = self.cell_at(*place_of(event))
        if cell is None:
            QToolTip.hideText()
            return
        value = self._values[cell]
        number = f"{value:.1f} {self._unit}" if np.isfinite(value) else "nothing to measure"
        QToolTip.showText(
            self.mapToGlobal(self.centre_of(*cell).toPoint()),
            f"Frame {cell[0] + 1}, slice {cell[1] + 1}: {number}",
            self,
        )

    def leaveEvent(self, event: QEvent | None) -> None:
        """Forget what was under the mouse."""
        QToolTip.hideText()
