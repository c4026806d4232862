"""Accuracy against the lines per frame: Dice, error and spread of the EF, for each model."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from qtpy.QtCore import Qt, Signal

from napari_cmr.viewer.plots.base import QuietPlot, faint, model_style, pg
from napari_cmr.workflow.trials.trade_off_result import TOLERANCE_POINTS, TradeOff, Trial

LOW_DICE = 0.5
"""Lower end of the axis while no Dice lies below it."""

MAX_NAMED = 10
"""So many names of columns find room beside each other in the smallest window."""

EDGE = 12
"""Pixels right of the last column, for its dot and half of its name."""

DOT_DICE = 0.03
"""Room for half a dot above a Dice of 1, and below the lowest."""


class TradeOffPlot(QuietPlot):
    """Something against the lines per frame, one column for each line count.

    Parameters
    ----------
    title : str
        What is on the vertical axis; above the plot, as there is little height for words beside it.
    """

    clicked = Signal(object)
    """The :class:`~napari_cmr.workflow.trials.trade_off_result.Trial` that was clicked."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.plot.setContentsMargins(0, 0, EDGE, 0)
        self._curves: list[Any] = []
        self._dots: list[Any] = []
        self._marker = pg.InfiniteLine(angle=90, pen=pg.mkPen("#888888", width=1))
        self._marker.setVisible(False)
        self.plot.addItem(self._marker, ignoreBounds=True)
        self._columns: tuple[int, ...] = ()
        axis = self.plot.getAxis("bottom")
        axis.setTicks([[]])  # until it is known which lines
        axis.setStyle(hideOverlappingLabels=EDGE)  # or the last name is left out for its half
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        super().set_theme(theme)
        self.plot.setTitle(self._title, size="9pt", color=theme.text.as_hex())
        self._marker.setPen(pg.mkPen(theme.secondary.as_hex(), width=5))

    def show_columns(self, lines: Sequence[int], n_phase_encodes: int) -> None:
        """Take other line counts."""
        self._columns = tuple(sorted(lines))
        self.plot.getAxis("bottom").setTicks([line_ticks(self._columns, n_phase_encodes)])
        self.plot.setXRange(-0.4, max(1, len(self._columns)) - 0.6, padding=0)

    def show_lines(self, n_lines: int) -> None:
        """Mark the line count that is chosen now, if it is one of the columns."""
        self._marker.setVisible(n_lines in self._columns)
        if n_lines in self._columns:
            self._marker.setPos(self._columns.index(n_lines))

    def show_curves(
        self,
        curves: Sequence[Sequence[tuple[int, float]]],
        dots: Sequence[Sequence[tuple[Trial, float]]],
    ) -> None:
        """Draw one curve and its dots for each model.

        Parameters
        ----------
        curves : sequence of sequence of (int, float)
            Lines per frame and value.
        dots : sequence of sequence of (Trial, float)
            What a click on a dot stands for, and its value.
        """
        while len(self._curves) < len(curves):
            self._add_model(len(self._curves))
        for number, (curve, scatter) in enumerate(zip(self._curves, self._dots, strict=True)):
            points = sorted(curves[number]) if number < len(curves) else []
            curve.setData(
                [self._columns.index(n) for n, _ in points], [value for _, value in points]
            )
            several = dots[number] if number < len(dots) else []
            scatter.setData(
                x=[self._columns.index(one.n_lines) for one, _ in several],
                y=[value for _, value in several],
                data=[one for one, _ in several],
            )

    def dots_of(self, number: int) -> list[tuple[Trial, float]]:
        """What is drawn of a model."""
        return [(point.data(), point.pos().y()) for point in self._dots[number].points()]

    def _add_model(self, number: int) -> None:
        colour, dash, symbol = model_style(number)
        self._curves.append(self.plot.plot(pen=pg.mkPen(colour, width=2, style=dash)))
        dots = pg.ScatterPlotItem(
            symbol=symbol,
            size=8,
            brush=pg.mkBrush(faint(colour, 0.8)),
            pen=pg.mkPen(None),
            hoverable=True,
            hoverPen=pg.mkPen("#ffffff", width=2),
            hoverSize=11,
            tip=_tip,
        )
        dots.sigClicked.connect(self._on_clicked)
        self.plot.addItem(dots)
        self._dots.append(dots)

    def _on_clicked(self, _item: Any, points: Any, _event: Any = None) -> None:
        if len(points):
            self.clicked.emit(points[0].data())


class ErrorPlot(TradeOffPlot):
    """EF error of every trial, with the tolerance as a band."""

    def __init__(self) -> None:
        super().__init__("LV EF error (points)")
        band = pg.LinearRegionItem(
            values=(-TOLERANCE_POINTS, TOLERANCE_POINTS),
            orientation="horizontal",
            movable=False,
            brush=pg.mkBrush(120, 160, 120, 45),
            pen=pg.mkPen(None),
        )
        band.setZValue(-10)
        self.plot.addItem(band, ignoreBounds=True)
        self.plot.setYRange(-2 * TOLERANCE_POINTS, 2 * TOLERANCE_POINTS, padding=0)


class TradeOffPlots:
    """The three plots of a sweep."""

    def __init__(self) -> None:
        self.dice = TradeOffPlot("Dice, mean of LV, MYO, RV")
        self.error = ErrorPlot()
        self.spread = TradeOffPlot("LV EF spread (SD, points)")
        self.all = (self.dice, self.error, self.spread)
        self.dice.plot.setYRange(LOW_DICE, 1 + DOT_DICE, padding=0)
        self.spread.plot.setYRange(0, TOLERANCE_POINTS, padding=0)

    def show_result(self, result: TradeOff | None) -> None:
        """Draw the trials so far, or none."""
        if result is None:
            for plot in self.all:
                plot.show_curves([], [])
            return
        for plot in self.all:
            plot.show_columns(result.lines, result.n_phase_encodes)
        points = [result.points(model) for model in result.models]
        first = {
            (model, n_lines): result.of(model, n_lines)[0]
            for model in result.models
            for n_lines in result.lines
            if result.of(model, n_lines)
        }
        for plot, name in ((self.dice, "dice"), (self.spread, "ef_spread")):
            known = [[p for p in several if getattr(p, name) is not None] for several in points]
            plot.show_curves(
                [[(p.n_lines, getattr(p, name)) for p in several] for several in known],
                [
                    [(first[p.model, p.n_lines], getattr(p, name)) for p in several]
                    for several in known
                ],
            )
        self.error.show_curves(
            [[(p.n_lines, p.ef_error) for p in s if p.ef_error is not None] for s in points],
            [
                [
                    (trial, error)
                    for n_lines in result.lines
                    for trial, error in zip(
                        result.of(model, n_lines), result.errors(model, n_lines), strict=True
                    )
                    if error is not None
                ]
                for model in result.models
            ],
        )
        self._fit(result, points)

    def _fit(self, result: TradeOff, points: Any) -> None:
        every = [p for several in points for p in several]
        errors = [abs(error) for p in every for error in p.ef_errors]
        reach = max(2 * TOLERANCE_POINTS, 1.1 * max(errors, default=0.0))
        self.error.plot.setYRange(-reach, reach, padding=0)
        scores = [p.dice for p in every if p.dice is not None]
        self.dice.plot.setYRange(
            min(LOW_DICE, *scores) - DOT_DICE if scores else LOW_DICE, 1 + DOT_DICE, padding=0
        )
        spreads = [p.ef_spread for p in every if p.ef_spread is not None]
        self.spread.plot.setYRange(0, max(TOLERANCE_POINTS, 1.15 * max(spreads, default=0.0)))


def _tip(x: float, y: float, data: Trial) -> str:
    ef = "not defined" if data.lv_ef_percent is None else f"{data.lv_ef_percent:.0f} %"
    dice = "" if data.mean_dice is None else f"\nDice {data.mean_dice:.2f}"
    return (
        f"{data.model}, {data.n_lines} lines ({data.acceleration:.0f}×), seed {data.seed}\n"
        f"LV EF {ef}{dice}\nClick: choose these lines"
    )


def line_ticks(columns: Sequence[int], n_phase_encodes: int) -> list[tuple[int, str]]:
    """Place and name of the columns that have room for their names, the last among them."""
    every = max(1, ceil(len(columns) / MAX_NAMED))
    return [
        (place, "all" if n == n_phase_encodes else str(n))
        for place, n in enumerate(columns)
        if (len(columns) - 1 - place) % every == 0
    ]
