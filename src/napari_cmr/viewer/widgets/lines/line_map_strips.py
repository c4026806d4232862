"""Which line matters, as strips over k-space: lines across, one strip for each change."""

from typing import Any

import numpy as np
from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_cmr.viewer.core.mouse import place_of, signed
from napari_cmr.viewer.widgets.lines.heat_strip import colours_of
from napari_cmr.workflow.trials.line_map import LineMap, Quantity

LEFT, RIGHT, TOP, BOTTOM, GAP = 150, 96, 2, 16, 5
STRIPS: tuple[tuple[str, Quantity | None, bool], ...] = (
    ("frames that have it", None, True),
    ("added: contour", "contour_mm", True),
    ("added: EF", "ef_change", True),
    ("left out: contour", "contour_mm", False),
    ("left out: EF", "ef_change", False),
)
"""Name, what is shown, and whether the line is added; the first shows how often it is measured."""

_UNITS = {"contour_mm": "mm", "ef_change": "points", None: "%"}
_COOL, _MIDDLE, _WARM = (33, 102, 172), (235, 235, 235), (178, 24, 43)


def signed_colours(values: np.ndarray, reach: float) -> np.ndarray:
    """Blue below zero, red above, as 0xffRRGGBB; 0 for NaN."""
    place = np.clip(np.nan_to_num(values) / max(reach, 1e-9), -1, 1)
    mixed = [
        np.rint(np.interp(place, (-1, 0, 1), stops)).astype(np.uint32)
        for stops in zip(_COOL, _MIDDLE, _WARM, strict=True)
    ]
    pixels = np.uint32(0xFF000000) | (mixed[0] << 16) | (mixed[1] << 8) | mixed[2]
    return np.where(np.isfinite(values), pixels, np.uint32(0)).astype(np.uint32)


class LineMapPicture(QWidget):
    """Strips of a map; what was tried is marked by a tick above its strip.

    Near a tick a strip shows the effect of that line, and nothing where no line was tried.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map: LineMap | None = None
        self._rows: list[tuple[np.ndarray, np.ndarray, float]] = []
        self._images: list[QImage] = []
        self._text, self._line, self._paper = "#cccccc", "#666666", "#202020"
        self.setMouseTracking(True)
        self.setMinimumSize(420, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Wide enough for single lines to be seen."""
        return QSize(700, 160)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self._text = theme.text.as_hex()
        self._line = theme.secondary.as_hex()
        self._paper = theme.foreground.as_hex()
        self.update()

    def show_map(self, line_map: LineMap | None) -> None:
        """Show another map, or none."""
        self._map = line_map
        self._rows, self._images = [], []
        for _name, quantity, added in STRIPS if line_map is not None else ():
            assert line_map is not None
            if quantity is None:
                values = 100.0 * line_map.mask.density
                tried = np.zeros(values.shape, bool)
            else:
                values, tried = line_map.of_all_lines(quantity, added=added)
            known = np.abs(values[np.isfinite(values)])
            high = max(float(known.max(initial=0.0)), 0.1)
            paint = signed_colours if quantity == "ef_change" else colours_of
            pixels = np.ascontiguousarray(paint(values, high))
            picture = QImage(
                pixels.tobytes(), len(pixels), 1, 4 * len(pixels), QImage.Format.Format_ARGB32
            )
            self._rows.append((values, tried, high))
            self._images.append(picture.copy())  # Qt does not keep the bytes alive
        self.update()

    def values_of(self, strip: int) -> np.ndarray:
        """What a strip shows, for each line."""
        return self._rows[strip][0]

    # -- places -----------------------------------------------------------------------------------

    def _strip(self, number: int) -> QRectF:
        height = (self.height() - TOP - BOTTOM) / len(STRIPS)
        width = max(1, self.width() - LEFT - RIGHT)
        return QRectF(LEFT, TOP + number * height + GAP, width, height - GAP)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Strip and line under a point of the widget."""
        if self._map is None:
            return None
        n = self._map.mask.n_phase_encodes
        for number in range(len(STRIPS)):
            area = self._strip(number)
            if area.contains(QPointF(x, y)):
                return number, min(int((x - area.left()) / area.width() * n), n - 1)
        return None

    def centre_of(self, strip: int, line: int) -> QPointF:
        """Point of the widget in the middle of a line's cell."""
        assert self._map is not None
        area = self._strip(strip)
        place = (line + 0.5) / self._map.mask.n_phase_encodes
        return QPointF(area.left() + place * area.width(), area.center().y())

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw strips, their names, what their colours mean, and the lines' numbers."""
        painter = QPainter(self)
        font = self.font()
        font.setPointSizeF(8)
        painter.setFont(font)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for number, (name, quantity, _added) in enumerate(STRIPS):
            area = self._strip(number)
            painter.fillRect(area, QColor(self._paper))
            if self._images:
                painter.drawImage(area, self._images[number], QRectF(self._images[number].rect()))
                self._draw_ticks(painter, area, number)
            painter.setPen(QPen(QColor(self._line), 1))
            painter.drawRect(area)
            painter.setPen(QColor(self._text))
            painter.drawText(QRectF(0, area.top(), LEFT - 8, area.height()), right, name)
            if self._rows:
                high = self._rows[number][2]
                digits = 0 if quantity is None else 1
                sign = "±" if quantity == "ef_change" else "0–"
                text = f"{sign}{high:.{digits}f} {_UNITS[quantity]}"
                beside = QRectF(area.right() + 8, area.top(), RIGHT - 8, area.height())
                painter.drawText(beside, left, text)
        self._draw_numbers(painter)
        painter.end()

    def _draw_ticks(self, painter: QPainter, area: QRectF, number: int) -> None:
        painter.setPen(QPen(QColor(self._text), 1))
        for line in np.flatnonzero(self._rows[number][1]):
            x = self.centre_of(number, int(line)).x()
            painter.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.top() - 1))

    def _draw_numbers(self, painter: QPainter) -> None:
        if self._map is None:
            return
        n = self._map.mask.n_phase_encodes
        area = self._strip(len(STRIPS) - 1)
        below = QRectF(area.left(), area.bottom() + 1, area.width(), BOTTOM)
        painter.setPen(QColor(self._text))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, signed(-(n // 2)))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, signed(n - 1 - n // 2))
        zero = self.centre_of(0, n // 2).x()
        middle = QRectF(zero - 130, below.top(), 260, BOTTOM)
        painter.drawText(middle, Qt.AlignmentFlag.AlignHCenter, "k-space line (0 is the centre)")

    # -- the mouse --------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Say what is under the mouse."""
        assert event is not None
        cell = self.cell_at(*place_of(event))
        if cell is None or self._map is None:
            QToolTip.hideText()
            return
        strip, line = cell
        name, quantity, _added = STRIPS[strip]
        values, tried, _high = self._rows[strip]
        value = values[line]
        number = f"{value:+.1f}" if quantity == "ef_change" else f"{value:.1f}"
        said = f"{number} {_UNITS[quantity]}" if np.isfinite(value) else "nothing"
        guess = (
            ""
            if quantity is None or tried[line] or not np.isfinite(value)
            else (" (of the nearest line that was tried)")
        )
        offset = line - self._map.mask.n_phase_encodes // 2
        QToolTip.showText(
            self.mapToGlobal(self.centre_of(strip, line).toPoint()),
            f"Line {signed(offset)}, {name}: {said}{guess}",
            self,
        )
