"""Scar mass against n of n-SD: how much hangs on the threshold."""

from typing import Any

from qtpy.QtCore import Qt

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.scan import Label
from napari_cmr.viewer.plots import pg
from napari_cmr.viewer.widgets import css


class SensitivityPlot(pg.PlotWidget):
    """A curve, and a line at the n that is chosen."""

    def __init__(self) -> None:
        super().__init__()
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setLabel("bottom", "n (SD above remote muscle)")
        plot.setLabel("left", "scar (g)")
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.getAxis("left").setWidth(44)
        self.setToolTip("Mass of the scar for every n of n-SD. A steep curve: do not trust one n.")
        pen = pg.mkPen(css(Label.SCAR), width=2)
        self._curve = plot.plot(pen=pen, symbol="o", symbolSize=4, symbolBrush=css(Label.SCAR))
        self._here = pg.InfiniteLine(angle=90)
        plot.addItem(self._here, ignoreBounds=True)

    def show_curve(self, curve: list[dict[str, float]], settings: ScarSettings) -> None:
        """Show points of n and mass, and the n that is chosen, if n-SD is."""
        grams = [point["scar_g"] for point in curve]
        self._curve.setData([point["n"] for point in curve], grams)
        self._here.setVisible(settings.method == "nsd")
        self._here.setPos(settings.n)
        self.setYRange(0, max(1.0, 1.1 * max(grams, default=0.0)), padding=0)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        text, line = theme.text.as_hex(), theme.secondary.as_hex()
        self.setBackground(theme.background.as_hex())
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(text))
        self._here.setPen(pg.mkPen(text, style=Qt.PenStyle.DashLine))
