"""Dock with the volume curves, numbers and bull's-eye of the ventricles, as the labels are now."""

from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QApplication,
    QBoxLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel
from superqt.utils import qdebounced

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.normal_ranges import Comparison, compare_to_normal
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, joined
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.results import lines_text
from napari_cmr.viewer.plots.volumes import VolumePlot
from napari_cmr.viewer.plots.wall_segments import SegmentsPanel
from napari_cmr.viewer.widgets.function.function_table import (
    MAX_BESIDE,
    REFERENCE,
    FunctionTable,
    Source,
    ordinal,
    table_text,
)
from napari_cmr.viewer.widgets.labels.correction_line import CorrectionLine
from napari_cmr.viewer.widgets.labels.labels_choice import LabelsChoice
from napari_cmr.viewer.widgets.labels.model_notes import kept_tooltip
from napari_cmr.viewer.widgets.notice_list import NoticeList
from napari_cmr.viewer.widgets.parts import BigFigure, Dock, css, note, show_picture_old
from napari_cmr.workflow.edit.provenance import Provenance

SAY_UPDATING_AFTER_MS = 150
EF_TOOLTIP = (
    "Ejection fraction: the part of the end-diastolic volume that a beat ejects. "
    "From the labels, by slice summation."
)
ALL_LINES = "all lines"
FIGURE_WIDTH, NARROW_FIGURE = 132, 88
WIDTHS = (240, 570, 210)
"""Of curves, numbers and bull's-eye in the workspace of the smallest window."""


class FunctionDock(Dock):
    """Curves on the left, numbers in the middle, the bull's-eye on the right."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._build()
        self._say_updating = qdebounced(
            self._show_updating, timeout=SAY_UPDATING_AFTER_MS, parent=self
        )
        session = self.session
        self.bind(session.function_changed, self._on_function)
        self.bind(session.labels_layer_changed, self._on_layers)
        self.bind(session.scan_changed, self._on_scan)
        self.bind(session.models_changed, self._on_models)
        self.bind(session.acquisition_changed, self._on_acquisition)
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
        self.plot = VolumePlot()
        self.plot.setToolTip(
            "Cavity volume in every frame. Drag the line to step through them. "
            "Dots: the reference. Thin lines: other models."
        )
        self.plot.cursor.sigPositionChanged.connect(self._on_cursor)
        self.plot.setMinimumSize(200, 120)
        self.segments = SegmentsPanel(self.viewer, self.session)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setContentsMargins(8, 2, 8, 4)
        self.splitter.setHandleWidth(10)
        self.splitter.setChildrenCollapsible(True)
        for part, stretch in ((self.plot, 2), (self._build_numbers(), 1), (self.segments, 1)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        self.splitter.setSizes(list(WIDTHS))
        self._stack.addWidget(self.splitter)

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

    def _build_numbers(self) -> QWidget:
        panel = QWidget()
        side = self._side = QVBoxLayout()
        side.setSpacing(4)
        self.ef = {
            label: BigFigure(f"{label.name} EF", EF_TOOLTIP, css(label))
            for label in (Label.LV, Label.RV)
        }
        self.source = LabelsChoice(self, 8)
        self.source.setToolTip("The labels layer that is measured.")
        self.copy = QPushButton("Copy table")
        self.copy.setToolTip(
            "Copy the numbers, the volume of every frame and the 17 segments, for a spreadsheet."
        )
        self.copy.clicked.connect(self._on_copy)
        for figure in self.ef.values():
            figure.setMinimumWidth(FIGURE_WIDTH)  # a long caption does not widen it
            side.addWidget(figure)
        side.addStretch(1)
        side.addWidget(self.source)
        side.addWidget(self.copy)
        self.table = FunctionTable()
        self.table.setMinimumSize(120, 60)
        self.warnings = NoticeList()
        self.correction = CorrectionLine(self)
        self.old = QElidingLabel("⚠ Not from the chosen lines")
        self.old.setStyleSheet("font-size: 9pt; font-weight: 600;")
        self.old.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.old.hide()
        tables = QVBoxLayout()
        tables.setSpacing(2)
        tables.addWidget(self.old)
        tables.addWidget(self.correction)
        tables.addWidget(self.table, 1)
        tables.addWidget(self.warnings)
        box = self._numbers = QHBoxLayout(panel)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addLayout(side)
        box.addLayout(tables, 1)
        return panel

    def _make_room(self, n_sources: int) -> None:
        """Put the big figures over the table instead of beside it where the table is wide."""
        over = n_sources > MAX_BESIDE
        ways = QBoxLayout.Direction
        self._side.setDirection(ways.LeftToRight if over else ways.TopToBottom)
        self._numbers.setDirection(ways.TopToBottom if over else ways.LeftToRight)
        self._numbers.setSpacing(4 if over else 12)
        for figure in self.ef.values():
            figure.setMinimumWidth(NARROW_FIGURE if over else FIGURE_WIDTH)

    # -- the user does something ------------------------------------------------------------------

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

    def _on_copy(self) -> None:
        if self.session.function is not None:
            text = table_text(self.sources(), self._comparisons(), self.segments.current)
            QApplication.clipboard().setText(text)

    # -- something changed ------------------------------------------------------------------------

    def _on_layers(self, event: Any = None) -> None:
        self._show_page()

    def _on_scan(self, _scan: Any) -> None:
        self.segments.forget()
        self._on_layers()

    def _on_acquisition(self, _acquisition: Any) -> None:
        self._on_models()

    def _on_models(self) -> None:
        if not self.session.measuring:
            self._show_numbers()

    def _on_function(self) -> None:
        self._show_page()
        if self.session.measuring:
            self._say_updating()
            return
        self._say_updating.cancel()
        self._show_numbers()
        if self.session.function is None:
            self.segments.forget()
        else:
            self.segments.labels_changed()

    def _show_updating(self) -> None:
        self.warnings.say("updating…")

    def _show_numbers(self) -> None:
        function = self.session.function
        sources = self.sources()
        others = {one.name: one.function for one in sources[1:] if one.name in self.session.models}
        old = self.session.old_text(self.session.function_source)
        self.plot.show_function(function, self._reference(), others, is_old=bool(old))
        self.plot.show_edited(function, self.session.corrections.frames)
        show_picture_old(self.segments, bool(old))
        self._say_old(old, "" if old else self.session.kept_text(self.session.function_source))
        for label in (Label.LV, Label.RV):
            ventricle = None if function is None else getattr(function, label.name.lower())
            ef = None if ventricle is None else ventricle.ef_percent
            self.ef[label].show_value("–" if ef is None else f"{ef:.0f} %")
            self.ef[label].show_old(bool(old))
        comparisons = self._comparisons()
        self._make_room(len(sources))
        self.table.show_sources(sources, comparisons)
        # Where the table has many rows it says what the numbers are to be compared with.
        alone = sources[0] if 0 < len(sources) <= MAX_BESIDE else None
        self._show_captions(alone, {} if len(sources) > MAX_BESIDE else comparisons)
        self._show_warnings(function)

    def _say_old(self, old: str, kept: str) -> None:
        """Say over the numbers of which lines they are, or slices among them, if of others."""
        self.old.setText(f"⚠ {kept}" if kept else "⚠ Not from the chosen lines")
        self.old.setToolTip(
            kept_tooltip(self.session, kept)
            if kept
            else f"Made {old}; {self._lines(self.session.acquisition)} are chosen now. Segment "
            "again to have their numbers."
        )
        self.old.setVisible(bool(old or kept) and self.session.function is not None)

    def sources(self) -> list[Source]:
        """What is measured, every other model of these lines, and the reference."""
        session = self.session
        if session.function is None:
            return []
        layer = session.labels_layer
        own, reference = layers.model_of(layer), session.reference
        current = {
            name: result
            for name, result in session.models.items()
            if session.is_current(result) and result.function is not None
        }
        name = "labels" if layer is None else layer.name
        beside = self._reference()
        sources = [self._source(name, session.function, session.function_source, beside)]
        for model, result in current.items():
            if model != own and result.function is not None:
                sources.append(self._source(model, result.function, result.source, reference))
        if beside is not None:
            sources.append(Source(REFERENCE, beside))
        return sources

    def _source(
        self,
        name: str,
        function: CardiacFunction,
        made: Provenance,
        reference: CardiacFunction | None,
    ) -> Source:
        """Compare with the reference, or else with what the same model makes of every line."""
        session = self.session
        run = session.run_of(made.model or "")
        baseline, called = reference, REFERENCE
        full = run.full
        is_of_fewer = full is not None and made.acquisition != full.acquisition
        if baseline is None and full is not None and is_of_fewer:
            baseline = full.function if full.reading == session.reading else None
            called = ALL_LINES
        return Source(
            name,
            function,
            baseline,
            called,
            made.intervals_of(function),
            tuple(session.made_rows(name, made)),
            session.old_text(made),
        )

    def _lines(self, acquisition: Acquisition) -> str:
        scan = self.session.scan
        return "" if scan is None else lines_text(acquisition, scan.n_phase_encodes)

    def _reference(self) -> CardiacFunction | None:
        """Measurement of the reference labels, where something else is measured."""
        is_reference = layers.holds_reference(self.session.labels_layer)
        return None if is_reference else self.session.reference

    def _comparisons(self) -> dict[str, Comparison]:
        scan, function = self.session.scan, self.session.function
        if scan is None or function is None:
            return {}
        return compare_to_normal(function, scan.subject.sex)

    def _show_captions(self, source: Source | None, comparisons: dict[str, Comparison]) -> None:
        """Under the ejection fractions: interval, reference or percentile."""
        for label in (Label.LV, Label.RV):
            ventricle = label.name.lower()
            found = comparisons.get(f"{ventricle}.ef_percent")
            caption = f"{label.name} EF"
            baseline = None if source is None else source.baseline
            ef = None if baseline is None else getattr(baseline, ventricle).ef_percent
            tooltip = EF_TOOLTIP
            interval = None if source is None else source.interval_of(label)
            if source is not None and interval is not None and not source.old:
                caption += f" [{interval[0]:.0f}–{interval[1]:.0f}]"
            if source is not None and source.old:
                caption += f" · {source.old}"
                tooltip += f"\nMade {source.old}, not from the lines that are chosen now."
            elif ef is not None and source is not None:
                caption += f" · {source.baseline_name} {ef:.0f}\xa0%"
            elif found is not None:
                caption += f" · {ordinal(found.percentile)} percentile"
            if interval is not None:
                low, high = interval
                tooltip += f"\nThe model's own 90 % interval: {low:.0f} to {high:.0f} %."
            if found is not None:
                tooltip += f"\nPercentile among healthy adults: {found.normal.source}"
            self.ef[label].show_value(self.ef[label].text, caption)
            self.ef[label].setToolTip(tooltip)

    def _show_warnings(self, function: CardiacFunction | None) -> None:
        measured = () if function is None else function.warnings
        said = self.session.function_source.warnings
        self.warnings.show_notices(joined(said, measured))

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
                "This scan has no labels yet. Let a model make them under Segment, draw the LV "
                "cavity, the myocardium and the RV, or open a labels file on the scan's grid."
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
        self.segments.set_theme(self.theme)
