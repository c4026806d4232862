"""Scar mass against n of n-SD: how much hangs on the threshold."""

from typing import Any

from qtpy.QtCore import Qt

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.scan import Label
from napari_cmr.viewer.plots.base import QuietPlot, pg
from napari_cmr.viewer.widgets.parts import css


class SensitivityPlot(QuietPlot):
    """A curve, and a line at the n that is chosen."""

    def __init__(self) -> None:
        super().__init__("scar (g)", "n (SD above remote muscle)")
        self.setToolTip("Mass of the scar for every n of n-SD. A steep curve: do not trust one n.")
        pen = pg.mkPen(css(Label.SCAR), width=2)
        self._curve = self.plot.plot(pen=pen, symbol="o", symbolSize=4, symbolBrush=css(Label.SCAR))
        self._here = pg.InfiniteLine(angle=90)
        self.plot.addItem(self._here, ignoreBounds=True)

    def show_curve(self, curve: list[dict[str, float]], settings: ScarSettings) -> None:
        """Show points of n and mass, and the n that is chosen, if n-SD is."""
        grams = [point["scar_g"] for point in curve]
        self._curve.setData([point["n"] for point in curve], grams)
        self._here.setVisible(settings.method == "nsd")
        self._here.setPos(settings.n)
        self.setYRange(0, max(1.0, 1.1 * max(grams, default=0.0)), padding=0)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        super().set_theme(theme)
        self._here.setPen(pg.mkPen(theme.text.as_hex(), style=Qt.PenStyle.DashLine))
