"""What all small plots share: the Qt that napari uses, no menus, no mouse, napari's colours."""

import os
from typing import Any

from qtpy import API_NAME

os.environ.setdefault("PYQTGRAPH_QT_LIB", API_NAME)  # before the import: it guesses otherwise

import pyqtgraph as pg
from qtpy.QtCore import Qt


class QuietPlot(pg.PlotWidget):
    """A plot that the user looks at; it neither pans nor zooms under the mouse.

    Parameters
    ----------
    left, bottom : str
        Axis labels; none where empty.
    """

    def __init__(self, left: str = "", bottom: str = "") -> None:
        super().__init__()
        self.plot = self.getPlotItem()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.showGrid(x=False, y=True, alpha=0.15)
        for side, text in (("left", left), ("bottom", bottom)):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
            if text:
                self.plot.setLabel(side, text)
        self.plot.getAxis("left").setWidth(44 if left else 30)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        self.setBackground(theme.background.as_hex())
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.secondary.as_hex()))
            axis.setTextPen(pg.mkPen(theme.text.as_hex()))


MODEL_COLOURS = ("#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#d55e00")
"""Of Okabe and Ito's palette, which stays apart in common colour blindness."""

MODEL_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
MODEL_SYMBOLS = ("o", "s", "t1", "d", "p")
MODEL_SIGNS = ("●", "■", "▲", "◆", "⬟")
"""The same symbols in words: a curve that is grey is known by them."""


def model_style(number: int) -> tuple[str, Any, str]:
    """Colour, dash and symbol of the n-th model."""
    place = number % len(MODEL_COLOURS)
    return MODEL_COLOURS[place], MODEL_DASHES[place], MODEL_SYMBOLS[place]


def faint(colour: str, alpha: float) -> Any:
    """Colour with some transparency, for areas."""
    mixed = pg.mkColor(colour)
    mixed.setAlphaF(alpha)
    return mixed


def frame_ticks(n_frames: int) -> list[list[tuple[int, str]]]:
    """Ticks of an axis of frames, counted from 1."""
    step = 1 if n_frames <= 10 else 5
    return [[(n, str(n)) for n in range(1, n_frames + 1) if step == 1 or n == 1 or n % step == 0]]
