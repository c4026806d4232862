"""Numbers of both ventricles side by side: the labels on screen, the reference, every model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QColor, QKeyEvent, QKeySequence, QResizeEvent
from qtpy.QtWidgets import QAbstractItemView, QApplication, QTableWidget, QTableWidgetItem

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.aha import SEGMENT_NAMES
from napari_cmr.analysis.normal_ranges import Comparison
from napari_cmr.analysis.wall import SegmentalFunction
from napari_cmr.scan import Label, Ventricle
from napari_cmr.viewer.widgets.parts import OLD_COLOUR, css
from napari_cmr.viewer.widgets.tables import number_cell
from napari_cmr.workflow.segment.chain import two_line_name

VENTRICLES = (Label.LV, Label.RV)
ROWS = (
    ("EF", "ef_percent", "%", 0, "Ejection fraction: the part of the EDV that a beat ejects."),
    ("EDV", "edv_ml", "mL", 0, "End-diastolic volume: the largest volume of the cycle."),
    ("ESV", "esv_ml", "mL", 0, "End-systolic volume: the smallest volume of the cycle."),
    ("SV", "sv_ml", "mL", 0, "Stroke volume: what a beat ejects, EDV minus ESV."),
    ("CO", "cardiac_output_l_min", "L/min", 1,
     "Cardiac output: stroke volume times heart rate, where the heart rate is known."),
    ("Mass", "lv_mass_g", "g", 0,
     "LV mass: myocardium at end-diastole times 1.05 g/mL, papillary muscles as labelled."),
)  # fmt: skip


ROW_HEIGHT, LINE_HEIGHT = 18, 16
WIDEST = 17
"""Letters in a line of a source's name, the whole of which is in the tooltip."""
REFERENCE = "reference"
MAX_BESIDE = 2
"""More sources than these stand below each other, with fewer numbers of each."""
NARROW = tuple(
    (label, row)
    for label in VENTRICLES
    for row in ROWS
    if row[0] in ("EF", "EDV", "ESV") or (row[0], label) == ("Mass", Label.LV)
)
"""Columns of the table in which sources stand below each other."""
IN_BRACKETS = re.compile(r" \([^)]*\)"), re.compile(r" \[[^\]]*\]")
FULL = Qt.ItemDataRole.UserRole
"""Where a cell keeps its text with the difference."""
WITH_DIFFERENCE = ((Label.LV, "EF"), (Label.LV, "EDV"), (Label.LV, "ESV"), (Label.RV, "EF"))
"""Those of them that have room for the difference."""


@dataclass(frozen=True, eq=False)
class Source:
    """Something that was measured, and what to compare it with.

    Attributes
    ----------
    name : str
        As people call it.
    function : CardiacFunction
    baseline : CardiacFunction or None
        What differences are taken from.
    baseline_name : str
    ef_intervals : dict of tuple of 2 floats
        90 % intervals of the EFs in percent.
    made_from : tuple of str
        Rows of the copied table: the lines that a model's labels are from, and its weights.
    old : str
        The same in a sentence, where these are not the lines that are chosen now.
    """

    name: str
    function: CardiacFunction
    baseline: CardiacFunction | None = None
    baseline_name: str = ""
    ef_intervals: Mapping[Ventricle, tuple[float, float]] = field(default_factory=dict)
    made_from: tuple[str, ...] = ()
    old: str = ""

    def interval_of(self, label: Label) -> tuple[float, float] | None:
        """90 % interval of the EF of a ventricle, if there is one."""
        return {Label[name]: one for name, one in self.ef_intervals.items()}.get(label)


def value_of(function: CardiacFunction | None, key: str, label: Label) -> float | None:
    """Number of a ventricle; the mass belongs to the left one."""
    if function is None:
        return None
    if key == "lv_mass_g":
        return function.lv_mass_g if label is Label.LV else None
    found: float | None = getattr(getattr(function, label.name.lower()), key)
    return found


def number(value: float | None, digits: int, unknown: str = "–") -> str:
    """A number as text."""
    return unknown if value is None else f"{value:.{digits}f}"


def difference(value: float | None, other: float | None, digits: int) -> str:
    """Signed difference as text; empty where either is unknown."""
    if value is None or other is None:
        return ""
    shown = round(value - other, digits)
    return f"{shown:+.{digits}f}".replace("-", "−") if shown else "±0"


class FunctionTable(QTableWidget):
    """Measurements down, sources across, or the other way where there are many sources.

    Copied as tab-separated text.
    """

    def __init__(self) -> None:
        super().__init__(len(ROWS), 0)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.setWordWrap(False)
        self.setStyleSheet(
            "QTableWidget { background: transparent; font-size: 9pt; }"
            "QTableWidget::item { padding: 0px 1px; }"
            "QHeaderView { background: transparent; }"
            "QHeaderView::section { background: transparent; border: none; padding: 0 3px; }"
            "QTableCornerButton::section { background: transparent; border: none; }"
        )
        vertical, horizontal = self.verticalHeader(), self.horizontalHeader()
        vertical.setDefaultSectionSize(ROW_HEIGHT)
        vertical.setMinimumSectionSize(16)
        horizontal.setMinimumSectionSize(30)
        horizontal.setHighlightSections(False)
        vertical.setHighlightSections(False)
        self._name_rows()
        self.setToolTip(
            "In round brackets: difference from the reference, or from the model's own result with "
            "every line; in square brackets the model's 90 % interval. Ctrl+C copies what is "
            "selected, or all."
        )

    def _name_rows(self) -> None:
        self.setRowCount(len(ROWS))
        for line, (name, _key, unit, _digits, tooltip) in enumerate(ROWS):
            self.setRowHeight(line, ROW_HEIGHT)
            header = QTableWidgetItem(f"{name} ({unit})")
            header.setToolTip(tooltip)
            self.setVerticalHeaderItem(line, header)

    def show_sources(
        self, sources: Sequence[Source], comparisons: Mapping[str, Comparison]
    ) -> None:
        """Show these; percentiles of the first in its tooltips, and beside it if it is alone."""
        if len(sources) > MAX_BESIDE:
            self._show_below_each_other(sources)
            return
        self._name_rows()
        keys = {f"{label.name.lower()}.{row[1]}" for row in ROWS for label in VENTRICLES}
        # Beside models there is no room for percentiles.
        shown = len(sources) == 1 and not keys.isdisjoint(comparisons)
        self.setColumnCount(2 * len(sources) + (1 if shown else 0))
        self._headers(sources, shown)
        for column, (source, label) in enumerate((s, v) for s in sources for v in VENTRICLES):
            for line, row in enumerate(ROWS):
                item = _measured(source, label, row)
                percentile = comparisons.get(f"{label.name.lower()}.{row[1]}")
                interval = source.interval_of(label)
                if row[1] == "ef_percent" and interval is not None:
                    low, high = interval
                    item.setText(f"{item.text()} [{low:.0f}–{high:.0f}]")
                if percentile is not None and source is sources[0]:
                    said = f"{ordinal(percentile.percentile)} percentile among healthy adults: "
                    item.setToolTip(f"{item.toolTip()}\n{said}{percentile.normal.source}")
                self.setItem(line, column, item)
        if shown:
            self._show_percentiles(comparisons)
        self._keep_and_fit()

    def _keep_and_fit(self) -> None:
        for item in self._items():
            item.setData(FULL, item.text())
        self._fit()

    def _fit(self) -> None:
        """Leave differences, then intervals, to the tooltips: cut numbers read like others."""
        for item in self._items():
            item.setText(item.data(FULL) or item.text())
        self.resizeColumnsToContents()
        for in_brackets in IN_BRACKETS:
            if not self.isVisible() or self.horizontalHeader().length() <= self.viewport().width():
                return
            for item in self._items():
                item.setText(in_brackets.sub("", item.text()))
            self.resizeColumnsToContents()

    def _items(self) -> Iterator[QTableWidgetItem]:
        for line in range(self.rowCount()):
            for column in range(self.columnCount()):
                item = self.item(line, column)
                if item is not None:
                    yield item

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show or leave out differences, as there is room."""
        super().resizeEvent(event)
        self._fit()

    def _show_below_each_other(self, sources: Sequence[Source]) -> None:
        """Show a row for each source, of the numbers that are asked for most."""
        self.setRowCount(len(sources))
        self.setColumnCount(len(NARROW))
        for column, (label, (name, _key, unit, _digits, tooltip)) in enumerate(NARROW):
            header = QTableWidgetItem(f"{label.name}\n{name}")
            header.setForeground(QColor(css(label)))
            header.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            header.setToolTip(f"{tooltip}\nIn {unit}.")
            self.setHorizontalHeaderItem(column, header)
        for line, source in enumerate(sources):
            name = source.name if source.name == REFERENCE else _short(source)
            header = QTableWidgetItem(name)
            header.setToolTip(source.name)
            self.setVerticalHeaderItem(line, header)
            self.setRowHeight(line, ROW_HEIGHT + LINE_HEIGHT * name.count("\n"))
            for column, (label, row) in enumerate(NARROW):
                item = _measured(source, label, row)
                if (label, row[0]) not in WITH_DIFFERENCE:  # in the tooltip, as all of them
                    item.setText(item.text().partition(" (")[0])
                self.setItem(line, column, item)
        self._keep_and_fit()

    def _headers(self, sources: Sequence[Source], with_percentiles: bool) -> None:
        column = 0
        for source in sources:
            for label in VENTRICLES:
                # The first is named beside the curves.
                name = "" if source is sources[0] else f"{_short(source)}\n"
                header = QTableWidgetItem(name + label.name)
                header.setForeground(QColor(css(label)))
                header.setToolTip(source.name)
                self.setHorizontalHeaderItem(column, header)
                column += 1
        if with_percentiles:
            header = QTableWidgetItem("percentile")
            header.setToolTip(
                "Where the numbers of the LV and of the RV lie among healthy adults of the same "
                "sex."
            )
            self.setHorizontalHeaderItem(column, header)

    def _show_percentiles(self, comparisons: Mapping[str, Comparison]) -> None:
        for line, (_name, key, *_rest) in enumerate(ROWS):
            found = [comparisons.get(f"{label.name.lower()}.{key}") for label in VENTRICLES]
            text = " · ".join("–" if one is None else ordinal(one.percentile) for one in found)
            item = QTableWidgetItem(text if any(found) else "")
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            item.setToolTip("\n".join(one.normal.source for one in found if one is not None))
            self.setItem(line, self.columnCount() - 1, item)

    def copied_text(self) -> str:
        """What is selected, or the whole table, with its headers; tab-separated."""
        chosen = self.selectedIndexes()
        rows = sorted({index.row() for index in chosen}) or list(range(self.rowCount()))
        columns = sorted({index.column() for index in chosen}) or list(range(self.columnCount()))
        heads = [_cell(self.horizontalHeaderItem(column)) for column in columns]
        lines = ["\t".join(["", *heads])]
        for line in rows:
            cells = [_cell(self.item(line, column)) for column in columns]
            lines.append("\t".join([_cell(self.verticalHeaderItem(line)), *cells]))
        return "\n".join(lines)

    def event(self, event: QEvent | None) -> bool:
        """Keep Ctrl+C, which napari's window would take."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride and _copies(event):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy."""
        if event is not None and _copies(event):
            QApplication.clipboard().setText(self.copied_text())
        else:
            super().keyPressEvent(event)


def _measured(
    source: Source, label: Label, row: tuple[str, str, str, int, str]
) -> QTableWidgetItem:
    """Cell of a number, with its difference from the baseline in round brackets."""
    _name, key, unit, digits, tooltip = row
    value = value_of(source.function, key, label)
    text = "" if (key, label) == ("lv_mass_g", Label.RV) else number(value, digits)
    delta = difference(value, value_of(source.baseline, key, label), digits)
    item = number_cell(f"{text} ({delta})" if delta else text)
    said = tooltip + (f"\n{delta} {unit} from {source.baseline_name}." if delta else "")
    interval = source.interval_of(label)
    if key == "ef_percent" and interval is not None:
        low, high = interval
        said += f"\nThe model's 90 % interval: {low:.0f} to {high:.0f} %."
    if source.old:
        item.setForeground(QColor(OLD_COLOUR))
        said += f"\nMade {source.old}, not from the lines that are chosen now."
    item.setToolTip(said)
    return item


def _copies(event: Any) -> bool:
    return bool(event.matches(QKeySequence.StandardKey.Copy))


def _cell(item: QTableWidgetItem | None) -> str:
    return "" if item is None else (item.data(FULL) or item.text()).replace("\n", " ")


def _short(source: Source) -> str:
    if source.name == REFERENCE:
        return "ref."
    lines = two_line_name(source.name).split("\n")
    return "\n".join(one if len(one) <= WIDEST else one[: WIDEST - 1] + "…" for one in lines)


def ordinal(percentile: float) -> str:
    """1st to 99th."""
    n = min(99, max(1, round(percentile)))
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def table_text(
    sources: Sequence[Source],
    comparisons: Mapping[str, Comparison],
    segments: SegmentalFunction | None = None,
) -> str:
    """All numbers and curves as tab-separated text; frames count from 1."""
    heads = ["measurement"]
    for k, source in enumerate(sources):
        named = "" if k == 0 else f"{source.name} "
        heads += [f"{named}{label.name}" for label in VENTRICLES]
        if source.baseline is not None:
            heads += [f"{named}{v.name} minus {source.baseline_name}" for v in VENTRICLES]
        if k == 0 and comparisons:
            heads += [f"{label.name} percentile" for label in VENTRICLES]
    lines = ["\t".join(heads)]
    lines += [row for one in sources for row in one.made_from]
    for one in sources:
        for side, (low, high) in one.ef_intervals.items():
            lines.append(f"{side} EF 90 % interval (%)\t{one.name}\t{low:.1f}\t{high:.1f}")
    for name, key, unit, _digits, _tooltip in ROWS:
        cells = [f"{name} ({unit})"]
        for k, source in enumerate(sources):
            values = [value_of(source.function, key, label) for label in VENTRICLES]
            cells += [number(value, 1, "") for value in values]
            if source.baseline is not None:
                others = [value_of(source.baseline, key, label) for label in VENTRICLES]
                cells += [
                    "" if a is None or b is None else f"{a - b:.1f}"
                    for a, b in zip(values, others, strict=True)
                ]
            if k == 0 and comparisons:
                found = [comparisons.get(f"{label.name.lower()}.{key}") for label in VENTRICLES]
                cells += ["" if one is None else f"{one.percentile:.0f}" for one in found]
        lines.append("\t".join(cells))
    lines += ["", *_curves(sources)]
    if segments is not None:
        lines += ["", *_segments(segments)]
    return "\n".join([*lines, "", "Research use only"])


def _curves(sources: Sequence[Source]) -> list[str]:
    heads, curves = ["frame"], []
    for k, source in enumerate(sources):
        for label in VENTRICLES:
            heads.append(f"{source.name + ' ' if k else ''}{label.name} (mL)")
            curves.append(getattr(source.function, label.name.lower()).volumes_ml)
    lines = ["\t".join(heads)]
    for frame in range(max((len(curve) for curve in curves), default=0)):
        at = [curve[frame] if frame < len(curve) else np.nan for curve in curves]
        cells = ["" if isnan(volume) else f"{volume:.1f}" for volume in at]
        lines.append("\t".join([str(frame + 1), *cells]))
    return lines


def _segments(found: SegmentalFunction) -> list[str]:
    lines = ["segment\tname\tthickness ED (mm)\tthickness ES (mm)\tthickening (%)\tmotion (mm)"]
    es = found.es_frame
    nothing = np.full(len(SEGMENT_NAMES), np.nan)
    columns = (
        found.thickness_mm[found.ed_frame],
        nothing if es is None else found.thickness_mm[es],
        found.thickening_percent,
        nothing if es is None else found.motion_mm[es],
    )
    for k, name in enumerate(SEGMENT_NAMES):
        cells = ["" if isnan(column[k]) else f"{column[k]:.1f}" for column in columns]
        lines.append("\t".join([str(k + 1), name, *cells]))
    return lines
