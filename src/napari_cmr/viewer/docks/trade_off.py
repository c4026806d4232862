"""Dock that says how few lines will do for this heart, and which of them matter."""

from html import escape
from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel
from superqt.utils import signals_blocked

from napari_cmr.viewer.core.model_choice import segmentation_models
from napari_cmr.viewer.plots.base import MODEL_SIGNS, model_style
from napari_cmr.viewer.plots.trade_off import TradeOffPlots
from napari_cmr.viewer.widgets.lines.line_map_strips import LineMapPicture
from napari_cmr.viewer.widgets.parts import NOTE_STYLE, OLD_COLOUR, Dock, show_picture_old
from napari_cmr.viewer.widgets.run_controls import RunControls
from napari_cmr.workflow.trials.line_map import LineMap
from napari_cmr.workflow.trials.trade_off_result import TOLERANCE_POINTS, TradeOff

CONTROLS_WIDTH = 216
MAX_SEEDS_OFFERED = 20
AGAINST = (
    ("reference labels, if any", None),
    ("the model's own full result", "full"),
)
CURVES, MAP = range(2)
SENTENCE_SIZES = (14, 11, 9)
"""Points of the sentence of one model, of two, and of more, each of which keeps to its line."""
SENTENCE_TOOLTIP = (
    "The smallest line count of the sweep at which, and at every larger one, the LV EF of every "
    f"seed is within {TOLERANCE_POINTS:.0f} points of what it is compared with."
)


class TradeOffDock(Dock):
    """Controls on the left; the sentence on top; curves or the map of lines below it."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.sweeping = self.workbench.trade_off
        self._shown: TradeOff | None = None
        self._shown_map: LineMap | None = None
        self._build()
        self.bind(self.sweeping.changed, self._show)
        self.bind(self.session.scan_changed, self._on_scan)
        self.bind(self.session.acquisition_changed, self._on_scan)
        self.bind(self.viewer.events.theme, self._on_theme)
        self._on_theme()
        self._show()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(10, 4, 10, 4)
        outer.setSpacing(12)
        outer.addWidget(self._build_controls())
        box = QVBoxLayout()
        box.setSpacing(2)
        box.addLayout(self._build_head())
        self.pages = QStackedWidget()
        self.curves = self._build_curves()
        self.pages.addWidget(self.curves)
        self.pages.addWidget(self._build_map())
        box.addWidget(self.pages, 1)
        outer.addLayout(box, 1)

    def _build_controls(self) -> RunControls:
        side = self.controls = RunControls("Sweep", CONTROLS_WIDTH)
        self.run, self.seeds, self.progress = side.run, side.count, side.progress
        self.run.setToolTip(
            "Acquire the scan with 1 line per frame and more, up to all, and segment each."
        )
        self.run.clicked.connect(self._on_run)
        self.seeds.setRange(1, MAX_SEEDS_OFFERED)
        self.seeds.setValue(self.sweeping.n_seeds)
        self.seeds.setToolTip("How often each line count is acquired, each time with other lines.")
        self.seeds.valueChanged.connect(self._on_seeds)
        self.models = QPushButton()
        self.models.setToolTip("The networks that are compared; the first draws the map of lines.")
        self._menu = QMenu(self.models)
        for name in segmentation_models():
            action = self._menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name in self.sweeping.models)
            action.toggled.connect(self._on_models)
        self.models.setMenu(self._menu)
        self.methods = QPushButton()
        self.methods.setToolTip(
            "Also reconstruct from the same lines, and segment the images: do we need images at "
            "all? Each method adds a curve for each model."
        )
        self._methods_menu = QMenu(self.methods)
        self.methods.setMenu(self._methods_menu)
        self.against = QComboBox()
        for text, value in AGAINST:
            self.against.addItem(text, value)
        self.against.setToolTip("What Dice and EF are compared with.")
        self.against.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.against.currentIndexChanged.connect(self._on_against)
        side.add(self.models, self.methods, self.against, self.progress)
        side.add_state()
        self.state = side.state
        return side

    def _build_head(self) -> QHBoxLayout:
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.sentence.setWordWrap(True)
        self.sentence.setToolTip(SENTENCE_TOOLTIP)
        self.show_curves = QPushButton("Curves")
        self.show_map = QPushButton("Which line matters")
        self._choice = QButtonGroup(self)
        for page, button in ((CURVES, self.show_curves), (MAP, self.show_map)):
            button.setCheckable(True)
            button.setChecked(page == CURVES)
            self._choice.addButton(button, page)
        self._choice.buttonToggled.connect(self._on_page)
        box = QHBoxLayout()
        box.setSpacing(6)
        box.addWidget(self.sentence, 1)
        box.addWidget(self.show_curves)
        box.addWidget(self.show_map)
        return box

    def _build_curves(self) -> QWidget:
        page = QWidget()
        box = QHBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self.plots = TradeOffPlots()
        for plot, tooltip in zip(
            self.plots.all,
            (
                "Dice against lines per frame. Click a point to choose its lines.",
                "Against lines per frame: each dot is one acquisition, the curve their mean, the "
                "band ±5 points. Click a dot to choose its lines.",
                "Standard deviation of the LV EF over the seeds, against lines per frame.",
            ),
            strict=True,
        ):
            plot.setMinimumWidth(150)
            plot.setToolTip(tooltip)
            plot.clicked.connect(self.sweeping.load)
            box.addWidget(plot, 1)
        return page

    def _build_map(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        self.run_map = QPushButton("Map lines")
        self.run_map.setToolTip(
            "Measure single lines in addition, or leave them out, and see what changes. Far apart "
            "first, then in between."
        )
        self.run_map.clicked.connect(self._on_run_map)
        self.budget = QSpinBox()
        self.budget.setRange(4, 1024)
        self.budget.setSuffix(" changes")
        self.budget.setValue(self.sweeping.budget)
        self.budget.setToolTip("How many changes are tried; each costs a segmentation.")
        self.budget.valueChanged.connect(self._on_budget)
        self.one_frame = QCheckBox("only in the frame on screen")
        self.one_frame.setToolTip("Change lines in one frame rather than in all.")
        self.one_frame.toggled.connect(self._on_one_frame)
        self.map_state = QElidingLabel()
        self.map_state.setStyleSheet(NOTE_STYLE)
        self.map_state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.run_map, self.budget, self.one_frame):
            head.addWidget(widget)
        head.addWidget(self.map_state, 1)
        box.addLayout(head)
        self.picture = LineMapPicture()
        box.addWidget(self.picture, 1)
        return page

    # -- the user does something ------------------------------------------------------------------

    def _on_run(self) -> None:
        if self.sweeping.sweeping.is_running:
            self.sweeping.sweeping.cancel()
        else:
            self.sweeping.run()

    def _on_run_map(self) -> None:
        if self.sweeping.mapping.is_running:
            self.sweeping.mapping.cancel()
        else:
            self.sweeping.run_map()

    def _on_seeds(self, n_seeds: int) -> None:
        self.sweeping.n_seeds = n_seeds

    def _on_models(self, _checked: bool) -> None:
        self.sweeping.models = tuple(one.text() for one in self._menu.actions() if one.isChecked())
        self._show()

    def _on_methods(self, _checked: bool) -> None:
        actions = self._methods_menu.actions()
        self.sweeping.methods = tuple(one.text() for one in actions if one.isChecked())
        self._show()

    def _on_against(self, index: int) -> None:
        self.sweeping.against = self.against.itemData(index)
        self._show()

    def _on_budget(self, budget: int) -> None:
        self.sweeping.budget = budget

    def _on_one_frame(self, one_frame: bool) -> None:
        self.sweeping.one_frame = one_frame

    def _on_page(self, button: Any, checked: bool) -> None:
        if checked:
            self.pages.setCurrentIndex(self._choice.id(button))

    # -- something changed ------------------------------------------------------------------------

    def _fill_methods(self) -> None:
        """Offer the methods that are for this scan."""
        offered = self.sweeping.offered
        if offered == tuple(one.text() for one in self._methods_menu.actions()):
            return
        self._methods_menu.clear()
        for name in offered:
            action = self._methods_menu.addAction(name)
            action.setCheckable(True)
            action.toggled.connect(self._on_methods)

    def _on_scan(self, _changed: Any) -> None:
        self._show()

    def _on_theme(self, event: Any = None) -> None:
        for part in (*self.plots.all, self.picture):
            part.set_theme(self.theme)

    def _show(self) -> None:
        sweeping = self.sweeping
        running, mapping = sweeping.sweeping.is_running, sweeping.mapping.is_running
        ready = self.session.scan is not None and bool(sweeping.models and self._menu.actions())
        self.run.setEnabled(ready)
        self.run_map.setText("Cancel" if mapping else "Map lines")
        self.run_map.setEnabled(ready)
        for part in (self.models, self.methods, self.against):
            part.setEnabled(not running)
        for part in (self.budget, self.one_frame):
            part.setEnabled(not mapping)
        self.controls.show_run(
            is_running=running, steps=sweeping.steps, all_steps=sweeping.all_steps
        )
        self.controls.show_count(sweeping.n_seeds)
        with signals_blocked(self.budget):
            self.budget.setValue(sweeping.budget)
        self._fill_methods()
        self._show_models()
        if sweeping.result is not self._shown:
            self._shown = sweeping.result
            self.plots.show_result(sweeping.result)
        if sweeping.line_map is not self._shown_map:
            self._shown_map = sweeping.line_map
            self.picture.show_map(sweeping.line_map)
        for plot in self.plots.all:
            plot.show_lines(self.session.n_lines)
        self.sentence.setText(self._sentence_text())
        show_picture_old(self.curves, sweeping.is_old)
        show_picture_old(self.picture, sweeping.is_map_old)
        warnings = () if sweeping.result is None else sweeping.result.warnings
        self.controls.say(self._state_text(), *map(str, warnings))
        self.map_state.setText(self._map_text())
        self.map_state.setToolTip(self.map_state.text())

    def _show_models(self) -> None:
        names = self.sweeping.models
        for action in self._menu.actions():
            with signals_blocked(action):
                action.setChecked(action.text() in names)
        several = ", ".join(names) if len(names) < 3 else f"{len(names)} models"
        self.models.setText(several or "choose a model")
        chosen = self.sweeping.methods
        for action in self._methods_menu.actions():
            with signals_blocked(action):
                action.setChecked(action.text() in chosen)
        images = chosen[0] if len(chosen) == 1 else f"{len(chosen)} methods"
        self.methods.setText(f"and after {images}" if chosen else "without images")

    def _sentence_text(self) -> str:
        """One model in large letters; several below each other with their signs, smaller."""
        result = self.sweeping.result
        if result is None or not result.trials:
            return ""
        several = len(result.models) > 1
        size = SENTENCE_SIZES[min(len(result.models), len(SENTENCE_SIZES)) - 1]
        lines = []
        for number, model in enumerate(result.models):
            sentence = escape(result.sentence(model))
            if sentence and several:
                named = f"{MODEL_SIGNS[number % len(MODEL_SIGNS)]} {escape(model)}"
                colour = OLD_COLOUR if self.sweeping.is_old else model_style(number)[0]
                sentence = f'<span style="color: {colour}">{named}</span>: {sentence}'
            lines.append(sentence)
        text = "<br>".join(line for line in lines if line)
        tint = f"; color: {OLD_COLOUR}" if self.sweeping.is_old else ""
        return f'<span style="font-size: {size}pt; font-weight: 600{tint}">{text}</span>'

    def _state_text(self) -> str:
        sweeping, result = self.sweeping, self.sweeping.result
        if self.session.scan is None:
            return "Open a scan to see how few lines will do for it."
        if not self._menu.actions():
            return "No trained model is installed."
        if result is None:
            if sweeping.sweeping.is_running:
                return "finding the heart…"
            return "From all lines down to one: what do Dice and EF do?"
        with_labels = "the reference labels", "the model's own result from all lines"
        dice, ef = (with_labels[one == "full"] for one in (result.dice_against, result.ef_against))
        text = f"Compared with {dice}" if dice == ef else f"Dice with {dice}, EF with {ef}"
        n = len(result.trials)
        if len(result.models) == 1:  # beside the sentence there is nothing that names it
            text = f"{result.models[0]}, {text[0].lower()}{text[1:]}"
        text += f". {n} acquisition{'s' if n > 1 else ''}"
        if result.n_seeds == 1:
            text += ", one of each line count: no spread"
        if sweeping.is_old:
            return f"⚠ Old: not what is chosen now. {text}."
        if not result.is_whole:
            text += " so far" if sweeping.sweeping.is_running else ", stopped"
        n = len(result.warnings)
        return f"{text}." + (f" ⚠ {n} warning{'s' if n > 1 else ''}" if n else "")

    def _map_text(self) -> str:
        line_map = self.sweeping.line_map
        if line_map is None:
            if self.sweeping.mapping.is_running:
                return "segmenting without a change first…"
            return "of the lines chosen under Acquire"
        n_lines = line_map.acquisition.n_lines or line_map.mask.n_phase_encodes
        slices = ", ".join(str(z + 1) for z in line_map.slices)
        text = (
            f"{len(line_map.effects)} changes of {n_lines} lines, {line_map.model}, slices {slices}"
        )
        if line_map.frame is not None:
            text += f", frame {line_map.frame + 1}"
        return f"⚠ Old: {text}" if self.sweeping.is_map_old else text
