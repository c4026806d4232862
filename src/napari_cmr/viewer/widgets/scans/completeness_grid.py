"""A slice x phase grid that shows at a glance which images of a series are missing."""

from typing import Any

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

PRESENT, MISSING = "#3f9d62", "#e0574f"
LEFT, BOTTOM, CELL = 34, 14, 11


class CompletenessPicture(QWidget):
    """Phases across, slices down; green is there, red is missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._complete = np.zeros((0, 0), dtype=bool)
        self._text = QColor("#cccccc")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """High enough for its slices."""
        return QSize(300, max(1, len(self._complete)) * CELL + BOTTOM + 2)

    def show_complete(self, complete: np.ndarray) -> None:
        """Show which ``(slice, phase)`` are there."""
        self._complete = np.asarray(complete, dtype=bool)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self._text = QColor(theme.text.as_hex())
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the grid."""
        n_slices, n_phases = self._complete.shape
        if n_slices == 0 or n_phases == 0:
            return
        painter = QPainter(self)
        width = min((self.width() - LEFT - 2) / n_phases, 2.0 * CELL)
        gap = 1 if width > 4 else 0
        for z in range(n_slices):
            for t in range(n_phases):
                cell = QRectF(LEFT + t * width, z * CELL, width - gap, CELL - 1)
                painter.fillRect(cell, QColor(PRESENT if self._complete[z, t] else MISSING))
        font = self.font()
        font.setPointSizeF(7.5)
        painter.setFont(font)
        painter.setPen(self._text)
        height = n_slices * CELL
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, LEFT - 5, CELL), right, "1")
        if n_slices > 1:
            painter.drawText(QRectF(0, height - CELL, LEFT - 5, CELL), right, str(n_slices))
        if n_slices > 4:
            painter.drawText(QRectF(0, height / 2 - CELL / 2, LEFT - 5, CELL), right, "slice")
        painter.drawText(QRectF(LEFT, height, 80, BOTTOM), left, "phase 1")
        if n_phases > 1:
            end = LEFT + n_phases * width
            painter.drawText(QRectF(end - 60, height, 60, BOTTOM), right, str(n_phases))
        painter.end()
