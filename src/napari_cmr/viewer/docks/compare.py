"""Dock that compares two labels layers: two readers, or a reader and a model."""

import zlib
from collections.abc import Generator
from typing import Any
from weakref import WeakSet

import numpy as np
from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QWidget,
)
from superqt.utils import qdebounced, signals_blocked

from napari_cmr.analysis import Reading
from napari_cmr.analysis.contours import LABELS
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.widgets.labels.comparison_text import (
    SliceRows,
    comparison_text,
    function_text,
    place_text,
    shown,
)
from napari_cmr.viewer.widgets.parts import Column, Dock, heading, note, row
from napari_cmr.viewer.widgets.tables import fit_rows, number_cell, quiet_table
from napari_cmr.workflow.measure.comparison import Contour, LabelComparison, compare_labels

LOOK_AGAIN_MS = 300
ROW_HEIGHT = 22
SUMMARY = ("Dice", "mean mm", "max mm", "alone")
SLICES = ("Slice", "LV", "MYO", "RV", "mm", "Δ LV", "Δ RV")


class CompareDock(Dock):
    """Choose two label sets, read off how they differ, and jump to where they differ most."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.comparison: LabelComparison | None = None
        self._digest: int | None = None
        self._where: np.ndarray | None = None
        self._heard: WeakSet[Any] = WeakSet()
        self.job = LatestJob("Comparing labels", self._on_compared, self)
        self._look_again = qdebounced(self._compare, timeout=LOOK_AGAIN_MS, parent=self)
        self._build()
        session, events = self.session, self.viewer.layers.events
        self.bind(session.scan_changed, self._on_layers)
        self.bind(session.reading_changed, self._on_reading)
        for event in (events.inserted, events.removed, events.renamed):
            self.bind(event, self._on_layers)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self._on_layers()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)
        self.empty = note()
        column.box.addWidget(self.empty)
        self.controls = QWidget()
        box = Column.layout_of(self.controls)
        column.box.addWidget(self.controls)
        column.box.addStretch(1)

        self.first, self.second = QComboBox(), QComboBox()
        self.first.setToolTip("The labels to compare with, such as a reader's.")
        self.second.setToolTip("The labels that are judged. Differences are second minus first.")
        form = QFormLayout()
        form.setSpacing(6)
        form.addRow("First", self.first)
        form.addRow("Second", self.second)
        for choice in (self.first, self.second):
            choice.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            choice.setMinimumContentsLength(12)
            choice.currentIndexChanged.connect(self._on_choice)
        box.addLayout(form)

        self.jump = QPushButton("Go to the worst contour")
        self.jump.setToolTip("Show the slice and frame in which the contours lie furthest apart.")
        self.jump.clicked.connect(self._on_jump)
        self.worst = note()
        box.addLayout(row(self.jump))
        box.addWidget(self.worst)

        self.summary = small_table(SUMMARY)
        self.summary.setRowCount(len(LABELS))
        fit_rows(self.summary, len(LABELS))
        self.summary.setVerticalHeaderLabels([label.name for label in LABELS])
        self.summary.verticalHeader().setVisible(True)
        self.summary.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.summary.setToolTip(
            "Of all frames that both label. Dice: twice the common area over the sum of both. "
            "Mean and largest distance between the contours. Alone: slices in which only one has "
            "the label, of which no distance can tell."
        )
        box.addWidget(self.summary)
        self.function = note()
        self.function.setToolTip("Second minus first, of the frames that both label.")
        box.addWidget(self.function)

        self.overlay = QCheckBox("Show differences")
        self.overlay.setToolTip(
            "Over the image: orange where only the first has a label, light blue where only the "
            "second has one, white where they have different ones."
        )
        self.overlay.toggled.connect(self._on_overlay)
        box.addWidget(self.overlay)

        box.addWidget(heading("Slices"))
        self.here = QCheckBox("Only the frame on screen")
        self.here.setToolTip("Otherwise over all frames that both label.")
        self.here.toggled.connect(self._show_slices)
        box.addWidget(self.here)
        self.table = small_table(SLICES, chooses_rows=True)
        self.table.setToolTip(
            "Dice of each label, largest distance of any contour, and volume of the second minus "
            "the first in mL (over several frames the largest difference). Click a slice to go "
            "where it is worst."
        )
        self.table.cellClicked.connect(self._on_cell)
        box.addWidget(self.table)
        self.copy = QPushButton("Copy table")
        self.copy.setToolTip(
            "Copy every label, slice and frame, for a spreadsheet. Slices and frames count from 1."
        )
        self.copy.clicked.connect(self._on_copy)
        box.addLayout(row(self.copy))
        self.notes = note()
        box.addWidget(self.notes)

    # -- the user does something ------------------------------------------------------------------

    def _on_choice(self, _index: int = 0) -> None:
        self._listen()
        self._digest = None
        self._compare()

    def _on_jump(self) -> None:
        worst = [] if self.comparison is None else self.comparison.worst()
        if worst:
            self._go_to(worst[0])

    def _on_cell(self, line: int, _column: int) -> None:
        z = self.table.item(line, 0).data(Qt.ItemDataRole.UserRole)
        worst = self._worst_of_slice(z)
        scan = self.session.scan
        if worst is not None:
            self._go_to(worst)
        elif scan is not None:
            layers.go_to(self.viewer, scan, z=z)  # only one set has labels there

    def _go_to(self, contour: Contour) -> None:
        if self.session.scan is not None:
            layers.go_to(self.viewer, self.session.scan, frame=contour.frame, z=contour.slice)

    def _on_overlay(self, on: bool) -> None:
        scan = self.session.scan
        if scan is None:
            return
        if on and self._where is not None:
            layers.show_difference(self.viewer, scan, self._where)
        else:
            layers.hide_difference(self.viewer, scan)

    def _on_copy(self) -> None:
        if self.comparison is not None:
            QApplication.clipboard().setText(comparison_text(self.comparison))

    # -- something changed ------------------------------------------------------------------------

    @property
    def chosen(self) -> tuple[Any, Any] | None:
        """The two layers that are compared, or None."""
        on_grid = layers.labels_layers(self.viewer, self.session.scan)
        places = self.first.currentIndex(), self.second.currentIndex()
        if min(places) < 0 or max(places) >= len(on_grid):
            return None
        return on_grid[places[0]], on_grid[places[1]]

    def _on_layers(self, event: Any = None) -> None:
        on_grid = layers.labels_layers(self.viewer, self.session.scan)
        before = [choice.currentData() for choice in (self.first, self.second)]
        # What is judged is on top, and what it is judged by is the reference, as a rule.
        reference = next((i for i, one in enumerate(on_grid) if layers.holds_reference(one)), None)
        usual = [len(on_grid) - 1 if reference is None else reference, 0]
        if usual[0] == usual[1] and len(on_grid) > 1:
            usual[1] = 1
        if before[0] == before[1]:
            before = [None, None]  # there was only one to choose
        for choice, old, default in zip((self.first, self.second), before, usual, strict=True):
            with signals_blocked(choice):
                choice.clear()
                for layer in on_grid:
                    choice.addItem(layer.name, id(layer))
                kept = choice.findData(old)
                choice.setCurrentIndex(kept if kept >= 0 else default)
        enough = len(on_grid) > 1
        self.controls.setVisible(enough)
        self.empty.setVisible(not enough)
        self.empty.setText(
            "Open a scan to compare labels on it."
            if self.session.scan is None
            else "Two labels layers on the scan's grid are needed: run a model, draw labels, or "
            "open a label file beside the reference."
        )
        if layers.find(self.viewer, self.session.scan, "difference") is None:
            with signals_blocked(self.overlay):
                self.overlay.setChecked(False)
        self._listen()
        self._look_again()

    def _on_reading(self, _reading: Reading) -> None:
        self._digest = None
        self._look_again()

    def _listen(self) -> None:
        """Hear of edits of the two layers that are chosen."""
        for layer in self.chosen or ():
            if layer not in self._heard:
                self._heard.add(layer)
                self.bind(layer.events.labels_update, self._on_edited)
                self.bind(layer.events.set_data, self._on_edited)

    def _on_edited(self, event: Any = None) -> None:
        if any(event.source is layer for layer in self.chosen or ()):
            self._look_again()

    def _on_step(self, event: Any = None) -> None:
        if self.here.isChecked():
            self._show_slices()

    def _compare(self) -> None:
        scan, chosen = self.session.scan, self.chosen
        if scan is None or chosen is None or chosen[0] is chosen[1]:
            self.job.cancel()
            self._digest = None
            self._show(None)
            if chosen is not None:
                self.notes.setText("Choose two different layers.")
            return
        one, other = chosen
        both = (one.name, np.asarray(one.data)), (other.name, np.asarray(other.data))
        self.job.request(_compare_if_changed, scan, both, self.session.reading, self._digest)

    def _on_compared(self, result: Any) -> None:
        self._digest, found, self._where = result
        self._show(found if isinstance(found, LabelComparison) else None)
        if isinstance(found, str):
            self.notes.setText(found)
        if self.overlay.isChecked():
            self._on_overlay(True)

    def _show(self, comparison: LabelComparison | None) -> None:
        self.comparison = comparison
        for control in (self.jump, self.overlay, self.here, self.copy):
            control.setEnabled(comparison is not None)
        self.notes.setText("" if comparison is None else "\n".join(map(str, comparison.notes)))
        record = None if comparison is None else comparison.to_dict()
        for line, label in enumerate(LABELS):
            one = None if record is None else record["labels"][label.name.lower()]
            texts = ("", "", "", "") if one is None else (
                shown(one["dice"], ".2f"),
                shown(one["mean_contour_mm"], ".1f"),
                shown(one["hausdorff_mm"], ".1f"),
                str(one["slices_in_one_only"]),
            )  # fmt: skip
            for column, text in enumerate(texts):
                self.summary.setItem(line, column, number_cell(text))
        worst = [] if comparison is None else comparison.worst()
        self.worst.setText("".join(place_text(one) for one in worst))
        self.function.setText("" if record is None else function_text(record))
        self._show_slices()

    def _show_slices(self, _on: bool = False) -> None:
        comparison, scan = self.comparison, self.session.scan
        rows = SliceRows(comparison, self._frame_row()) if comparison is not None and scan else None
        slices = [] if rows is None else rows.slices
        self.table.setRowCount(len(slices))
        fit_rows(self.table, len(slices))
        for line, z in enumerate(slices):
            assert rows is not None
            for column, text in enumerate((str(z + 1), *rows.texts(z))):
                item = number_cell(text)
                item.setData(Qt.ItemDataRole.UserRole, z)
                self.table.setItem(line, column, item)
        if comparison is not None and self.here.isChecked() and self._frame_row() is None:
            self.table.setRowCount(0)

    def _frame_row(self) -> int | None:
        """Row of the comparison's arrays for the frame on screen; None for all frames."""
        comparison, scan = self.comparison, self.session.scan
        if comparison is None or scan is None or not self.here.isChecked():
            return None
        frame = layers.frame_on_screen(self.viewer, scan)
        return comparison.frames.index(frame) if frame in comparison.frames else None

    def _worst_of_slice(self, z: int) -> Contour | None:
        if self.comparison is None:
            return None
        row_number = self._frame_row()
        found = [
            one
            for one in self.comparison.worst(self.comparison.dice.size)
            if one.slice == z
            and (row_number is None or one.frame == self.comparison.frames[row_number])
        ]
        return found[0] if found else None


Named = tuple[tuple[str, np.ndarray], tuple[str, np.ndarray]]


def _compare_if_changed(
    scan: Scan, both: Named, reading: Reading, digest: int | None
) -> Generator[tuple[int, LabelComparison | str, np.ndarray], None, None]:
    """If the labels are not those of ``digest``, yield theirs, how they differ, and where."""
    from napari_cmr.scan import ScanError

    names = both[0][0], both[1][0]
    first, second = (np.ascontiguousarray(labels) for _name, labels in both)
    new = zlib.crc32(second.data, zlib.crc32(first.data, zlib.crc32(repr(names).encode())))
    if new == digest:
        return
    found: LabelComparison | str
    try:
        found = compare_labels(scan, first, second, names=names, reading=reading)
    except ScanError as error:  # nothing is broken: there is nothing to compare yet
        found = str(error)
    yield new, found, layers.differences(first, second)


def small_table(titles: tuple[str, ...], *, chooses_rows: bool = False) -> QTableWidget:
    """Make a table of many narrow columns in small letters, which is as high as all its rows."""
    table = quiet_table([(one, "") for one in titles], ROW_HEIGHT, chooses_rows=chooses_rows)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setMinimumSectionSize(20)
    table.setStyleSheet("font-size: 9pt;")
    return table
