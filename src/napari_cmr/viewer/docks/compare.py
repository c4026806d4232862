"""Dock that compares two labels layers: two readers, or a reader and a model."""

from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor
from qtpy.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cmr.analysis.contours import LABELS
from napari_cmr.viewer import layers
from napari_cmr.viewer.widgets.labels.comparison_text import (
    SliceRows,
    comparison_text,
    function_text,
    place_text,
    shown,
)
from napari_cmr.viewer.widgets.labels.model_notes import show_doubt
from napari_cmr.viewer.widgets.parts import (
    OLD_COLOUR,
    Column,
    Dock,
    heading,
    note,
    row,
    show_old,
)
from napari_cmr.viewer.widgets.tables import fit_rows, number_cell, quiet_table
from napari_cmr.workflow.measure.comparison import Contour, LabelComparison

ROW_HEIGHT = 22
SUMMARY = ("Dice", "mean mm", "max mm", "alone")
SLICES = ("Slice", "LV", "MYO", "RV", "mm", "Δ LV", "Δ RV")
SLICES_MEAN = "Dice of each label, largest distance in mm, difference of volumes in mL."


class CompareDock(Dock):
    """Choose two label sets, read off how they differ, and jump to where they differ most."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.comparing = self.workbench.comparing
        self._build()
        self.bind(self.session.derived.changed, self._on_derived)
        self.bind(self.comparing.changed, self._on_layers)
        self.bind(self.viewer.layers.events.renamed, self._on_layers)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self._on_layers()
        self._show()

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
        self.old = note()
        box.addWidget(self.old)

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
        self.overlay.toggled.connect(self.comparing.show_differences)
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
        box.addWidget(note(SLICES_MEAN))
        self.copy = QPushButton("Copy table")
        self.copy.setToolTip(
            "Copy every label, slice and frame, for a spreadsheet. Slices and frames count from 1."
        )
        self.copy.clicked.connect(self._on_copy)
        box.addLayout(row(self.copy))
        self.notes = note()
        box.addWidget(self.notes)

    # -- the user does something ------------------------------------------------------------------

    @property
    def comparison(self) -> LabelComparison | None:
        """How the two differ, old or not."""
        result = self.session.derived.comparison
        return None if result is None else result.comparison

    def _on_choice(self, _index: int = 0) -> None:
        offered = self.comparing.offered
        places = self.first.currentIndex(), self.second.currentIndex()
        if min(places) >= 0 and max(places) < len(offered):
            self.comparing.choose(offered[places[0]], offered[places[1]])

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

    def _on_copy(self) -> None:
        result = self.session.derived.comparison
        if result is not None:
            made = [
                row for one in result.labels for row in self.session.made_rows(one.name, one.source)
            ]
            QApplication.clipboard().setText(comparison_text(result.comparison, made))

    # -- something changed ------------------------------------------------------------------------

    def _on_layers(self, _anything: Any = None) -> None:
        comparing = self.comparing
        offered, chosen = comparing.offered, comparing.chosen
        for choice, taken in zip((self.first, self.second), chosen, strict=True):
            with signals_blocked(choice):
                choice.clear()
                choice.addItems([layer.name for layer in offered])
                if taken in offered:
                    choice.setCurrentIndex(offered.index(taken))
        enough = len(offered) > 1
        self.controls.setVisible(enough)
        self.empty.setVisible(not enough)
        self.empty.setText(
            "Open a scan to compare labels on it."
            if self.session.scan is None
            else "Two labels layers on the scan's grid are needed: run a model, draw labels, or "
            "open a label file beside the reference."
        )
        with signals_blocked(self.overlay):
            self.overlay.setChecked(comparing.shows_differences)
        self._show_notes()

    def _on_derived(self, kind: str) -> None:
        if kind == "comparison":
            self._show()

    def _on_step(self, event: Any = None) -> None:
        if self.here.isChecked():
            self._show_slices()

    def _show(self) -> None:
        comparison = self.comparison
        for control in (self.jump, self.overlay, self.here, self.copy):
            control.setEnabled(comparison is not None)
        self._show_notes()
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
                self.summary.setItem(line, column, self._cell(text))
        worst = [] if comparison is None else comparison.worst()
        self.worst.setText("".join(place_text(one) for one in worst))
        self.function.setText("" if record is None else function_text(record))
        for words in (self.worst, self.function):
            show_old(words, self._is_old)
        self._show_slices()

    def _show_notes(self) -> None:
        comparison, old = self.comparison, self.session.derived.old_text("comparison")
        why_none = self.comparing.problem or "Comparing…"  # above what is empty, to be seen
        why = why_none if comparison is None else f"⚠ Differences {old}." if old else ""
        show_doubt(self.old, self.session, "comparison", why)
        said = [] if comparison is None else [str(one) for one in comparison.notes]
        self.notes.setText("\n".join(said))

    @property
    def _is_old(self) -> bool:
        """Whether the numbers are of something else than what is on screen."""
        return bool(self.session.derived.old_text("comparison"))

    def _cell(self, text: str) -> QTableWidgetItem:
        cell = number_cell(text)
        if self._is_old:
            cell.setForeground(QColor(OLD_COLOUR))
        return cell

    def _show_slices(self, _on: bool = False) -> None:
        comparison, scan = self.comparison, self.session.scan
        rows = SliceRows(comparison, self._frame_row()) if comparison is not None and scan else None
        slices = [] if rows is None else rows.slices
        self.table.setRowCount(len(slices))
        fit_rows(self.table, len(slices))
        for line, z in enumerate(slices):
            assert rows is not None
            for column, text in enumerate((str(z + 1), *rows.texts(z))):
                item = self._cell(text)
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


def small_table(titles: tuple[str, ...], *, chooses_rows: bool = False) -> QTableWidget:
    """Make a table of many narrow columns in small letters, which is as high as all its rows."""
    table = quiet_table([(one, "") for one in titles], ROW_HEIGHT, chooses_rows=chooses_rows)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setMinimumSectionSize(20)
    table.setStyleSheet("font-size: 9pt;")
    return table
