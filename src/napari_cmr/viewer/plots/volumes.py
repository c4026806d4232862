"""The plot of the ventricles' volumes over the heart cycle."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from qtpy.QtCore import Qt
from superqt.utils import signals_blocked

from napari_cmr.analysis import CardiacFunction
from napari_cmr.scan import Label
from napari_cmr.viewer.plots.base import QuietPlot, faint, frame_ticks, model_style, pg
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, css
from napari_cmr.workflow.segment.chain import two_line_name

_DASHES = {Label.LV: Qt.PenStyle.SolidLine, Label.RV: Qt.PenStyle.DashLine}
_SYMBOLS = {Label.LV: "o", Label.RV: "s"}
ABOVE, BELOW = 1.2, -0.2
"""Vertical anchors of a word over or under a point of its curve."""
LOW = 0.2
LEGEND_LINE = 0.1
"""Room for a line of the legend above the curves, as a part of the largest volume."""
"""Part of the plotted range in which a word has no room below its curve."""
_MODEL_DASH = [8, 3, 1, 3]
"""Of a model beside the one that is measured, in units of the pen's width."""


class VolumePlot(QuietPlot):
    """Volume of both ventricles over the cycle, with the frame on screen.

    Curves stay and get new points; at a step of a slider only the cursor moves.
    """

    def __init__(self) -> None:
        super().__init__("volume (mL)", "frame")
        plot = self.plot
        plot.getAxis("left").setWidth(48)
        self._curves: dict[Label, Any] = {}
        self._references: dict[Label, Any] = {}
        self._points: dict[Label, Any] = {}
        self._words: dict[tuple[Label, str], Any] = {}
        for label in (Label.LV, Label.RV):
            dots = pg.mkPen(faint(css(label), 0.45), width=2, style=Qt.PenStyle.DotLine)
            self._references[label] = plot.plot(pen=dots, connect="finite")
            pen = pg.mkPen(css(label), width=2, style=_DASHES[label])
            self._curves[label] = plot.plot(pen=pen, name=label.name, connect="finite")
            self._points[label] = pg.ScatterPlotItem(
                symbol=_SYMBOLS[label], size=9, brush=pg.mkBrush(css(label)), pen=pg.mkPen(None)
            )
            plot.addItem(self._points[label])
            for phase in ("ED", "ES"):
                word = pg.TextItem()
                word.setVisible(False)
                plot.addItem(word, ignoreBounds=True)
                self._words[label, phase] = word
        self._edited = pg.ScatterPlotItem(symbol="x", size=8, pen=pg.mkPen(None))
        self._edited.setZValue(10)
        self.plot.addItem(self._edited)
        self._models: dict[tuple[str, Label], Any] = {}
        self._legend = pg.LegendItem(labelTextSize="8pt", verSpacing=-6)
        self._legend.setParentItem(plot.getViewBox())
        # In the middle on top: there the ventricles are small.
        self._legend.anchor(itemPos=(0.5, 0), parentPos=(0.5, 0), offset=(0, 0))
        self._legend.setVisible(False)
        self._legend_lines = 0
        self._text_colour: str | None = None
        self._cursor = pg.InfiniteLine(pos=1, angle=90, movable=True)
        self._cursor.setVisible(False)
        plot.addItem(self._cursor, ignoreBounds=True)

    @property
    def cursor(self) -> Any:
        """The line at the frame on screen; the user may drag it."""
        return self._cursor

    def points_of(self, label: Label) -> tuple[np.ndarray, np.ndarray]:
        """Frames (from 1) and volumes of a curve as drawn."""
        frames, volumes = self._curves[label].getData()
        empty = np.zeros(0)
        return (empty, empty) if frames is None else (frames, volumes)

    def show_function(
        self,
        function: CardiacFunction | None,
        reference: CardiacFunction | None = None,
        models: Mapping[str, CardiacFunction] | None = None,
        *,
        is_old: bool = False,
    ) -> None:
        """Draw the curves of a measurement, or none, over those of a reference and of other models.

        Beside several models all curves are of the left ventricle, a colour for each model: those
        of both ventricles would be a tangle. Curves of lines that are not chosen now are grey.
        """
        for label, curve in self._curves.items():
            colour = OLD_COLOUR if is_old else css(label)
            curve.setPen(pg.mkPen(colour, width=2, style=_DASHES[label]))
            self._points[label].setBrush(pg.mkBrush(colour))
        models = models or {}
        labels = (Label.LV,) if len(models) > 1 else (Label.LV, Label.RV)
        highest, n_frames = 0.0, 1
        shown: dict[Label, tuple[Any, dict[str, float]]] = {}
        for label in (Label.LV, Label.RV):
            highest = max(
                highest,
                _draw(self._references[label], reference if label in labels else None, label),
                _draw(self._curves[label], function if label in labels else None, label),
            )
            ventricle = None if function is None else getattr(function, label.name.lower())
            if ventricle is not None and np.isfinite(ventricle.volumes_ml).any():
                n_frames = len(ventricle.volumes_ml)
            if label in labels:
                shown[label] = ventricle, _above(label, function if len(labels) > 1 else None)
            else:
                shown[label] = None, {}
        highest = max(highest, self._show_models(models, labels, reference))
        for label, (ventricle, above) in shown.items():
            self._mark(label, ventricle, above, LOW * highest)
        self.plot.setLabel("left", "LV volume (mL)" if len(labels) == 1 else "volume (mL)")
        self._cursor.setVisible(function is not None)
        if highest > 0:
            self.setYRange(0, (1.22 + LEGEND_LINE * self._legend_lines) * highest, padding=0)
            self.setXRange(0.5, n_frames + 0.5, padding=0.01)
            self.plot.getAxis("bottom").setTicks(frame_ticks(n_frames))

    @property
    def edited_frames(self) -> list[int]:
        """Frames (from 1) that are marked as corrected."""
        return sorted({round(x) for x in self._edited.getData()[0]})

    def show_edited(self, function: CardiacFunction | None, frames: Sequence[int]) -> None:
        """Put a cross on the curves at frames that were corrected by hand."""
        places = [
            (frame + 1.0, float(getattr(function, label.name.lower()).volumes_ml[frame]))
            for label in (Label.LV, Label.RV)
            if function is not None and len(self.points_of(label)[0])
            for frame in frames
        ]
        known = [place for place in places if np.isfinite(place[1])]
        self._edited.setData(pos=np.array(known) if known else np.zeros((0, 2)))

    def _mark(self, label: Label, ventricle: Any, above: dict[str, float], low_ml: float) -> None:
        """Put points and words at ED and ES; there is no room below a low volume."""
        marks = []
        for phase in ("ED", "ES"):
            frame = None if ventricle is None else getattr(ventricle, f"{phase.lower()}_frame")
            word = self._words[label, phase]
            word.setVisible(frame is not None)
            if frame is not None:
                volume = float(ventricle.volumes_ml[frame])
                marks.append((frame + 1, volume))
                word.setPos(frame + 1, volume)
                side = _side(frame, len(ventricle.volumes_ml))
                word.setAnchor((side, ABOVE if volume < low_ml else above[phase]))
        self._points[label].setData(pos=np.array(marks) if marks else np.zeros((0, 2)))

    def _show_models(
        self,
        models: Mapping[str, CardiacFunction],
        labels: tuple[Label, ...],
        reference: CardiacFunction | None,
    ) -> float:
        """Draw other models and name them in the legend; returns the largest volume in mL."""
        for key in [key for key in self._models if key[0] not in models or key[1] not in labels]:
            self.removeItem(self._models.pop(key))
        self._legend.clear()
        highest = 0.0
        for k, (name, function) in enumerate(models.items()):
            for label in labels:
                curve = self._models.get((name, label))
                if curve is None:
                    curve = self._models[name, label] = self.plot.plot(connect="finite")
                highest = max(highest, _draw(curve, function, label))
                curve.setPen(_model_pen(k) if len(models) > 1 else _ventricle_pen(label))
            named = two_line_name(name).replace("\n", "<br>")
            self._legend.addItem(self._models[name, Label.LV], named)
        if len(models) > 1 and reference is not None:
            self._legend.addItem(self._references[Label.LV], "reference")
        self._legend.setLabelTextColor(self._text_colour)
        self._legend.setVisible(bool(models))
        self._legend_lines = sum(1 + two_line_name(name).count("\n") for name in models)
        return highest

    def show_frame(self, frame: int) -> None:
        """Move the cursor."""
        with signals_blocked(self._cursor):
            self._cursor.setPos(frame + 1)

    def set_theme(self, theme: Any) -> None:
        """Take the colours of a napari theme."""
        super().set_theme(theme)
        text = self._text_colour = theme.text.as_hex()
        self._legend.setLabelTextColor(text)
        for _sample, label in self._legend.items:
            label.setText(label.text)  # it takes the colour only then
        self._edited.setBrush(pg.mkBrush(text))
        self._cursor.setPen(pg.mkPen(text, width=1))
        self._cursor.setHoverPen(pg.mkPen(text, width=2))
        for (label, phase), word in self._words.items():
            word.setText(phase, color=css(label))


def _draw(curve: Any, function: CardiacFunction | None, label: Label) -> float:
    """Give a curve the volumes of a ventricle, where they are known; returns the largest in mL."""
    if function is None:
        curve.setData([], [])
        return 0.0
    volumes = getattr(function, label.name.lower()).volumes_ml
    known = np.isfinite(volumes)
    curve.setData(np.flatnonzero(known) + 1.0, volumes[known])
    return float(volumes[known].max(initial=0.0))


def _above(label: Label, function: CardiacFunction | None) -> dict[str, float]:
    """Vertical anchor of the words at a curve's ED and ES: away from the other curve."""
    anchors = {"ED": ABOVE, "ES": BELOW}
    if function is None:
        return anchors
    other_name = "rv" if label is Label.LV else "lv"
    own, other = getattr(function, label.name.lower()), getattr(function, other_name)
    for phase in ("ED", "ES"):
        frame = getattr(own, f"{phase.lower()}_frame")
        if frame is not None and np.isfinite(other.volumes_ml[frame]):
            is_higher = (own.volumes_ml[frame], label) >= (other.volumes_ml[frame], 0)
            anchors[phase] = ABOVE if is_higher else BELOW
    return anchors


def _side(frame: int, n_frames: int) -> float:
    """Horizontal anchor of a word that would leave the plot at its ends."""
    return 0.0 if frame == 0 else 1.0 if frame == n_frames - 1 else 0.5


def _model_pen(number: int) -> Any:
    """Pen of one of several models; the one that is measured would be number -1."""
    colour, dash, _symbol = model_style(number + 1)
    return pg.mkPen(colour, width=1.5, style=dash)


def _ventricle_pen(label: Label) -> Any:
    pen = pg.mkPen(css(label), width=1.3)
    pen.setDashPattern(_MODEL_DASH)
    return pen
