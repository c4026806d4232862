"""Plots of a repeated acquisition: the EF as a distribution, the volume curve as a ribbon."""

from typing import Any

import numpy as np
from qtpy.QtCore import Qt
from superqt.utils import signals_blocked

from napari_cmr.analysis.reader_variability import LV_EF_READERS
from napari_cmr.scan import Label
from napari_cmr.viewer.plots.base import QuietPlot, faint, frame_ticks, pg
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, css
from napari_cmr.workflow.trials.consistency_result import Consistency, Spread

PLACES = {Label.LV: 0.0, Label.RV: 2.0}
READERS_PLACE = 1.0
HALF_WIDTH = 0.36
FEWEST_FOR_A_VIOLIN = 5
SMALLEST_BANDWIDTH = 0.4  # points: one EF many times over is no needle
_SYMBOLS = {Label.LV: "o", Label.RV: "s"}
_DASHES = {Label.LV: Qt.PenStyle.SolidLine, Label.RV: Qt.PenStyle.DashLine}


class EfPlot(QuietPlot):
    """EF of every repetition, LV and RV, and between them how far two readers are apart.

    Dots are repetitions, the bar spans 90 % of them, the stroke is their median, and from five on
    the area behind is their density. The readers' bar is centred on the median of the LV.
    """

    def __init__(self) -> None:
        super().__init__("ejection fraction (%)")
        self.plot.setXRange(-0.55, 2.55, padding=0)
        self.plot.setYRange(0, 100, padding=0)
        self.plot.getAxis("bottom").setTicks(
            [[(PLACES[Label.LV], "LV"), (READERS_PLACE, "readers"), (PLACES[Label.RV], "RV")]]
        )
        self._parts: dict[Label, dict[str, Any]] = {}
        for label, place in PLACES.items():
            left, right = pg.PlotCurveItem(pen=None), pg.PlotCurveItem(pen=None)
            violin = pg.FillBetweenItem(left, right)
            bar, median = pg.PlotCurveItem(), pg.PlotCurveItem()
            dots = pg.ScatterPlotItem(symbol=_SYMBOLS[label], size=5, pen=pg.mkPen(None))
            for item in (left, right, violin, bar, median, dots):
                self.plot.addItem(item)
            self._parts[label] = {
                "place": place,
                "left": left,
                "right": right,
                "violin": violin,
                "bar": bar,
                "median": median,
                "dots": dots,
            }
        self._readers = [
            pg.BarGraphItem(x=[READERS_PLACE], y0=[0], height=[0], width=2 * HALF_WIDTH)
            for _ in range(2)
        ]
        for item in self._readers:
            item.setVisible(False)
            self.plot.addItem(item)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        super().set_theme(theme)
        for item, alpha in zip(self._readers, (0.28, 0.4), strict=True):
            item.setOpts(brush=pg.mkBrush(faint(theme.text.as_hex(), alpha)), pen=pg.mkPen(None))

    def dots_of(self, label: Label) -> np.ndarray:
        """EF of each dot as drawn."""
        return np.asarray(self._parts[label]["dots"].getData()[1])

    def show_result(self, result: Consistency | None, *, is_old: bool = False) -> None:
        """Draw the repetitions so far, or none; in grey where they are of other lines."""
        drawn: list[float] = []
        for label in PLACES:
            _colour(self._parts[label], OLD_COLOUR if is_old else css(label))
            efs = np.zeros(0) if result is None else result.ef_percent(label)
            drawn += self._show_ventricle(self._parts[label], efs[np.isfinite(efs)])
        spread = None if result is None else Spread.of(result.ef_percent(Label.LV))
        for item, apart in zip(
            self._readers,
            (0.0, 0.0) if spread is None else LV_EF_READERS.points(spread.median)[::-1],
            strict=True,
        ):
            item.setVisible(spread is not None)
            if spread is not None:
                item.setOpts(y0=[spread.median - apart], height=[2 * apart])
                drawn += [spread.median - apart, spread.median + apart]
        if drawn:
            low, high = min(drawn), max(drawn)
            room = max(2.0, 0.08 * (high - low))
            self.plot.setYRange(low - room, high + room, padding=0)

    def _show_ventricle(self, parts: dict[str, Any], efs: np.ndarray) -> list[float]:
        place = parts["place"]
        spread = Spread.of(efs)
        if spread is None:
            for name in ("left", "right", "bar", "median"):
                parts[name].setData([], [])
            parts["dots"].setData([], [])
            return []
        turns = (np.arange(efs.size) * 0.618034) % 1.0 - 0.5  # spread out, and the same every time
        parts["dots"].setData(place + 0.5 * HALF_WIDTH * turns, efs)
        parts["bar"].setData([place, place], [spread.low, spread.high])
        parts["median"].setData(
            [place - HALF_WIDTH, place + HALF_WIDTH], [spread.median, spread.median]
        )
        at, density = violin(efs)
        parts["left"].setData(place - HALF_WIDTH * density, at)
        parts["right"].setData(place + HALF_WIDTH * density, at)
        return [float(efs.min()), float(efs.max())]


def _colour(parts: dict[str, Any], colour: str) -> None:
    parts["violin"].setBrush(pg.mkBrush(faint(colour, 0.22)))
    parts["bar"].setPen(pg.mkPen(colour, width=4))
    parts["median"].setPen(pg.mkPen(colour, width=3))
    parts["dots"].setBrush(pg.mkBrush(faint(colour, 0.75)))


def violin(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smooth density of values, scaled to a peak of 1; empty for fewer than five.

    Gaussian kernels of Silverman's width (Density Estimation, 1986, eq. 3.31).
    """
    if values.size < FEWEST_FOR_A_VIOLIN:
        return np.zeros(0), np.zeros(0)
    quartiles = np.percentile(values, (25, 75))
    width = min(float(values.std(ddof=1)), float(np.diff(quartiles)[0]) / 1.34)
    width = max(0.9 * width * values.size**-0.2, SMALLEST_BANDWIDTH)
    at = np.linspace(values.min() - 2 * width, values.max() + 2 * width, 80)
    density = np.exp(-0.5 * ((at[:, None] - values) / width) ** 2).sum(axis=1)
    return at, density / density.max()


EMPTY_ML = 200
"""Upper end of the axis of volumes before there are any."""


class RibbonPlot(QuietPlot):
    """Volume of both ventricles over the cycle: median of the repetitions, and 90 % of them."""

    def __init__(self) -> None:
        super().__init__("volume (mL)", "frame")
        self.plot.setYRange(0, EMPTY_ML, padding=0)
        self.plot.getAxis("bottom").setTicks([[]])  # until it is known how many frames
        self._medians: dict[Label, Any] = {}
        self._edges: dict[Label, tuple[Any, Any]] = {}
        self._ribbons: dict[Label, Any] = {}
        for label in (Label.LV, Label.RV):
            low, high = pg.PlotCurveItem(pen=None), pg.PlotCurveItem(pen=None)
            self._ribbons[label] = pg.FillBetweenItem(low, high)
            self._edges[label] = low, high
            for item in (low, high, self._ribbons[label]):
                self.plot.addItem(item)
            self._medians[label] = self.plot.plot()
        self.cursor = pg.InfiniteLine(pos=1, angle=90, movable=True)
        self.cursor.setVisible(False)
        self.plot.addItem(self.cursor, ignoreBounds=True)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        super().set_theme(theme)
        self.cursor.setPen(pg.mkPen(theme.text.as_hex(), width=1))
        self.cursor.setHoverPen(pg.mkPen(theme.text.as_hex(), width=2))

    def ribbon_of(self, label: Label) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper edge as drawn."""
        low, high = self._edges[label]
        return np.asarray(low.getData()[1]), np.asarray(high.getData()[1])

    def colour_of(self, label: Label) -> str:
        """Colour of a curve as drawn."""
        return str(pg.mkPen(self._medians[label].opts["pen"]).color().name())

    def show_result(self, result: Consistency | None, *, is_old: bool = False) -> None:
        """Draw the repetitions so far, or none; in grey where they are of other lines."""
        highest, n_frames = 0.0, 1
        for label in (Label.LV, Label.RV):
            colour = OLD_COLOUR if is_old else css(label)
            self._ribbons[label].setBrush(pg.mkBrush(faint(colour, 0.3)))
            self._medians[label].setPen(pg.mkPen(colour, width=2, style=_DASHES[label]))
            curves = np.zeros((3, 0)) if result is None else result.volume_range(label)
            known = np.isfinite(curves[1])
            frames = np.flatnonzero(known) + 1.0
            low, median, high = curves[:, known]
            self._medians[label].setData(frames, median)
            for edge, curve in zip(self._edges[label], (low, high), strict=True):
                edge.setData(frames, curve)
            highest = max(highest, float(high.max(initial=0.0)))
            n_frames = max(n_frames, curves.shape[1])
        self.cursor.setVisible(result is not None)
        if highest > 0:
            self.plot.setYRange(0, 1.1 * highest, padding=0)
            self.plot.setXRange(0.5, n_frames + 0.5, padding=0.01)
            self.plot.getAxis("bottom").setTicks(frame_ticks(n_frames))

    def show_frame(self, frame: int) -> None:
        """Move the cursor."""
        with signals_blocked(self.cursor):
            self.cursor.setPos(frame + 1)
