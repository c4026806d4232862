"""What all small plots share: no menus, no mouse, and the colours of napari's theme."""

from typing import Any

from napari_cmr.viewer.plots import pg  # told there which Qt to use


class QuietPlot(pg.PlotWidget):
    """A plot that a person looks at; it neither pans nor zooms under the mouse.

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


def faint(colour: str, alpha: float) -> Any:
    """Colour with some transparency, for areas."""
    mixed = pg.mkColor(colour)
    mixed.setAlphaF(alpha)
    return mixed


def frame_ticks(n_frames: int) -> list[list[tuple[int, str]]]:
    """Ticks of an axis of frames, counted from 1."""
    step = 1 if n_frames <= 12 else 5
    return [[(n, str(n)) for n in range(1, n_frames + 1) if step == 1 or n == 1 or n % step == 0]]
