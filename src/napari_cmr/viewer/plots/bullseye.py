"""The bull's-eye: 17 segments of the left ventricle seen from the apex, with a scale."""

from dataclasses import dataclass
from math import atan2, ceil, cos, degrees, floor, hypot, isnan, radians, sin
from typing import Any

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QBrush, QColor, QLinearGradient, QMouseEvent, QPainter, QPainterPath, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_cmr.analysis.aha import BULLSEYE, BULLSEYE_RINGS, N_SEGMENTS, SEGMENT_NAMES
from napari_cmr.viewer.plots.base import pg

COLOUR_MAP = "cividis"
"""Reads the same with every kind of colour blindness, and in grey."""

_MARGIN, _BAR_WIDTH, _BAR_SPACE = 13.0, 11.0, 62.0
_SAMPLES = 16


@dataclass(frozen=True)
class Quantity:
    """What a bull's-eye shows.

    Attributes
    ----------
    name, unit : str
    low, high : float
        Ends of the scale; values beyond stretch it.
    digits : int
    """

    name: str
    unit: str
    low: float
    high: float
    digits: int = 0

    def text(self, value: float) -> str:
        """A value without its unit."""
        rounded = round(value, self.digits) + 0.0  # no minus before a zero
        return f"{rounded:.{self.digits}f}".replace("-", "−")


class BullsEye(QWidget):
    """Seventeen sectors in the colours of a scale; a click tells which one.

    Attributes
    ----------
    clicked : Signal(int)
        Segment number, 1 to 17.
    """

    clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = np.full(N_SEGMENTS, np.nan)
        self._quantity = Quantity("", "", 0.0, 1.0)
        self._selected: int | None = None
        self._text, self._empty = QColor("#cccccc"), QColor("#555555")
        self._map = pg.colormap.get(COLOUR_MAP)
        self.setMouseTracking(True)
        self.setMinimumSize(190, 130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Round, with the scale beside it."""
        return QSize(250, 190)

    @property
    def values(self) -> np.ndarray:
        """Values as shown, by segment number from 1."""
        return self._values

    def show_values(self, values: np.ndarray, quantity: Quantity) -> None:
        """Show 17 values, NaN where there is none."""
        self._values = np.asarray(values, dtype=float)
        self._quantity = quantity
        self.setAccessibleDescription(
            ", ".join(self.describe(k + 1) for k in range(N_SEGMENTS) if self._has(k + 1))
        )
        self.update()

    def show_selected(self, segment: int | None) -> None:
        """Draw a line around a segment, or none."""
        self._selected = segment
        self.update()

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self._text = QColor(theme.text.as_hex())
        self._empty = QColor(theme.secondary.as_hex())
        self.update()

    def describe(self, segment: int) -> str:
        """Segment and value in words."""
        value, quantity = self._values[segment - 1], self._quantity
        unit = "" if quantity.unit == "" else f" {quantity.unit}"
        said = "not measured" if isnan(value) else f"{quantity.text(value)}{unit}"
        return f"{segment} {SEGMENT_NAMES[segment - 1]}: {said}"

    def centre_of(self, segment: int) -> QPointF:
        """Where the middle of a segment is drawn."""
        ring, start, span = BULLSEYE[segment - 1]
        centre, radius = self._circle()
        if ring == 0:
            return centre
        middle = radians(start + span / 2)
        out = radius * (BULLSEYE_RINGS[ring] + BULLSEYE_RINGS[ring + 1]) / 2
        return QPointF(centre.x() + out * cos(middle), centre.y() - out * sin(middle))

    def segment_at(self, place: QPointF) -> int | None:
        """Segment under a point of the widget, or None."""
        centre, radius = self._circle()
        x, y = place.x() - centre.x(), centre.y() - place.y()
        out = hypot(x, y) / radius
        if out >= 1.0:
            return None
        ring = max(k for k in range(4) if out >= BULLSEYE_RINGS[k])
        angle = degrees(atan2(y, x)) % 360
        for k, (its_ring, start, span) in enumerate(BULLSEYE):
            if its_ring == ring and (angle - start) % 360 < span:
                return k + 1
        return None

    # -- events -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Tell which segment was clicked."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            segment = self.segment_at(QPointF(event.pos()))
            if segment is not None:
                self.clicked.emit(segment)

    def event(self, event: QEvent | None) -> bool:
        """Say what is under the mouse."""
        if event is not None and event.type() == QEvent.Type.ToolTip:
            segment = self.segment_at(QPointF(event.pos()))
            if segment is None:
                return bool(super().event(event))
            QToolTip.showText(event.globalPos(), self.describe(segment), self)
            return True
        return bool(super().event(event))

    # -- drawing ----------------------------------------------------------------------------------

    def paintEvent(self, event: Any) -> None:
        """Draw sectors, numbers, walls and scale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, radius = self._circle()
        low, high = self.limits
        edge = QPen(self.palette().window().color(), 1.5)
        number = self.font()
        number.setPointSizeF(max(6.5, min(10.0, radius / 11)))
        painter.setFont(number)
        for segment in range(1, N_SEGMENTS + 1):
            path = self._path(segment, centre, radius)
            painter.setPen(edge)
            if not self._has(segment):
                painter.fillPath(path, QBrush(self._empty, Qt.BrushStyle.BDiagPattern))
                painter.strokePath(path, edge)
                continue
            value = self._values[segment - 1]
            colour = self._colour((value - low) / (high - low))
            painter.setBrush(colour)
            painter.drawPath(path)
            painter.setPen(QColor("black" if _is_light(colour) else "white"))
            place = self.centre_of(segment)
            box = QRectF(place.x() - 24, place.y() - 9, 48, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._quantity.text(value))
        if self._selected is not None:
            painter.strokePath(
                self._path(self._selected, centre, radius), QPen(QColor("#ff5a1f"), 3.0)
            )
        self._draw_walls(painter, centre, radius)
        self._draw_scale(painter, centre, radius, (low, high))
        painter.end()

    def _draw_walls(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        small = self.font()
        small.setPointSizeF(7.0)
        painter.setFont(small)
        painter.setPen(self._text)
        middle = Qt.AlignmentFlag.AlignCenter
        cx, cy = centre.x(), centre.y()
        painter.drawText(QRectF(cx - 30, cy - radius - 13, 60, 12), middle, "anterior")
        painter.drawText(QRectF(cx - 30, cy + radius + 1, 60, 12), middle, "inferior")
        for x, turn, text in ((cx - radius - 6, -90, "septal"), (cx + radius + 6, 90, "lateral")):
            painter.save()
            painter.translate(x, cy)
            painter.rotate(turn)
            painter.drawText(QRectF(-30, -6, 60, 12), middle, text)
            painter.restore()

    def _draw_scale(
        self, painter: QPainter, centre: QPointF, radius: float, limits: tuple[float, float]
    ) -> None:
        left, top, height = centre.x() + radius + 20, centre.y() - radius + 12, 2 * radius - 14
        gradient = QLinearGradient(left, top + height, left, top)
        for k in range(_SAMPLES + 1):
            gradient.setColorAt(k / _SAMPLES, self._colour(k / _SAMPLES))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(gradient))
        painter.drawRect(QRectF(left, top, _BAR_WIDTH, height))
        painter.setPen(self._text)
        vertical = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        low, high = limits
        for part in (0.0, 0.5, 1.0):
            value = low + part * (high - low)
            y = top + (1 - part) * height
            box = QRectF(left + _BAR_WIDTH + 4, y - 7, 34, 14)
            painter.drawText(box, vertical, f"{value:g}".replace("-", "−"))
        painter.drawText(QRectF(left - 2, top - 17, 44, 13), vertical, self._quantity.unit)

    def _circle(self) -> tuple[QPointF, float]:
        width, height = self.width() - _BAR_SPACE, self.height()
        radius = max(10.0, min(width, height) / 2 - _MARGIN)
        left = max(0.0, (width - 2 * (radius + _MARGIN)) / 2)
        return QPointF(left + radius + _MARGIN, height / 2), radius

    def _path(self, segment: int, centre: QPointF, radius: float) -> QPainterPath:
        ring, start, span = BULLSEYE[segment - 1]
        inner, outer = radius * BULLSEYE_RINGS[ring], radius * BULLSEYE_RINGS[ring + 1]
        around = QRectF(centre.x() - outer, centre.y() - outer, 2 * outer, 2 * outer)
        path = QPainterPath()
        if ring == 0:
            path.addEllipse(around)
            return path
        inside = QRectF(centre.x() - inner, centre.y() - inner, 2 * inner, 2 * inner)
        path.arcMoveTo(around, start)
        path.arcTo(around, start, span)
        path.arcTo(inside, start + span, -span)
        path.closeSubpath()
        return path

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the scale of colours."""
        known = self._values[np.isfinite(self._values)]
        low, high = self._quantity.low, self._quantity.high
        if known.size:  # even numbers, so that the one in the middle is whole
            low = min(low, 2.0 * floor(known.min() / 2))
            high = max(high, 2.0 * ceil(known.max() / 2))
        return low, high

    def _colour(self, part: float) -> QColor:
        red, green, blue = self._map.map(float(np.clip(part, 0, 1)), mode="byte")[:3]
        return QColor(int(red), int(green), int(blue))

    def _has(self, segment: int) -> bool:
        return not isnan(self._values[segment - 1])


def _is_light(colour: QColor) -> bool:
    return bool(0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue() > 130)
