"""Dock for synthetic late enhancement: the slice on screen in several styles, side by side."""

from pathlib import Path
from typing import Any

import numpy as np
from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import qdebounced, signals_blocked

from napari_cmr.scan import Label, Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.style import (
    N_DIRECTIONS,
    RealStyles,
    Rendered,
    Styles,
    read_styles,
    render,
    spread_text,
    why_not,
)
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.widgets.parts import (
    BigFigure,
    Column,
    Dock,
    NumberSlider,
    css,
    heading,
    more,
    note,
    row,
)

MOST_STYLES, STYLES = 8, 5
TENTHS = 10
REACH = 3
"""How far the sliders move styles, in standard deviations of drawn ones."""
QUIET_MS = 120
CHOSEN = "chosen"
"""In the name of the tile whose style is that of a real slice: tiles are narrow."""
NO_MODEL = (
    "Labels of each style need a model for late enhancement, and none is installed; so there is "
    "nothing to compare."
)
CAUTION = (
    "SYNTHETIC: rendered from the cine by a network. It may show scar that is not there, and hide "
    "what is."
)


class StyleDock(Dock):
    """One button to see styles, numbers on how far labels move with them; the rest folded."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.rendered: Rendered | None = None
        self._seed = 0
        self._real: RealStyles | None = None
        self._is_busy = False
        self._before: layers.GridSettings | None = None
        self._view: layers.View | None = None
        self._hidden: list[Any] = []
        self._shown_of: Scan | None = None
        self.job = LatestJob("Rendering late enhancement", self._on_rendered, self)
        self.reader = LatestJob("Reading a style", self._on_style, self)
        self._wait = qdebounced(self._request, timeout=QUIET_MS, parent=self)
        self._build()
        self.bind(self.session.scan_changed, self._on_scan)
        self.bind(self.session.picture_changed, self._on_picture)
        self.bind(self.viewer.dims.events.current_step, self._on_step)
        self.bind(self.viewer.layers.events.inserted, self._on_inserted)
        for job in (self.job, self.reader):
            job.failed.connect(self._on_failed)
        self._on_scan(self.session.scan)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(column)
        self.state = note()
        column.box.addWidget(self.state)
        self.controls = QWidget()
        column.box.addWidget(self.controls)
        column.box.addStretch(1)
        box = column.layout_of(self.controls)
        box.addWidget(heading("Styles side by side"))
        self.samples = NumberSlider(1, MOST_STYLES, "How many styles of this slice are rendered.")
        self.samples.show_value(STYLES)
        self.samples.changed.connect(self._on_settings)
        box.addWidget(self.samples)
        self.show_button = QPushButton("Show styles")
        self.show_button.setCheckable(True)
        self.show_button.setToolTip(
            "Render the slice on screen as late enhancement, in tiles beside it; again to go back."
        )
        self.show_button.toggled.connect(self._on_shown)
        self.new = QPushButton("New styles")
        self.new.setToolTip("Draw other styles.")
        self.new.clicked.connect(self._on_new)
        box.addLayout(row(self.show_button, self.new))
        box.addWidget(note(CAUTION))
        self.lv = BigFigure(
            "LV Dice", "Overlap of the LV's labels between two styles, mean.", css(Label.LV)
        )
        self.myo = BigFigure(
            "MYO Dice", "Overlap of the wall's labels between two styles, mean.", css(Label.MYO)
        )
        box.addLayout(row(self.lv, self.myo, spacing=12))
        self.areas = note()
        box.addWidget(self.areas)
        self.warnings = note()
        box.addWidget(self.warnings)
        box.addWidget(self._build_more())

    def _build_more(self) -> QWidget:
        inside = QWidget()
        form = QFormLayout(inside)
        form.setContentsMargins(0, 0, 0, 0)
        self.shifts = []
        for number in range(1, N_DIRECTIONS + 1):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(-REACH * TENTHS, REACH * TENTHS)
            slider.setToolTip(
                "Moves all styles along the direction that changes this picture "
                + ("most." if number == 1 else f"most but for {number - 1}.")
            )
            slider.valueChanged.connect(self._on_settings)
            form.addRow(f"Direction {number}", slider)
            self.shifts.append(slider)
        self.real = QPushButton("Style of a real scan…")
        self.real.setToolTip("Take the style of a late enhancement file; it becomes the first.")
        self.real.clicked.connect(self._on_real)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Sliders to the middle, and drawn styles only.")
        self.reset.clicked.connect(self._on_reset)
        buttons = QWidget()
        buttons.setLayout(row(self.real, self.reset))
        self.real_panel = QWidget()
        panel = QVBoxLayout(self.real_panel)
        panel.setContentsMargins(0, 0, 0, 0)
        self.real_name = note()
        self.real_slice = NumberSlider(1, 2, "Slice of the real scan whose style is taken.")
        self.real_slice.changed.connect(self._on_settings)
        panel.addWidget(self.real_name)
        panel.addWidget(self.real_slice)
        self.real_panel.hide()
        return more(inside, buttons, self.real_panel)

    # -- the user does something ------------------------------------------------------------------

    @property
    def wanted(self) -> Styles:
        """What is chosen."""
        real = self._real
        z = self.real_slice.value - 1
        return Styles(
            samples=self.samples.value,
            seed=self._seed,
            given=np.zeros((0, 0), np.float32) if real is None else real.codes[z : z + 1],
            given_names=() if real is None else (CHOSEN,),
            shifts=tuple(slider.value() / TENTHS for slider in self.shifts),
        )

    @property
    def is_shown(self) -> bool:
        """Whether styles are on screen."""
        return self._before is not None

    def take_style_of(self, path: Path, *, series: str | None = None) -> None:
        """Take the style of the middle slice of a file; another one can be chosen then."""
        self.reader.request(read_styles, path, series)

    def _on_shown(self, shown: bool) -> None:
        self.show_button.setText("Back to the scan" if shown else "Show styles")
        if shown:
            self._request()
        else:
            self._leave()

    def _on_new(self) -> None:
        self._seed += 1
        self._ask()

    def _on_settings(self, _value: Any = None) -> None:
        if self.is_shown:
            self._wait()

    def _on_real(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Late enhancement to take the style of", "", "NIfTI or DICOM (*)"
        )
        if path:
            self.take_style_of(Path(path))

    def _on_reset(self) -> None:
        self._real = None
        self.real_panel.hide()
        for slider in self.shifts:
            with signals_blocked(slider):
                slider.setValue(0)
        self._on_settings()

    def _ask(self) -> None:
        """Show styles, or other ones."""
        if self.show_button.isChecked():
            self._request()
        else:
            self.show_button.setChecked(True)

    # -- something else changes -------------------------------------------------------------------

    def _on_scan(self, scan: Scan | None) -> None:
        self.job.cancel()
        self._wait.cancel()
        self._leave()
        self.rendered = None
        reason = why_not(scan)
        self.state.setText(reason)
        self.state.setVisible(bool(reason))
        self.controls.setVisible(not reason)
        self._show_numbers()

    def _on_picture(self, _picture: str) -> None:
        self._leave()  # another picture of the scan is asked for

    def _on_step(self, _event: Any = None) -> None:
        if self.is_shown:
            self._wait()

    def _on_inserted(self, event: Any = None) -> None:
        layer = getattr(event, "value", None)
        if layer is None:
            return
        is_ours = self._is_busy or layers.role_of(layer) == "style"
        if self.is_shown and not is_ours:
            self._hidden.append(layer)
            layer.visible = False

    def _on_failed(self, problem: str) -> None:
        _say(self.warnings, problem)
        if not self.is_shown:
            self._uncheck()

    # -- rendering --------------------------------------------------------------------------------

    def _request(self) -> None:
        scan = self.session.scan
        if scan is None or why_not(scan):
            return
        frame = layers.frame_on_screen(self.viewer, scan)
        z = layers.slice_on_screen(self.viewer, scan)
        self.job.request(render, scan, frame, z, self.wanted, self.rendered)

    def _on_style(self, real: RealStyles) -> None:
        self._real = real
        self.real_name.setText(f"Style 1 is that of {real.name}, slice:")
        self.real_slice.set_range(1, len(real.codes))
        self.real_slice.show_value(len(real.codes) // 2 + 1)
        self.real_panel.show()
        self._ask()

    def _on_rendered(self, rendered: Rendered) -> None:
        scan = self.session.scan
        if scan is None or not self.show_button.isChecked():
            return
        self.rendered = rendered
        if self._before is None:
            self._hidden = [layer for layer in self.viewer.layers if layer.visible]
            self._shown_of = scan
        image = np.abs(scan.image[rendered.frame, rendered.z])
        tiles = [layers.source_tile(image, self._labels_of_slice(scan, rendered))]
        for k, picture in enumerate(rendered.images):
            labels = None if rendered.labels is None else rendered.labels[k]
            tiles.append(layers.synthetic_tile(k, rendered.names[k], picture, labels))
        self._is_busy = True
        try:
            layers.show_styles(self.viewer, scan, tiles)
            if self._before is None:
                before = layers.View.of(self.viewer)
                self._before = layers.open_tiles(self.viewer, layers.LAYERS_OF_A_STYLE)
                place = rendered.location
                layers.look_at_heart(self.viewer, scan, (place.row, place.column))
                self._view = before
        finally:
            self._is_busy = False
        layers.write_notice(self.viewer, scan, self.session.mask)
        self._show_numbers()

    def _labels_of_slice(self, scan: Scan, rendered: Rendered) -> np.ndarray:
        layer = self.session.labels_layer
        if layer is None or layer.data.shape != scan.shape:
            return np.zeros(scan.shape[2:], dtype=np.uint8)
        labels: np.ndarray = np.array(layer.data[rendered.frame, rendered.z])
        return labels

    def _leave(self) -> None:
        """Go back to the scan as it was."""
        before, self._before = self._before, None
        self._uncheck()
        if before is None:
            return
        self.job.cancel()
        layers.remove_styles(self.viewer, self._shown_of, self._hidden)
        layers.leave_grid(self.viewer, before)
        if self._view is not None:
            self._view.restore(self.viewer)
        self._hidden, self._shown_of = [], None
        if self.session.scan is not None:
            layers.write_notice(self.viewer, self.session.scan, self.session.mask)

    def _uncheck(self) -> None:
        with signals_blocked(self.show_button):
            self.show_button.setChecked(False)
            self.show_button.setText("Show styles")

    def _show_numbers(self) -> None:
        rendered = self.rendered
        spread = None if rendered is None else rendered.spread
        for figure, value in (
            (self.lv, None if spread is None else spread.lv_dice),
            (self.myo, None if spread is None else spread.myo_dice),
        ):
            figure.show_value("–" if value is None else f"{value:.2f}")
            figure.setVisible(spread is not None)
        if spread is None:
            from napari_cmr.workflow.style.translation import has_lge_model

            _say(self.areas, "" if has_lge_model() else NO_MODEL)
        else:
            _say(
                self.areas,
                "Overlap of the labels between styles, mean of all pairs. "
                f"LV {spread_text(spread.lv_cm2)}, wall {spread_text(spread.myo_cm2)} in this "
                "slice: mean and range over the styles.",
            )
        _say(self.warnings, "" if rendered is None else "\n".join(map(str, rendered.warnings)))


def _say(where: QLabel, text: str) -> None:
    """Show a text, or take no room where there is none."""
    where.setText(text)
    where.setVisible(bool(text))
