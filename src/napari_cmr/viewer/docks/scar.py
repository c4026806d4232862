"""Dock for late enhancement: scar and no-reflow in the myocardium, as the threshold moves."""

from typing import Any
from weakref import WeakSet

import numpy as np
from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import qdebounced, signals_blocked

from napari_cmr.analysis.aha import N_SEGMENTS
from napari_cmr.analysis.scar import ScarFinder, ScarSettings
from napari_cmr.scan import Label, Scan, joined
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.scar import Found, Refused, search, table_text, what_is_missing
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.plots.bullseye import BullsEye, Quantity
from napari_cmr.viewer.plots.scar import SensitivityPlot
from napari_cmr.viewer.plots.wall_segments import show_segment
from napari_cmr.viewer.widgets.labels.pinned_labels import PinnedLabels
from napari_cmr.viewer.widgets.parts import BigFigure, Column, Dock, css, more, note, row

TENTHS = 10
QUIET_MS = 250
METHODS = (("nsd", "n-SD"), ("fwhm", "FWHM"), ("otsu", "Otsu"))
TRANSMURALITY = Quantity("Transmurality", "%", 0, 100)
PART = Quantity("Part of the segment", "%", 0, 100)
QUANTITIES = (TRANSMURALITY, PART)
FROM_LABELS, LEFT, RIGHT, TOP, BOTTOM = (None, 180.0, 0.0, 270.0, 90.0)


class ScarDock(Dock):
    """Method and threshold on top, then numbers and bull's-eye; the rest folded."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.found: Found | None = None
        self._finder: ScarFinder | None = None
        self._curve: list[dict[str, float]] | None = None
        self._remote: Any = None
        self._selected: int | None = None
        self._is_old = True
        self._heard: WeakSet[Any] = WeakSet()
        self.job = LatestJob("Finding scar", self._on_found, self)
        self._wait = qdebounced(self._request, timeout=QUIET_MS, parent=self)
        self._build()
        session = self.session
        self.bind(session.scan_changed, self._on_scan)
        self.labels.changed.connect(self._on_labels)
        self.bind(session.function_changed, self._on_labels)
        self.bind(self.viewer.layers.events.removed, self._on_removed)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._on_scan(session.scan)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(column)
        self.labels = PinnedLabels(self)
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
            "How the threshold is found: standard deviations above remote muscle, halfway to the "
            "brightest muscle of the slice, or Otsu's two classes. They differ: none is the truth."
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
        self.n_number.setValue(5.0)
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
        self.beside = note()
        box.addWidget(self.beside)
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
        self.draw.clicked.connect(self._on_draw)
        self.automatic = QPushButton("Automatic")
        self.automatic.setToolTip("Throw the drawn region away and find remote muscle again.")
        self.automatic.clicked.connect(self._on_automatic)
        box.addLayout(row(self.draw, self.automatic))
        self.warnings = note()
        box.addWidget(self.warnings)
        self.plot = SensitivityPlot()
        self.plot.setFixedHeight(130)
        box.addWidget(self._build_more())

    def _build_more(self) -> QWidget:
        defaults = ScarSettings()
        self.blood = _number(0.0, 1.0, defaults.blood_part, 0.05)
        self.blood.setToolTip(
            "Scar must be brighter than this part of the way from remote muscle to blood."
        )
        self.least = _number(0.0, 5.0, defaults.least_ml, 0.1)
        self.least.setSuffix(" mL")
        self.least.setToolTip("Smaller spots do not count.")
        self.endocardium = QCheckBox("reaches the endocardium")
        self.endocardium.setChecked(defaults.from_endocardium)
        self.endocardium.setToolTip("Ischaemic scar starts at the cavity; noise and fat do not.")
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
        for number in (self.blood, self.least):
            number.valueChanged.connect(self._on_rest)
        self.endocardium.toggled.connect(self._on_rest)
        self.septum.currentIndexChanged.connect(self._on_settings)
        self.copy = QPushButton("Copy table")
        self.copy.setToolTip("Copy the numbers, segments and curve, for a spreadsheet.")
        self.copy.clicked.connect(self._on_copy)
        inside = QWidget()
        form = QFormLayout(inside)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("Toward blood", self.blood)
        form.addRow("Smallest scar", self.least)
        form.addRow("Scar", self.endocardium)
        form.addRow("Septum", self.septum)
        return more(self.plot, inside, self.copy)

    # -- the user does something ------------------------------------------------------------------

    @property
    def settings(self) -> ScarSettings:
        """What is chosen."""
        return ScarSettings(
            method=self.method.currentData(),
            n=round(self.n_number.value(), 1),
            blood_part=round(self.blood.value(), 2),
            least_ml=round(self.least.value(), 2),
            from_endocardium=self.endocardium.isChecked(),
        )

    def _on_n(self, value: float) -> None:
        with signals_blocked(self.n_slider):
            self.n_slider.setValue(round(value * TENTHS))
        self._on_settings()

    def _on_settings(self, _value: Any = None) -> None:
        is_nsd = self.method.currentData() == "nsd"
        self.n_slider.setEnabled(is_nsd)
        self.n_number.setEnabled(is_nsd)
        if hasattr(self, "septum"):  # while building, what follows is not there yet
            self._request()

    def _on_rest(self, _value: Any = None) -> None:
        self._curve = None
        self._request()

    def _on_draw(self) -> None:
        scan, found = self.session.scan, self.found
        if scan is None or found is None:
            return
        layer = layers.draw_remote(self.viewer, scan, found.scar.remote.mask)
        if self._remote is not layer:
            self._remote = layer
            self.bind(layer.events.labels_update, self._on_remote)
            self.bind(layer.events.set_data, self._on_remote)
        self._on_remote()

    def _on_automatic(self) -> None:
        if self._remote is not None and self._remote in self.viewer.layers:
            self.viewer.layers.remove(self._remote)

    def _on_segment(self, segment: int) -> None:
        scan, found = self.session.scan, self.found
        if scan is None or found is None or found.extent.model is None:
            return
        if segment == self._selected:
            layers.clear_mark(self.viewer, scan)
            self._selected = None
        elif show_segment(self.viewer, scan, found.extent.model, segment, 0):
            self._selected = segment
        self.picture.show_selected(self._selected)

    def _on_copy(self) -> None:
        if self.found is not None:
            QApplication.clipboard().setText(table_text(self.found, self._curve))

    # -- something changed ------------------------------------------------------------------------

    def _on_scan(self, _scan: Scan | None) -> None:
        self.job.cancel()
        self._remote, self._selected = None, None
        self._forget()
        self._on_labels()

    def _on_labels(self, _layer: Any = None) -> None:
        layer = self.labels.layer
        if layer is not None and layer not in self._heard:
            self._heard.add(layer)
            self.bind(layer.events.labels_update, self._on_edited)
        if not self.session.measuring or layer is not self.session.labels_layer:
            self._finder = None
            self._is_old = True
            if self.isVisible():
                self._wait()

    def _on_edited(self, event: Any) -> None:
        if event.source is self.labels.layer:
            self._on_labels()

    def _on_remote(self, _event: Any = None) -> None:
        self._finder = None
        self._wait()

    def _on_removed(self, event: Any) -> None:
        if self._remote is not None and event.value is self._remote:
            self._remote = None
            self._on_remote()

    def showEvent(self, event: Any) -> None:
        """Search when the dock comes to the front."""
        super().showEvent(event)
        if self._is_old:
            self._wait()

    def _on_theme(self, event: Any = None) -> None:
        self.picture.set_theme(self.theme)
        self.plot.set_theme(self.theme)

    # -- the search -------------------------------------------------------------------------------

    def _request(self) -> None:
        scan, layer = self.session.scan, self.labels.layer
        self._is_old = False
        missing = what_is_missing(scan, layer)
        if missing or scan is None or layer is None:
            self._forget()
            self.state.setText(missing)
            return
        remote = None if self._remote is None else self._remote.data > 0
        self.job.request(
            search,
            scan,
            layer.data[0],
            remote,
            self._finder,
            (self.settings, self.septum.currentData(), self._curve is None or self._finder is None),
        )

    def _on_found(self, found: Found | Refused) -> None:
        scan = self.session.scan
        if scan is None:
            return
        if isinstance(found, Refused):
            if self.found is None:
                self._forget()
            self.state.setText(f"⚠ {found.problem}")
            self.state.show()
            return
        self.found, self._finder = found, found.finder
        if found.curve is not None:
            self._curve = found.curve
        layers.show_scar(self.viewer, scan, found.scar.labels)
        self._show(found)

    def _forget(self) -> None:
        self.found, self._finder, self._curve = None, None, None
        self.controls.hide()
        self.labels.setVisible(self.labels.layer is not None)
        self.state.setText(what_is_missing(self.session.scan, self.labels.layer))
        self.state.show()

    def _show(self, found: Found) -> None:
        extent, remote = found.extent, found.scar.remote
        self.state.hide()
        self.labels.show()
        self.controls.show()
        self.mass.show_value(f"{extent.scar_g:.0f} g")
        self.percent.show_value(f"{extent.scar_percent:.0f} %")
        self.core.show_value(f"{extent.no_reflow_g:.1f} g")
        labelled = found.labelled_g
        self.beside.setText("" if labelled is None else f"In the labels: {labelled:.0f} g of scar.")
        self.beside.setVisible(labelled is not None)
        self.automatic.setEnabled(remote.given)
        warnings = joined(found.scar.warnings, extent.warnings)
        self.warnings.setText("\n".join(f"⚠ {one}" for one in warnings))
        self.warnings.setVisible(bool(warnings))
        if self._curve is not None:
            self.plot.show_curve(self._curve, self.settings)
        self._show_segments()

    def _show_segments(self) -> None:
        quantity = QUANTITIES[self.quantity.currentIndex()]
        values = np.full(N_SEGMENTS, np.nan)
        if self.found is not None:
            extent = self.found.extent
            is_depth = quantity is TRANSMURALITY
            values = extent.transmurality_percent if is_depth else extent.segment_percent
        self.picture.show_values(values, quantity)


def _number(low: float, high: float, value: float, step: float) -> QDoubleSpinBox:
    number = QDoubleSpinBox()
    number.setRange(low, high)
    number.setSingleStep(step)
    number.setDecimals(2)
    number.setValue(value)
    return number


def _pair(slider: QSlider, number: QDoubleSpinBox) -> Any:
    pair = row(slider, number, spacing=8)
    pair.setStretch(0, 1)
    return pair
