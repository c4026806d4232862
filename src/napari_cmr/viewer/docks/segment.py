"""Dock in which the user runs one or several models on the chosen lines."""

from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtGui import QBrush, QColor
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cmr.scan import Scan, Ventricle
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.model_choice import models_for
from napari_cmr.viewer.core.processors import PRECISIONS, list_devices
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.widgets.labels.model_notes import ModelNotes, old_tooltip
from napari_cmr.viewer.widgets.parts import (
    OLD_COLOUR,
    Column,
    Dock,
    duration_text,
    heading,
    more,
    note,
    row,
)
from napari_cmr.viewer.widgets.tables import fit_rows, number_cell, quiet_table
from napari_cmr.workflow.reconstruct.methods import default_method
from napari_cmr.workflow.segment.chain import chained_name, parted_name

ROW_HEIGHT, MAX_ROWS = 26, 8
COLUMNS = (
    ("Model", "Tick one or several. The labels of the topmost are those that are measured."),
    ("LV EF", "Ejection fraction of the left ventricle; grey while it is of other lines."),
    ("RV EF", "Ejection fraction of the right ventricle; grey while it is of other lines."),
    ("Time", "Of the network for all frames of one slice; the tooltip of a time says where."),
)
REFERENCE = "Reference"
NO_MODEL = "No trained model is installed: train one with 'napari-cmr train'."
CHECKABLE = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
)
PLAIN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class SegmentDock(Dock):
    """Which models, run once or follow, and what each of them found."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.segmentation = self.workbench.segmentation
        self._listing = LatestJob("Looking for devices", self._on_devices, self)
        self._asked_for_devices = False
        self._build()
        session = self.session
        self.bind(self.segmentation.changed, self._show)
        self.bind(self.segmentation.tiling.changed, self._show)
        self.bind(session.models_changed, self._show)
        self.bind(session.labels_settled, self._show)
        self.bind(session.acquisition_changed, self._show)
        self.bind(session.function_changed, self._show)
        self.bind(session.scan_changed, self._on_scan)
        self.bind(session.reconstructions.chosen_changed, self._on_methods)
        self.bind(viewer.dims.events.current_step, self._on_step)
        self._on_scan(session.scan)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        box = column.box
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)
        self.run = QPushButton("Segment")
        self.run.setToolTip(
            "Segment the whole scan once, from the lines chosen under Acquire. The labels arrive "
            "whole, as one step that can be undone."
        )
        self.run.clicked.connect(self._on_run)
        self.follow = QCheckBox("Follow the lines")
        self.follow.setToolTip(
            "Segment again at every change of the lines: what is on screen first, then the rest. "
            "It leaves one processor core to the window."
        )
        self.follow.toggled.connect(self.segmentation.set_follows)
        self.table = self._build_table()
        self.about = note()
        self.side_by_side = QCheckBox("Side by side")
        self.side_by_side.setToolTip(
            "Once two models are ticked: give each a tile of its own, over the same picture, at "
            "the same frame, slice and zoom; otherwise their labels lie over each other."
        )
        self.side_by_side.toggled.connect(self.segmentation.tiling.set_wanted)
        self.state = note()
        self.notes = ModelNotes(self.viewer, self.segmentation)
        box.addWidget(heading("Models"))
        box.addWidget(self.table)
        box.addWidget(self.about)
        box.addLayout(row(self.run, self.follow))
        box.addWidget(self.side_by_side)
        box.addWidget(self.state)
        box.addWidget(self.notes)
        self.fold = more(self._build_more())
        self.fold.toggled.connect(self._on_fold)
        box.addWidget(self.fold)
        box.addStretch(1)

    def _build_table(self) -> QTableWidget:
        table = quiet_table(COLUMNS, ROW_HEIGHT, chooses_rows=True)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.itemChanged.connect(self._on_item)
        table.itemSelectionChanged.connect(self._show_about)
        return table

    def _build_more(self) -> QWidget:
        panel = QWidget()
        form = QFormLayout(panel)
        form.setContentsMargins(4, 0, 0, 0)
        self.device = QComboBox()
        self.device.addItems(dict.fromkeys(("auto", "cpu", self.segmentation.device)))
        self.device.setToolTip(
            "Where the networks run. Auto takes the graphics card if there is one that can be used."
        )
        self.device.currentTextChanged.connect(self.segmentation.set_device)
        form.addRow("Device", self.device)
        self.precision = QComboBox()
        self.precision.addItems(PRECISIONS)
        self.precision.setToolTip(
            "Of the network's arithmetic. Auto takes half as many bits where the device is faster "
            "with them: contours may move by a pixel. float32 is slower and the same everywhere."
        )
        self.precision.currentTextChanged.connect(self.segmentation.set_precision)
        form.addRow("Precision", self.precision)
        self.replace = QCheckBox("Replace corrected slices")
        self.replace.setToolTip(
            "Otherwise a run leaves slices alone that you have corrected by hand. Either way undo "
            "(Ctrl-Z) brings back what was there."
        )
        self.replace.toggled.connect(self._on_replace)
        form.addRow(self.replace)
        self.mend = QCheckBox("Mend along the stack")
        self.mend.setChecked(self.segmentation.mends)
        self.mend.setToolTip(
            "Drop pieces that no slice beside has, and swap LV and RV back where the slices beside "
            "leave no doubt. What was mended is told; untick it and segment again for the labels "
            "as the network gives them."
        )
        self.mend.toggled.connect(self._on_mend)
        form.addRow(self.mend)
        return panel

    def _fill(self, scan: Scan | None) -> None:
        """List the models for a scan; reading their cards needs no network library."""
        self.cards, problem = models_for(scan)
        self.problem = problem or ("" if self.cards else NO_MODEL)
        with signals_blocked(self.table):
            self.names = self._named(scan)
            self.table.setRowCount(len(self.names) + 1)
            for line, name in enumerate(self.names):
                model, method = parted_name(name)
                item = QTableWidgetItem(name if method is None else f"↳ {method}")
                item.setFlags(CHECKABLE)
                item.setCheckState(Qt.CheckState.Unchecked)
                item.setToolTip(
                    next(card.description for card in self.cards if card.name == model)
                    if method is None
                    else f"{name}: {model} sees the image that {method} makes of the lines."
                )
                self.table.setItem(line, 0, item)
            self.table.setItem(len(self.names), 0, QTableWidgetItem(REFERENCE))
            for line in range(len(self.names) + 1):
                for place in range(1, len(COLUMNS)):
                    self.table.setItem(line, place, number_cell())
                for place in range(len(COLUMNS)):
                    if line == len(self.names):
                        self.table.item(line, place).setFlags(PLAIN)
        for place in (1, 2):
            self.table.setColumnHidden(place, scan is not None and scan.n_frames == 1)
        chosen = tuple(name for name in self.segmentation.models if name in self.names)
        self.segmentation.set_models(chosen or self.names[:1])
        self._show_about()

    def _named(self, scan: Scan | None) -> tuple[str, ...]:
        """Every model, and below it the same on the reconstructed picture, or on what is ticked."""
        plain = [card.name for card in self.cards]
        if scan is None or scan.kind == "lge" or not plain:
            return tuple(plain)
        method = self.session.reconstructions.first or default_method(cine=True)[0]
        ticked = [name for name in self.segmentation.models if parted_name(name)[1] is not None]
        names = []
        for model in plain:
            own = [name for name in ticked if parted_name(name)[0] == model]
            names += [model, chained_name(method, model), *own]
        return tuple(dict.fromkeys(names))

    def _on_methods(self) -> None:
        """Offer models on another image."""
        if self._named(self.session.scan) != self.names:
            self._fill(self.session.scan)
            self._show()

    # -- the user does something ------------------------------------------------------------------

    def _on_fold(self, open_: bool) -> None:
        """Look for devices when the user wants one: it takes the network library to know them."""
        if open_ and not self._asked_for_devices:
            self._asked_for_devices = True
            self._listing.request(list_devices)

    def _on_devices(self, names: list[str]) -> None:
        with signals_blocked(self.device):
            self.device.clear()
            self.device.addItems(names)
            self.device.setCurrentText(self.segmentation.device)

    def _on_item(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            lines = range(len(self.names))
            ticked = [self.table.item(line, 0) for line in lines]
            self.segmentation.set_models(
                name
                for name, one in zip(self.names, ticked, strict=True)
                if one.checkState() == Qt.CheckState.Checked
            )

    def _on_mend(self, mend: bool) -> None:
        self.segmentation.mends = mend

    def _on_replace(self, replace: bool) -> None:
        self.segmentation.replaces_corrected = replace

    def _on_run(self) -> None:
        if self._can_cancel:
            self.segmentation.cancel()
        else:
            self.segmentation.run()

    # -- something changed ------------------------------------------------------------------------

    def _on_scan(self, scan: Scan | None) -> None:
        self._fill(scan)
        self._show()

    @property
    def _can_cancel(self) -> bool:
        return self.segmentation.job.is_running and not self.segmentation.follows

    def _show_about(self) -> None:
        line = self.table.currentRow()
        names = [card.name for card in self.cards]
        name = self.names[line] if 0 <= line < len(self.names) else self.segmentation.model
        model = parted_name(name or "")[0]
        line = names.index(model) if model in names else -1
        if line < 0:
            self.about.setText(self.problem)
            return
        card = self.cards[line]
        self.about.setText(card.description)
        self.about.setToolTip(
            f"Learned from: {card.trained_on}\nLicence: {card.licence}\nCite: {card.citation}"
        )

    def _show(self, _what: Any = None) -> None:
        segmentation, session = self.segmentation, self.session
        ready = session.scan is not None and bool(segmentation.models)
        self.run.setEnabled(ready)
        self.follow.setEnabled(ready)
        self.run.setText("Cancel" if self._can_cancel else "Segment")
        for control, value in (
            (self.follow, segmentation.follows),
            (self.side_by_side, segmentation.tiling.wanted),
        ):
            with signals_blocked(control):
                control.setChecked(value)
        self.side_by_side.setVisible(len(self.cards) > 1)
        self.side_by_side.setEnabled(len(segmentation.models) > 1)
        with signals_blocked(self.device):
            self.device.setCurrentText(segmentation.device)
        with signals_blocked(self.precision):
            self.precision.setCurrentText(segmentation.precision)
        with signals_blocked(self.table):
            self._show_rows()
        self.state.setText(self._state_text())
        self.notes.show_models()

    def _show_rows(self) -> None:
        segmentation, session = self.segmentation, self.session
        for line, name in enumerate(self.names):
            chosen = name in segmentation.models
            self.table.item(line, 0).setCheckState(
                Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
            )
            result = session.models.get(name)
            old = result is not None and not session.is_current(result)
            self._show_numbers(line, result.function if result else None, old, result)
            latest = session.run_of(name).latest
            cell = self.table.item(line, 3)
            cell.setText("" if latest is None else duration_text(latest.seconds))
            cell.setToolTip("" if latest is None else f"On {latest.device}.")
        last = len(self.names)
        self.table.setRowHidden(last, session.reference is None)
        self._show_numbers(last, session.reference, old=False, result=None)
        shown = last + (session.reference is not None)
        fit_rows(self.table, max(1, shown), MAX_ROWS)

    def _show_numbers(
        self, line: int, function: Any, old: bool, result: ModelResult | None
    ) -> None:
        grey = QBrush(QColor(OLD_COLOUR)) if old else QBrush()
        ventricles: tuple[tuple[int, Ventricle], ...] = ((1, "LV"), (2, "RV"))
        for place, name in ventricles:
            ef = None if function is None else getattr(function, name.lower()).ef_percent
            cell = self.table.item(line, place)
            cell.setText("–" if ef is None else f"{ef:.0f} %")
            cell.setForeground(grey)
            interval = None if result is None else result.ef_intervals.get(name)
            cell.setToolTip(
                old_tooltip(self.session, [result.source])
                if old and result is not None
                else ""
                if interval is None
                else f"90 % interval: {interval[0]:.0f} to {interval[1]:.0f} %"
            )

    def _state_text(self) -> str:
        segmentation, session = self.segmentation, self.session
        if not self.cards:
            return ""
        if session.scan is None:
            return "Open a scan first."
        if not segmentation.models:
            return "Tick a model."
        if segmentation.job.is_running:
            return f"segmenting: {segmentation.progress}"
        runs = [session.run_of(name) for name in segmentation.models]
        if all(run.latest is None and run.result is None for run in runs):
            if session.mask is None or session.mask.is_full:
                return "Press Segment: the model sees all lines. Choose fewer under Acquire."
            return "Press Segment: the model sees the lines chosen under Acquire."
        found = [run.result for run in runs if run.result is not None]
        if not segmentation.follows and any(not session.is_current(one) for one in found):
            return "Grey numbers are of other lines. Press Segment for those chosen now."
        if session.scan.n_frames == 1:
            return "Scar is looked for inside these labels: see Scar."
        n_frames = session.scan.n_frames
        return f"Times are for the {n_frames} frames of a slice."

    def _on_step(self, _event: Any = None) -> None:
        self.notes.show_slice()
