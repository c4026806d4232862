"""The full screen in which a study is read: image, scores and their meaning, and nothing else."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core.keys import READING_KEYS
from napari_cmr.viewer.core.study_reading import ReadingPanel
from napari_cmr.viewer.widgets.reading.criteria import CriteriaList
from napari_cmr.viewer.widgets.reading.picture import (
    LEVEL_STEP,
    MOVE_STEP,
    WIDTH_STEP,
    ZOOM_STEP,
    ReadingPicture,
)
from napari_cmr.workflow.reading.criteria import NAMES, SCORES
from napari_cmr.workflow.reading.study import Study

SIDE_WIDTH = 372
MARK_MS = 350
"""For which the row of a score that was given is marked."""
ASSUMED_CYCLE_MS = 1000.0
"""Where the scan did not tell its heart rate."""
_STYLE = """
ReadingScreen, ReadingScreen QWidget { background: #000000; color: #e8eaed; }
ReadingScreen #side, ReadingScreen #side QWidget { background: #15171b; }
ReadingScreen QLabel { padding: 0px; margin: 0px; }
"""
_BAR = (
    "QProgressBar { background: #333942; border: none; border-radius: 2px; }"
    "QProgressBar::chunk { background: #6ea8fe; border-radius: 2px; }"
)
_QUIET = "color: #a4abb5; font-size: 10pt;"
_MARKED = "#row, #row QLabel { background: #2b4a7d; } #row { border-radius: 4px; }"
_LINES = (
    (("Backspace",), None),
    (("P",), None),
    (("Esc",), None),
    (("K",), None),
    (("H", "J"), "previous, next frame"),
    (("+", "-"), "nearer, farther"),
    (("Shift+arrows",), "move the picture"),
    (("Up", "Down"), "brighter, darker"),
    (("Right", "Left"), "more, less contrast"),
    (("0",), None),
)
"""Keys as the side lists them, and what is said of several at once."""


class ReadingScreen(QWidget):
    """Covers the screen while somebody reads; Esc leaves, and the window is as it was.

    Colours do not follow napari's theme: images are read on black.

    Parameters
    ----------
    panel : ReadingPanel
    parent : QWidget
        Window on whose screen it opens, and with which it goes.
    """

    left = Signal()

    def __init__(self, panel: ReadingPanel, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Reading panel")
        self.setStyleSheet(_STYLE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.panel = panel
        self._shown: tuple[str, int] | None = None
        self._step_s = 1.0
        self._playing_from: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self._mark = QTimer(self)
        self._mark.setSingleShot(True)
        self._mark.setInterval(MARK_MS)
        self._mark.timeout.connect(self._unmark)
        self._build()
        self.actions_by_name = self._actions_of()
        panel.changed.connect(self._show)

    def open(self) -> None:
        """Cover the screen, and begin.

        Raises
        ------
        ScanError
            If nobody was chosen to read.
        """
        self.panel.start()
        screen = self.parentWidget().window().screen()
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    @property
    def is_playing(self) -> bool:
        """Whether the cine plays."""
        return self._playing_from is not None

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        folder = self.panel.folder
        assert folder is not None  # see start
        study = folder.study
        self.picture = ReadingPicture()
        self.picture.may_zoom, self.picture.may_window = study.may_zoom, study.may_window
        self.progress = QLabel()
        self.progress.setStyleSheet("font-size: 15pt; font-weight: 600;")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setStyleSheet(_BAR)
        self.bar.setFixedHeight(5)
        self.criteria = CriteriaList(1, _QUIET, _MARKED)
        self.criteria.show_criteria(study.criteria)
        self.message = QLabel()
        self.message.setWordWrap(True)
        side = QWidget()
        side.setObjectName("side")
        side.setFixedWidth(SIDE_WIDTH)
        box = QVBoxLayout(side)
        box.setContentsMargins(20, 18, 16, 14)
        box.setSpacing(12)
        for widget in (self.progress, self.bar, self.criteria, self.message):
            box.addWidget(widget)
        box.addStretch(1)
        box.addLayout(self._build_keys(study))
        use = QLabel(
            ("Synthetic images. " if study.synthetic else "")
            + ("Details of some images may be invented. " if study.may_invent else "")
            + "Research use only."
        )
        use.setWordWrap(True)
        use.setStyleSheet(_QUIET)
        box.addWidget(use)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.picture, 1)
        whole.addWidget(side)

    def _build_keys(self, study: Study) -> QGridLayout:
        """Keys that are of use in a study."""
        said = {key.key: key.what for key in READING_KEYS}
        left_out = set[str]()
        if all(item.shape[0] == 1 for item in study.items):
            left_out |= {"K", "H"}
        if not study.may_zoom:
            left_out |= {"+", "Shift+arrows"}
        if not study.may_window:
            left_out |= {"Up", "Right"}
        if not (study.may_zoom or study.may_window):
            left_out |= {"0"}
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        for keys, what in _LINES:
            if keys[0] in left_out:
                continue
            row = grid.rowCount()
            for column, text in enumerate(("  ".join(keys), what or said[keys[0]])):
                label = QLabel(text.replace("Shift+arrows", "Shift + arrows"))
                label.setStyleSheet(_QUIET + ("font-weight: 600;" if column == 0 else ""))
                grid.addWidget(label, row, column)
        return grid

    def _actions_of(self) -> dict[str, Callable[[], object]]:
        picture = self.picture
        return {
            **{f"rate_{score}": partial(self._rate, score) for score in SCORES},
            "take_back": self._take_back,
            "pause": self.panel.toggle_pause,
            "leave": self.close,
            "play": self._toggle_play,
            "previous_frame": partial(self._step, -1),
            "next_frame": partial(self._step, 1),
            "zoom_in": partial(picture.zoom_by, ZOOM_STEP),
            "zoom_out": partial(picture.zoom_by, 1 / ZOOM_STEP),
            "move_left": partial(picture.move_by, 0, -MOVE_STEP),
            "move_right": partial(picture.move_by, 0, MOVE_STEP),
            "move_up": partial(picture.move_by, -MOVE_STEP, 0),
            "move_down": partial(picture.move_by, MOVE_STEP, 0),
            "brighter": partial(picture.change_greys, level=-LEVEL_STEP),
            "darker": partial(picture.change_greys, level=LEVEL_STEP),
            "more_contrast": partial(picture.change_greys, width=1 / WIDTH_STEP),
            "less_contrast": partial(picture.change_greys, width=WIDTH_STEP),
            "reset_view": picture.reset_view,
        }

    # -- what the reader does ---------------------------------------------------------------------

    def event(self, event: Any) -> bool:
        """Keep every key from the shortcuts of the window behind."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: Any) -> None:
        """Do what a key of the table does; one that is held down does not rate again."""
        action = action_of(event)
        if action is not None and not (event.isAutoRepeat() and not _may_repeat(action)):
            self.actions_by_name[action]()
        event.accept()

    def _rate(self, score: int) -> None:
        if any(self.picture.words):
            return  # what is not seen is not rated
        if self._try(partial(self.panel.rate, score)):
            self.criteria.mark(score)
            self._mark.start()
            self.say(f"Last score: {score}, {NAMES[score - 1].lower()}. Backspace takes it back.")

    def _take_back(self) -> None:
        if self._try(self.panel.take_back):
            self._unmark()
            self.say("The last score was taken back: rate this image again.")

    def _try(self, action: Callable[[], bool]) -> bool:
        try:
            return action()
        except ScanError as error:
            self.say(str(error), is_error=True)
            return False

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Say something beside the image."""
        self.message.setText(text)
        self.message.setStyleSheet("color: #ff8a80;" if is_error else _QUIET)

    def _unmark(self) -> None:
        self.criteria.mark(None)

    # -- what is shown ----------------------------------------------------------------------------

    def _show(self) -> None:
        panel, reading = self.panel, self.panel.reading
        if reading is None or not panel.is_reading:
            return
        n, done = reading.n_images, reading.n_rated
        self.bar.setRange(0, n)
        self.bar.setValue(done)
        item = panel.item
        if item is None:
            self.progress.setText(f"All {n} images are rated")
            self.stop()
            self._shown = None
            self.picture.cover("Done, thank you", "Esc goes back to the window")
            return
        self.progress.setText(f"Image {done + 1} of {n}")
        if self._shown != (item.id, done):
            self._shown = (item.id, done)
            self._show_item(item)
        elif panel.is_paused:
            self.stop()
            self.picture.cover("Paused", "P goes on")
        elif any(self.picture.words):
            self.picture.uncover()
            self.play()

    def _show_item(self, item: Any) -> None:
        self.stop()
        try:
            pixels = self.panel.pixels()
        except ScanError as error:
            self.picture.cover("This image cannot be shown", "Esc goes back to the window")
            self.say(str(error), is_error=True)
            return
        self.picture.show_image(pixels, item.pixel_mm)
        step_ms = item.frame_ms or ASSUMED_CYCLE_MS / len(pixels)
        self._step_s = step_ms / 1000.0
        self.play()

    # -- the cine ---------------------------------------------------------------------------------

    def play(self) -> None:
        """Play from the frame on screen; a still image stays still."""
        if self.picture.n_frames > 1:
            self._playing_from = perf_counter() - self.picture.frame * self._step_s
            self._timer.start(max(1, round(1000 * self._step_s)))

    def stop(self) -> None:
        """Stop at the frame on screen."""
        self._playing_from = None
        self._timer.stop()

    def _advance(self) -> None:
        if self._playing_from is not None:
            self.picture.go_to(int((perf_counter() - self._playing_from) / self._step_s))

    def _toggle_play(self) -> None:
        if self.is_playing:
            self.stop()
        elif not self.panel.is_paused:
            self.play()

    def _step(self, frames: int) -> None:
        self.stop()
        self.picture.go_to(self.picture.frame + frames)

    # -- the end ----------------------------------------------------------------------------------

    def closeEvent(self, event: Any) -> None:
        """Leave: all ratings are on disk."""
        self.stop()
        self.panel.changed.disconnect(self._show)
        self.panel.leave()
        super().closeEvent(event)
        self.left.emit()


_ACTIONS = {key.key: key.action for key in READING_KEYS}
_REPEATING = ("previous_frame", "next_frame")


def action_of(event: Any) -> str | None:
    """Action of a key event in the table; a digit is one wherever on the keyboard it is."""
    name = QKeySequence(int(event.key())).toString(QKeySequence.SequenceFormat.PortableText)
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        shifted = _ACTIONS.get(f"Shift+{name}")
        if shifted is not None:
            return shifted
    return _ACTIONS.get("+" if name == "=" else name)  # the same key without Shift


def _may_repeat(action: str) -> bool:
    """Whether a key does something again and again while it is held down."""
    return action in _REPEATING or not action.startswith(("rate", "take", "pause", "leave", "play"))
