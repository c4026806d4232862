"""Dock that repeats the acquisition and shows how far numbers and contours wander."""

from typing import Any

import numpy as np
from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout

from napari_cmr.analysis.contours import LABELS
from napari_cmr.analysis.reader_variability import LV_EF_READERS
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.model_choice import segmentation_models
from napari_cmr.viewer.plots.consistency import EfPlot, RibbonPlot
from napari_cmr.viewer.widgets.lines.heat_strip import HeatPicture
from napari_cmr.viewer.widgets.parts import (
    BigFigure,
    Dock,
    css,
    note,
    row,
    show_old,
    show_picture_old,
)
from napari_cmr.viewer.widgets.run_controls import RunControls
from napari_cmr.workflow.trials.consistency import MAX_REPEATS
from napari_cmr.workflow.trials.consistency_result import Consistency, Spread

CONTROLS_WIDTH = 236
READERS_TOOLTIP = (
    f"Mean absolute difference between two readers: {LV_EF_READERS.low_percent:.1f} to "
    f"{LV_EF_READERS.high_percent:.1f} % of the {LV_EF_READERS.quantity}.\n{LV_EF_READERS.source}"
)
DISTANCES = (
    ("mean", "mean_contour", "Mean distance of the contours to the mean contour."),
    ("Hausdorff", "hausdorff", "Largest distance of the contours to the mean contour."),
)


class ConsistencyDock(Dock):
    """Controls and the EF's spread on the left, then distribution, curves and distances."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.repeating = self.workbench.consistency
        self._shown: tuple[Consistency | None, bool] | None = None
        self._build()
        self.bind(self.repeating.changed, self._show)
        self.bind(self.session.scan_changed, self._on_scan)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._show()
        self._on_step()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 4, 10, 4)
        box.setSpacing(12)
        box.addWidget(self._build_controls())
        self.ef_plot = EfPlot()
        self.ef_plot.setMinimumWidth(170)
        self.ef_plot.setMaximumWidth(300)
        self.ef_plot.setToolTip(
            "Dots: each repetition. Bar: 90 % of them. Stroke: the median. Readers: how far two "
            f"people are apart on average.\n{READERS_TOOLTIP}"
        )
        box.addWidget(self.ef_plot, 2)
        self.ribbon = RibbonPlot()
        self.ribbon.setMinimumWidth(190)
        self.ribbon.setToolTip(
            "Median volume in every frame, and the ribbon in which 90 % of the repetitions lie. "
            "Drag the line to step through the frames."
        )
        self.ribbon.cursor.sigPositionChanged.connect(self._on_cursor)
        box.addWidget(self.ribbon, 3)
        box.addLayout(self._build_distances(), 3)

    def _build_controls(self) -> RunControls:
        side = self.controls = RunControls("Repeat", CONTROLS_WIDTH)
        self.run, self.repeats, self.progress = side.run, side.count, side.progress
        self.run.setToolTip(
            "Acquire the scan again and again, each time with other random lines, and segment it."
        )
        self.run.clicked.connect(self._on_run)
        self.repeats.setRange(2, MAX_REPEATS)
        self.repeats.setValue(self.repeating.repeats)
        self.repeats.setToolTip(
            "How often the scan is acquired. Seeds count up from the one chosen."
        )
        self.repeats.valueChanged.connect(self._on_repeats)
        self.model = QComboBox()
        self.model.setToolTip("The network that reads labels out of each acquisition.")
        self.model.addItems(segmentation_models())
        self.model.setCurrentIndex(max(0, self.model.findText(self.repeating.model)))
        self.model.currentTextChanged.connect(self._on_model)
        self.ef = BigFigure(
            "LV EF, median",
            "Median of the repetitions, and the range in which 90 % of them lie.",
            css(Label.LV),
        )
        self.readers = note()
        self.readers.setToolTip(READERS_TOOLTIP)
        side.add(self.model, self.progress, self.ef, self.readers)
        side.add_state()
        self.state = side.state
        self.on_image = QCheckBox("Show on the image")
        self.on_image.setToolTip(
            "The mean contour, and around it in cyan the band of pixels on whose label the "
            "repetitions disagree."
        )
        self.on_image.setChecked(self.repeating.on_image)
        self.on_image.toggled.connect(self.repeating.set_on_image)
        side.add(self.on_image)
        return side

    def _build_distances(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(2)
        self.label = QComboBox()
        for label in LABELS:
            self.label.addItem(label.name, label)
        self.label.setCurrentIndex(LABELS.index(Label.MYO))
        self.label.setToolTip("Whose contour.")
        self.distance = QComboBox()
        for name, key, tooltip in DISTANCES:
            self.distance.addItem(f"{name} (mm)", key)
            self.distance.setItemData(
                self.distance.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole
            )
        self.distance.setToolTip("Distance of each repetition to the mean contour, on average.")
        self.label.currentIndexChanged.connect(self._show_distances)
        self.distance.currentIndexChanged.connect(self._show_distances)
        box.addLayout(row(self.label, self.distance, stretch_last=True))
        self.heat = HeatPicture("mm")
        self.heat.setToolTip("Bright: here the contour wanders. Click: go there.")
        self.heat.chosen.connect(self._on_chosen)
        box.addWidget(self.heat, 1)
        return box

    # -- the user does something ------------------------------------------------------------------

    def _on_run(self) -> None:
        if self.repeating.job.is_running:
            self.repeating.cancel()
        else:
            self.repeating.run()

    def _on_repeats(self, repeats: int) -> None:
        self.repeating.repeats = repeats

    def _on_model(self, model: str) -> None:
        self.repeating.choose_model(model)

    def _on_cursor(self, line: Any) -> None:
        scan = self.session.scan
        frame = round(line.value()) - 1
        if scan is not None and 0 <= frame < scan.n_frames:
            layers.go_to(self.viewer, scan, frame=frame)

    def _on_chosen(self, frame: int, z: int) -> None:
        if self.session.scan is not None:
            layers.go_to(self.viewer, self.session.scan, frame=frame, z=z)

    # -- something changed ------------------------------------------------------------------------

    def _on_scan(self, _scan: Any) -> None:
        self._show()

    def _on_step(self, event: Any = None) -> None:
        scan = self.session.scan
        if scan is not None:
            frame = layers.frame_on_screen(self.viewer, scan)
            self.ribbon.show_frame(frame)
            self.heat.show_place(frame, layers.slice_on_screen(self.viewer, scan))

    def _on_theme(self, event: Any = None) -> None:
        for part in (self.ef_plot, self.ribbon, self.heat):
            part.set_theme(self.theme)

    def _show(self) -> None:
        repeating = self.repeating
        running, result = repeating.job.is_running, repeating.result
        has_model = self.model.count() > 0
        self.run.setEnabled(self.session.scan is not None and has_model)
        self.controls.show_run(
            is_running=running, steps=repeating.steps, all_steps=repeating.all_steps
        )
        self.controls.show_count(repeating.repeats)
        self.model.setEnabled(not running)
        self.controls.say(
            self._state_text(), *(() if result is None else map(str, result.warnings))
        )
        shown = result, repeating.is_old
        if self._shown is None or self._shown[0] is not result or self._shown[1] != shown[1]:
            self._shown = shown
            self.ef_plot.show_result(result, is_old=repeating.is_old)
            self.ribbon.show_result(result, is_old=repeating.is_old)
            self._show_distances()
            show_picture_old(self.heat, repeating.is_old)
            self._show_spread(result, repeating.is_old)

    def _state_text(self) -> str:
        repeating, result = self.repeating, self.repeating.result
        if self.session.scan is None:
            return "Open a scan to see how far its numbers wander."
        if not self.model.count():
            return "No trained model is installed."
        if result is None:
            if repeating.job.is_running:
                return "finding the heart…"
            return "Choose lines under Acquire, then repeat their acquisition with other seeds."
        lines = result.acquisition.n_lines or self.session.scan.n_phase_encodes
        text = f"{result.n} × {lines} lines, {result.model}"
        if repeating.job.is_running:
            step = "" if result.n < result.wanted else ", measuring to the final mean"
            return f"{result.n} of {result.wanted}, {lines} lines{step}"
        if repeating.is_old:
            text = f"⚠ Old: {text}"  # short: there is room for two lines
        elif result.n < result.wanted:
            text += ", stopped"
        if result.warnings:
            n = len(result.warnings)
            text += f" ⚠ {n} warning" + ("s" if n > 1 else "")
        return text

    def _show_spread(self, result: Consistency | None, is_old: bool) -> None:
        spread = None if result is None else Spread.of(result.ef_percent(Label.LV))
        self.ef.show_old(is_old)
        show_old(self.readers, is_old)
        low, high = LV_EF_READERS.low_percent, LV_EF_READERS.high_percent
        readers = f"two readers by {low:.0f}–{high:.0f} % (Bai 2018)"
        if spread is None:
            self.ef.show_value("–", "LV EF, median")
            self.readers.setText(f"On LV EF, {readers.replace('by', 'differ by')}.")
            return
        self.ef.show_value(
            f"{spread.median:.0f} %", f"LV EF, median · 90 %: {spread.low:.0f}–{spread.high:.0f} %"
        )
        apart = spread.mean_difference_percent
        self.readers.setText(
            "" if apart is None else f"Repetitions differ by {apart:.1f} % of it, {readers}."
        )

    def _show_distances(self, _index: int = 0) -> None:
        result = self.repeating.result
        if result is None or result.n < 2:
            self.heat.show_values(np.zeros((0, 0)))
            return
        values = getattr(result, self.distance.currentData())
        self.heat.show_values(values[..., self.label.currentIndex()])
