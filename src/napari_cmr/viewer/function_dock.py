"""Dock with the volume curves and numbers of both ventricles, as the labels are now."""

from math import isnan
from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.normal_ranges import compare_to_normal
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.plots import VolumePlot
from napari_cmr.viewer.widgets import BigFigure, Dock, css, note, row

SAY_UPDATING_AFTER_MS = 150
ROWS = (
    ("EDV", "edv_ml", "mL", "End-diastolic volume: the largest volume of the cycle."),
    ("ESV", "esv_ml", "mL", "End-systolic volume: the smallest volume of the cycle."),
    ("SV", "sv_ml", "mL", "Stroke volume: what a beat ejects, EDV minus ESV."),
    (
        "CO",
        "cardiac_output_l_min",
        "L/min",
        "Cardiac output: stroke volume times heart rate, where the heart rate is known.",
    ),
)
EF_TOOLTIP = (
    "Ejection fraction: the part of the end-diastolic volume that a beat ejects. "
    "From the labels, by slice summation."
)
MASS_TOOLTIP = (
    "Left-ventricular mass: myocardium at end-diastole times 1.05 g/mL, papillary muscles as "
    "they are labelled."
)


class FunctionDock(Dock):
    """Curves on the left, numbers on the right."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._build()
        self._say_updating = QTimer(self)
        self._say_updating.setSingleShot(True)
        self._say_updating.setInterval(SAY_UPDATING_AFTER_MS)
        self._say_updating.timeout.connect(lambda: self.state.setText("updating…"))
        session, events = self.session, self.viewer.layers.events
        self.bind(session.function_changed, self._on_function)
        self.bind(session.labels_layer_changed, self._on_layers)
        self.bind(session.scan_changed, self._on_layers)
        for event in (events.inserted, events.removed, events.renamed):
            self.bind(event, self._on_layers)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._on_layers()
        self._on_function()
        self._on_step()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._build_empty())
        full = QWidget()
        box = QHBoxLayout(full)
        box.setContentsMargins(8, 4, 12, 6)
        box.setSpacing(16)
        self.plot = VolumePlot()
        self.plot.setToolTip(
            "Cavity volume in every frame. Drag the line to step through them. Dots: the reference."
        )
        self.plot.cursor.sigPositionChanged.connect(self._on_cursor)
        self.plot.setMinimumSize(220, 130)
        box.addWidget(self.plot, 1)
        box.addLayout(self._build_numbers())
        self._stack.addWidget(full)

    def _build_empty(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        self.empty = note()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.draw = QPushButton("Add labels to draw in")
        self.draw.setToolTip(
            "A labels layer on the scan's grid: 1 is the LV cavity, 2 the myocardium, 3 the RV."
        )
        self.draw.clicked.connect(self._on_draw)
        box.addStretch(1)
        box.addWidget(self.empty)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self.draw)
        centred.addStretch(1)
        box.addLayout(centred)
        box.addStretch(1)
        return page

    def _build_numbers(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(4)
        self.ef = {
            label: BigFigure(f"{label.name} EF", EF_TOOLTIP, css(label))
            for label in (Label.LV, Label.RV)
        }
        self.mass = BigFigure("LV mass", MASS_TOOLTIP)
        side.addLayout(row(*self.ef.values(), self.mass, spacing=22))

        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(1)
        self.cells: dict[tuple[str, Label], QLabel] = {}
        for column, label in ((1, Label.LV), (2, Label.RV)):
            title = QLabel(label.name)
            title.setStyleSheet(f"color: {css(label)}; font-weight: 600;")
            grid.addWidget(title, 0, column, Qt.AlignmentFlag.AlignRight)
        for line, (name, key, unit, tooltip) in enumerate(ROWS, start=1):
            title = QLabel(name)
            title.setToolTip(tooltip)
            grid.addWidget(title, line, 0)
            for column, label in ((1, Label.LV), (2, Label.RV)):
                cell = QLabel("–")
                cell.setToolTip(tooltip)
                cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self.cells[key, label] = cell
                grid.addWidget(cell, line, column, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(QLabel(unit), line, 3)
        side.addLayout(grid)

        self.state = note()
        side.addWidget(self.state)
        side.addStretch(1)
        self.source = QComboBox()
        self.source.setToolTip("The labels layer that is measured.")
        self.source.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.source.setMinimumContentsLength(14)
        self.source.currentIndexChanged.connect(self._on_source)
        self.copy = QPushButton("Copy table")
        self.copy.setToolTip("Copy the numbers and the volume of every frame, for a spreadsheet.")
        self.copy.clicked.connect(self._on_copy)
        side.addLayout(row(self.source, self.copy))
        return side

    # -- a person does something ------------------------------------------------------------------

    def _on_draw(self) -> None:
        if self.session.scan is not None:
            layer = layers.add_empty_labels(self.viewer, self.session.scan)
            self.session.set_labels_layer(layer)
            QTimer.singleShot(0, lambda: layers.start_painting(self.viewer, layer))

    def _on_cursor(self, line: Any) -> None:
        if self.session.scan is not None:
            frame = round(line.value()) - 1
            if 0 <= frame < self.session.scan.n_frames:
                layers.go_to(self.viewer, self.session.scan, frame=frame)

    def _on_source(self, index: int) -> None:
        on_grid = layers.labels_layers(self.viewer, self.session.scan)
        if 0 <= index < len(on_grid):
            self.session.set_labels_layer(on_grid[index])

    def _on_copy(self) -> None:
        if self.session.function is not None:
            QApplication.clipboard().setText(table_text(self.session.function))

    # -- something changed ------------------------------------------------------------------------

    def _on_layers(self, event: Any = None) -> None:
        on_grid = layers.labels_layers(self.viewer, self.session.scan)
        self.source.blockSignals(True)
        self.source.clear()
        for layer in on_grid:
            self.source.addItem(layer.name)
            if layer is self.session.labels_layer:
                self.source.setCurrentIndex(self.source.count() - 1)
        self.source.blockSignals(False)
        self._show_page()

    def _on_function(self) -> None:
        session = self.session
        function = session.function
        self._show_page()
        if session.measuring:
            self._say_updating.start()
            return
        self._say_updating.stop()
        reference = session.reference if self._has_other_labels() else None
        self.plot.show_function(function, reference)
        for label in (Label.LV, Label.RV):
            ventricle = None if function is None else getattr(function, label.name.lower())
            ef = None if ventricle is None else ventricle.ef_percent
            self.ef[label].show_value("–" if ef is None else f"{ef:.0f} %")
            for _name, key, _unit, _tooltip in ROWS:
                value = None if ventricle is None else getattr(ventricle, key)
                self.cells[key, label].setText(_number(value, 1 if key.startswith("card") else 0))
        mass = None if function is None else function.lv_mass_g
        self.mass.show_value("–" if mass is None else f"{mass:.0f} g")
        self._show_context(function)

    def _has_other_labels(self) -> bool:
        """Whether something else than the scan's reference labels is measured."""
        return self.session.reference is not None and not layers.holds_reference(
            self.session.labels_layer
        )

    def _show_context(self, function: CardiacFunction | None) -> None:
        """Reference or percentile among healthy adults in captions, warnings under the numbers."""
        scan = self.session.scan
        sex = None if scan is None else scan.subject.sex
        comparisons = {} if function is None else compare_to_normal(function, sex)
        for label in (Label.LV, Label.RV):
            found = comparisons.get(f"{label.name.lower()}.ef_percent")
            caption = f"{label.name} EF"
            reference = self.session.reference if self._has_other_labels() else None
            ventricle = None if reference is None else getattr(reference, label.name.lower())
            if ventricle is not None and ventricle.ef_percent is not None:
                caption += f" · reference {ventricle.ef_percent:.0f} %"
            elif found is not None:
                caption += f" · {_ordinal(found.percentile)} percentile"
            self.ef[label].show_value(self.ef[label].text, caption)
            self.ef[label].setToolTip(
                EF_TOOLTIP
                if found is None
                else f"{EF_TOOLTIP}\nPercentile among healthy adults: {found.normal.source}"
            )
        warnings = layers.warnings_of(self.session.labels_layer)
        warnings += () if function is None else function.warnings
        self.state.setText(
            ""
            if not warnings
            else f"⚠ {warnings[0]}" + (f" (+{len(warnings) - 1} more)" if len(warnings) > 1 else "")
        )
        self.state.setToolTip("\n".join(warnings))

    def _show_page(self) -> None:
        session = self.session
        has_numbers = session.function is not None or (
            session.measuring and session.labels_layer is not None
        )
        self._stack.setCurrentIndex(1 if has_numbers else 0)
        self.draw.setVisible(session.scan is not None and session.labels_layer is None)
        if session.scan is None:
            self.empty.setText("Open a scan to see its volumes and ejection fraction.")
        elif session.labels_layer is None:
            self.empty.setText(
                "This scan has no labels yet. Draw the LV cavity, the myocardium and the RV in a "
                "labels layer, or open a labels file on the scan's grid."
            )
        else:
            self.empty.setText(
                "Nothing is labelled yet. Paint the LV cavity (1), the myocardium (2) and the RV "
                "(3); the numbers follow the brush."
            )

    def _on_step(self, event: Any = None) -> None:
        if self.session.scan is not None:
            self.plot.show_frame(layers.frame_on_screen(self.viewer, self.session.scan))

    def _on_theme(self, event: Any = None) -> None:
        self.plot.set_theme(self.theme)


def table_text(function: CardiacFunction) -> str:
    """Numbers and curves as tab-separated text; frames count from 1."""
    lines = ["measurement\tLV\tRV"]
    pairs = [("EF (%)", "ef_percent"), *((f"{name} ({unit})", key) for name, key, unit, _ in ROWS)]
    for name, key in pairs:
        values = (getattr(function.lv, key), getattr(function.rv, key))
        lines.append("\t".join([name, *(_number(value, 1, "") for value in values)]))
    lines.append(f"mass (g)\t{_number(function.lv_mass_g, 1, '')}\t")
    lines += ["", "frame\tLV (mL)\tRV (mL)"]
    for frame, (lv, rv) in enumerate(
        zip(function.lv.volumes_ml, function.rv.volumes_ml, strict=True), start=1
    ):
        cells = ("" if isnan(volume) else f"{volume:.1f}" for volume in (lv, rv))
        lines.append("\t".join([str(frame), *cells]))
    lines += ["", "Research use only"]
    return "\n".join(lines)


def _number(value: float | None, digits: int, unknown: str = "–") -> str:
    return unknown if value is None else f"{value:.{digits}f}"


def _ordinal(percentile: float) -> str:
    n = min(99, max(1, round(percentile)))
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
