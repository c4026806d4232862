"""Dock for late enhancement: scar and no-reflow in the myocardium, as the threshold moves."""

from contextlib import ExitStack
from typing import Any

import numpy as np
from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cmr.analysis.aha import N_SEGMENTS
from napari_cmr.scan import Label, Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.measures.scar import table_text
from napari_cmr.viewer.core.derived import ScarResult
from napari_cmr.viewer.plots.bullseye import BullsEye, Quantity
from napari_cmr.viewer.plots.scar import SensitivityPlot
from napari_cmr.viewer.plots.wall_segments import show_segment
from napari_cmr.viewer.widgets.labels.model_notes import show_doubt
from napari_cmr.viewer.widgets.labels.pinned_labels import PinnedLabels
from napari_cmr.viewer.widgets.parts import BigFigure, Column, Dock, css, more, note, row, show_old
from napari_cmr.viewer.widgets.settings_form import SettingsForm
from napari_cmr.workflow.measure.scar import USUAL_N

TENTHS = 10
METHODS = (("fwhm", "FWHM"), ("nsd", "n-SD"), ("otsu", "Otsu"))
TRANSMURALITY = Quantity("Transmurality", "%", 0, 100)
PART = Quantity("Part of the segment", "%", 0, 100)
QUANTITIES = (TRANSMURALITY, PART)
FOLDED = ("blood_part", "from_endocardium", "least_ml")
FROM_LABELS, LEFT, RIGHT, TOP, BOTTOM = (None, 180.0, 0.0, 270.0, 90.0)


class ScarDock(Dock):
    """Method and threshold on top, then numbers and bull's-eye; the rest folded."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.search = self.workbench.scar
        self._selected: int | None = None
        self._build()
        session = self.session
        self.bind(session.scan_changed, self._on_scan)
        self.bind(session.derived.changed, self._on_derived)
        self.bind(self.search.changed, self._show)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._show()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(column)
        self.labels = PinnedLabels(self, self.search)
        column.box.addWidget(self.labels)
        self.state = note()
        column.box.addWidget(self.state)
        self.controls = QWidget()
        column.box.addWidget(self.controls)
        column.box.addStretch(1)
        box = column.layout_of(self.controls)
        self.method = QComboBox()
        for key, name in METHODS:
            self.method.addItem(name, key)
        self.method.setToolTip(
            "How the threshold is found: halfway from remote muscle to the brightest muscle of the "
            "slice, standard deviations above remote muscle, or Otsu's two classes. They differ: "
            "none is the truth."
        )
        self.method.currentIndexChanged.connect(self._on_settings)
        self.n_slider = QSlider(Qt.Orientation.Horizontal)
        self.n_slider.setRange(2 * TENTHS, 6 * TENTHS)
        self.n_number = QDoubleSpinBox()
        self.n_number.setRange(2.0, 6.0)
        self.n_number.setSingleStep(0.1)
        self.n_number.setDecimals(1)
        self.n_number.setSuffix(" SD")
        for part in (self.n_slider, self.n_number):
            part.setToolTip("Standard deviations above remote muscle from which muscle is scar.")
        self.n_slider.valueChanged.connect(lambda value: self.n_number.setValue(value / TENTHS))
        self.n_number.valueChanged.connect(self._on_n)
        box.addWidget(self.method)
        box.addLayout(_pair(self.n_slider, self.n_number))
        self.mass = BigFigure(
            "scar", "Mass of the scar at 1.05 g/mL, its no-reflow core included.", css(Label.SCAR)
        )
        self.percent = BigFigure("of the LV", "Part of the LV's myocardium that is scar.")
        self.core = BigFigure(
            "no-reflow",
            "Dark muscle that scar and cavity enclose: microvascular obstruction.",
            css(Label.NO_REFLOW),
        )
        box.addLayout(row(self.mass, self.percent, self.core, spacing=12))
        self.old = note()
        box.addWidget(self.old)
        self.beside, self.others = note(), note()
        box.addWidget(self.beside)
        box.addWidget(self.others)
        self.quantity = QComboBox()
        for one in QUANTITIES:
            self.quantity.addItem(f"{one.name} ({one.unit})")
        self.quantity.setToolTip(
            "Depth of the scar in the wall, over those radii of a segment that meet scar; or the "
            "part of the segment's area that is scar."
        )
        self.quantity.currentIndexChanged.connect(lambda _index: self._show_segments())
        self.picture = BullsEye()
        self.picture.setFixedHeight(190)
        self.picture.clicked.connect(self._on_segment)
        box.addWidget(self.quantity)
        box.addWidget(self.picture)
        self.draw = QPushButton("Edit remote muscle")
        self.draw.setToolTip(
            "Healthy muscle that the threshold is measured from. Found by itself in every slice; "
            "paint and erase to choose it yourself."
        )
        self.draw.clicked.connect(self.search.draw_remote)
        self.automatic = QPushButton("Automatic")
        self.automatic.setToolTip("Throw the drawn region away and find remote muscle again.")
        self.automatic.clicked.connect(self.search.find_remote)
        box.addLayout(row(self.draw, self.automatic))
        self.warnings = note()
        box.addWidget(self.warnings)
        self.plot = SensitivityPlot()
        self.plot.setFixedHeight(130)
        box.addWidget(self._build_more())

    def _build_more(self) -> QWidget:
        self.form = SettingsForm(self.search.settings, fields=FOLDED)
        self.form.changed.connect(self._on_settings)
        self.septum = QComboBox()
        for name, angle in (
            ("from the labels", FROM_LABELS),
            ("left", LEFT),
            ("right", RIGHT),
            ("top", TOP),
            ("bottom", BOTTOM),
        ):
            self.septum.addItem(name, angle)
        self.septum.setToolTip("Where the septum is in the picture, if no RV is labelled.")
        self.septum.currentIndexChanged.connect(self._on_settings)
        self.copy = QPushButton("Copy table")
        self.copy.setToolTip("Copy the numbers, segments and curve, for a spreadsheet.")
        self.copy.clicked.connect(self._on_copy)
        self.form.add_row("Septum", self.septum)
        return more(self.plot, self.form, self.copy)

    # -- the user does something ------------------------------------------------------------------

    @property
    def found(self) -> ScarResult | None:
        """What was found, old or not."""
        return self.session.derived.scar

    def _on_n(self, value: float) -> None:
        with signals_blocked(self.n_slider):
            self.n_slider.setValue(round(value * TENTHS))
        self._on_settings()

    def _on_settings(self, _value: Any = None) -> None:
        method, n = self.method.currentData(), round(self.n_number.value(), 1)
        settings = self.form.value.model_copy(update={"method": method, "n": n})
        self.search.choose(settings, self.septum.currentData())
        self._show_settings()

    def _on_segment(self, segment: int) -> None:
        scan, found = self.session.scan, self.found
        if scan is None or found is None or found.measurement.extent.model is None:
            return
        model = found.measurement.extent.model
        if segment == self._selected:
            layers.clear_mark(self.viewer, scan)
            self._selected = None
        elif show_segment(self.viewer, scan, model, segment, 0):
            self._selected = segment
        self.picture.show_selected(self._selected)

    def _on_copy(self) -> None:
        if self.found is not None:
            labels = self.found.labels
            made = self.session.made_rows(labels.name, labels.source)
            QApplication.clipboard().setText(table_text(self.found, made))

    # -- something changed ------------------------------------------------------------------------

    def _on_scan(self, _scan: Scan | None) -> None:
        self._selected = None
        self._show()

    def _on_derived(self, kind: str) -> None:
        if kind == "scar":
            self._show()

    def showEvent(self, event: Any) -> None:
        """Search when the dock comes to the front."""
        super().showEvent(event)
        self.search.watch(True)

    def hideEvent(self, event: Any) -> None:
        """Search no more while nobody sees it."""
        super().hideEvent(event)
        self.search.watch(False)

    def _on_theme(self, event: Any = None) -> None:
        self.picture.set_theme(self.theme)
        self.plot.set_theme(self.theme)

    # -- what was found ---------------------------------------------------------------------------

    def _show(self) -> None:
        found, search = self.found, self.search
        problem = f"⚠ {search.problem}" if search.problem else search.missing
        self.state.setText(problem)
        self.state.setVisible(bool(problem))
        self.labels.setVisible(search.labels is not None)
        self.controls.setVisible(found is not None)
        self._show_settings()
        if found is None:
            return
        extent, scar = found.measurement.extent, found.measurement.scar
        old = self.session.derived.old_text("scar")
        for figure, text in (
            (self.mass, f"{extent.scar_g:.0f} g"),
            (self.percent, f"{extent.scar_percent:.0f} %"),
            (self.core, f"{extent.no_reflow_g:.1f} g"),
        ):
            figure.show_value(text)
            figure.show_old(bool(old))
        show_doubt(self.old, self.session, "scar", f"⚠ Scar {old}." if old else "")
        reference = found.measurement.reference
        automatic = found.measurement.automatic_g
        beside = []
        if reference is not None:
            beside.append(f"In the labels: {reference.scar_g:.0f} g of scar.")
        if automatic is not None:
            beside.append(f"With automatic remote muscle: {automatic:.0f} g.")
        self.beside.setText("\n".join(beside))
        self.beside.setVisible(bool(beside))
        low, high = found.measurement.range_g or (0.0, 0.0)
        others = found.measurement.others
        self.others.setText(
            f"{USUAL_N[0]:g} to {USUAL_N[1]:g} SD: {high:.0f} to {low:.0f} g · FWHM: "
            f"{others['fwhm']:.0f} g · Otsu: {others['otsu']:.0f} g"
            if others
            else ""
        )
        self.others.setVisible(bool(others))
        self.automatic.setEnabled(scar.remote.given)
        self.warnings.setText("\n".join(f"⚠ {one}" for one in found.measurement.warnings))
        self.warnings.setVisible(bool(found.measurement.warnings))
        for one in (self.beside, self.others, self.warnings):
            show_old(one, bool(old))
        if found.measurement.curve:
            self.plot.show_curve(found.measurement.curve, scar.settings)
        self._show_segments()

    def _show_settings(self) -> None:
        """Show what is chosen, without choosing it again."""
        settings = self.search.settings
        parts = (self.method, self.n_slider, self.n_number, self.septum)
        with ExitStack() as quiet:
            for part in parts:
                quiet.enter_context(signals_blocked(part))
            self.method.setCurrentIndex(self.method.findData(settings.method))
            self.n_slider.setValue(round(settings.n * TENTHS))
            self.n_number.setValue(settings.n)
            self.septum.setCurrentIndex(self.septum.findData(self.search.septum_deg))
        if self.form.value != settings:
            self.form.show_value(settings)
        for part in (self.n_slider, self.n_number):
            part.setEnabled(settings.method == "nsd")

    def _show_segments(self) -> None:
        quantity = QUANTITIES[self.quantity.currentIndex()]
        values = np.full(N_SEGMENTS, np.nan)
        if self.found is not None:
            extent = self.found.measurement.extent
            is_depth = quantity is TRANSMURALITY
            values = extent.transmurality_percent if is_depth else extent.segment_percent
        self.picture.show_values(values, quantity)


def _pair(slider: QSlider, number: QDoubleSpinBox) -> Any:
    pair = row(slider, number, spacing=8)
    pair.setStretch(0, 1)
    return pair
