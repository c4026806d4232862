"""Dock for synthetic late enhancement: the slice on screen in several styles, side by side."""

from pathlib import Path

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
from superqt.utils import signals_blocked

from napari_cmr.scan import Label, Scan
from napari_cmr.viewer.controllers.images.style import why_not
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
from napari_cmr.workflow.style.rendering import N_DIRECTIONS, spread_text
from napari_cmr.workflow.style.translation import has_lge_model

MOST_STYLES = 8
TENTHS = 10
REACH = 3
"""How far the sliders move styles, in standard deviations of drawn ones."""
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
        self.styling = self.workbench.styling
        self._build()
        self.bind(self.session.scan_changed, self._on_scan)
        self.bind(self.session.derived.changed, self._on_derived)
        self.bind(self.styling.changed, self._show)
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
        self.samples.changed.connect(lambda n: self.styling.choose(samples=n))
        box.addWidget(self.samples)
        self.show_button = QPushButton("Show styles")
        self.show_button.setCheckable(True)
        self.show_button.setToolTip(
            "Render the slice on screen as late enhancement, in tiles beside it; again to go back."
        )
        self.show_button.toggled.connect(self._on_shown)
        self.new = QPushButton("New styles")
        self.new.setToolTip("Draw other styles.")
        self.new.clicked.connect(self.styling.draw_others)
        box.addLayout(row(self.show_button, self.new))
        box.addWidget(note(CAUTION))
        self.lv = BigFigure(
            "LV Dice", "Overlap of the LV's labels between two styles, mean.", css(Label.LV)
        )
        self.myo = BigFigure(
            "MYO Dice", "Overlap of the wall's labels between two styles, mean.", css(Label.MYO)
        )
        box.addLayout(row(self.lv, self.myo, spacing=12))
        self.old = note()
        box.addWidget(self.old)
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
            slider.valueChanged.connect(self._on_shift)
            form.addRow(f"Direction {number}", slider)
            self.shifts.append(slider)
        self.real = QPushButton("Style of a real scan…")
        self.real.setToolTip("Take the style of a late enhancement file; it becomes the first.")
        self.real.clicked.connect(self._on_real)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Sliders to the middle, and drawn styles only.")
        self.reset.clicked.connect(self.styling.reset)
        buttons = QWidget()
        buttons.setLayout(row(self.real, self.reset))
        self.real_panel = QWidget()
        panel = QVBoxLayout(self.real_panel)
        panel.setContentsMargins(0, 0, 0, 0)
        self.real_name = note()
        self.real_slice = NumberSlider(1, 2, "Slice of the real scan whose style is taken.")
        self.real_slice.changed.connect(lambda z: self.styling.choose_slice(z - 1))
        panel.addWidget(self.real_name)
        panel.addWidget(self.real_slice)
        self.real_panel.hide()
        return more(inside, buttons, self.real_panel)

    # -- the user does something ------------------------------------------------------------------

    def take_style_of(self, path: Path, *, series: str | None = None) -> None:
        """Take the style of the middle slice of a file; another one can be chosen then."""
        self.styling.take_style_of(path, series=series)

    def _on_shown(self, shown: bool) -> None:
        if shown:
            self.styling.show()
        else:
            self.styling.leave()

    def _on_shift(self, _value: int) -> None:
        self.styling.choose(shifts=tuple(slider.value() / TENTHS for slider in self.shifts))

    def _on_real(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Late enhancement to take the style of", "", "NIfTI or DICOM (*)"
        )
        if path:
            self.take_style_of(Path(path))

    # -- something else changes -------------------------------------------------------------------

    def _on_scan(self, scan: Scan | None) -> None:
        reason = why_not(scan)
        _say(self.state, reason)
        self.controls.setVisible(not reason)
        self._show()

    def _on_derived(self, kind: str) -> None:
        if kind == "styles":
            self._show_numbers()

    def _show(self) -> None:
        """Show what is chosen, without choosing it again."""
        styling = self.styling
        self.samples.show_value(styling.wanted.samples)
        for slider, shift in zip(self.shifts, styling.wanted.shifts, strict=True):
            with signals_blocked(slider):
                slider.setValue(round(shift * TENTHS))
        with signals_blocked(self.show_button):
            self.show_button.setChecked(styling.is_asked)
        self.show_button.setText("Back to the scan" if styling.is_asked else "Show styles")
        real = styling.real
        self.real_panel.setVisible(real is not None)
        if real is not None:
            self.real_name.setText(f"Style 1 is that of {real.name}, slice:")
            self.real_slice.set_range(1, len(real.codes))
            self.real_slice.show_value(styling.real_slice + 1)
        self._show_numbers()

    def _show_numbers(self) -> None:
        derived = self.session.derived
        styled, old = derived.styles, derived.old_text("styles")
        spread = None if styled is None else styled.spread
        for figure, value in (
            (self.lv, None if spread is None else spread.lv_dice),
            (self.myo, None if spread is None else spread.myo_dice),
        ):
            figure.show_value("–" if value is None else f"{value:.2f}")
            figure.show_old(bool(old))
            figure.setVisible(spread is not None)
        _say(self.old, f"⚠ {old[:1].upper()}{old[1:]}." if old and spread is not None else "")
        if spread is None:
            _say(self.areas, "" if has_lge_model() else NO_MODEL)
        else:
            _say(
                self.areas,
                "Overlap of the labels between styles, mean of all pairs. "
                f"LV {spread_text(spread.lv_cm2)}, wall {spread_text(spread.myo_cm2)} in this "
                "slice: mean and range over the styles.",
            )
        doubts = () if styled is None else styled.warnings
        _say(self.warnings, self.styling.problem or "\n".join(map(str, doubts)))


def _say(where: QLabel, text: str) -> None:
    """Show a text, or take no room where there is none."""
    where.setText(text)
    where.setVisible(bool(text))
