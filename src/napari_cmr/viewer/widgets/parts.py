"""Parts that the docks share: a scrolling column, big figures, a slider with its number."""

import atexit
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any
from weakref import WeakMethod

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QObject, QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QGraphicsColorizeEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from superqt import QCollapsible
from superqt.utils import signals_blocked

from napari_cmr.scan import LABEL_COLOURS, Label
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.workbench import unwrapped, workbench_of

COLUMN_WIDTH = 366
OLD_COLOUR = "#8a8f98"
"""Of numbers that were made from something else than what is chosen now; on dark and on light."""
NOTE_STYLE = "font-size: 9pt;"


_LETTERS_ONLY = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)


class KeyFilter(QObject):
    """Hands letters on to the window: a list would jump to an entry, and a number ignores them.

    Parameters
    ----------
    parent : QWidget
        Lists and numbers that it has are filtered by :meth:`filter_children`.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent

    def filter_children(self) -> None:
        """Filter what the parent has by now; what is filtered already stays so."""
        for kind in (QComboBox, QAbstractSpinBox):
            for child in self._parent.findChildren(kind):
                child.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Do not let a letter reach a list that is folded, or a number."""
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if event.modifiers() not in _LETTERS_ONLY or not event.text().isalpha():
            return False
        event.ignore()  # so that Qt asks the window next
        return True


class Dock(QWidget):
    """Base of the docks: knows the viewer's workbench, and lets go of it when the widget goes.

    napari does not always send a close event to a docked widget, so connections are cut when Qt
    destroys it; they are held weakly until then.
    """

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self.viewer = unwrapped(viewer)
        self.workbench = workbench_of(self.viewer)
        self.session: Session = self.workbench.session
        self._connections: list[tuple[Any, WeakMethod]] = []
        self.destroyed.connect(partial(_disconnect, self._connections))
        self._keys = KeyFilter(self)

    def showEvent(self, event: Any) -> None:
        """Let the viewer's keys through from here on."""
        super().showEvent(event)
        self._keys.filter_children()

    def bind(self, signal: Any, slot: Callable[..., None]) -> None:
        """Connect a signal of the session, the viewer or a layer for as long as the dock lives."""
        signal.connect(slot)
        self._connections.append((signal, WeakMethod(slot)))

    @property
    def theme(self) -> Any:
        """Colours of napari's current theme."""
        return get_theme(self.viewer.theme)


_AT_END = Event()
# While the program ends Qt takes its objects down in any order, and to touch the signal of one
# that has gone ends it badly.
atexit.register(_AT_END.set)


def _disconnect(connections: list[tuple[Any, WeakMethod]], _object: Any = None) -> None:
    while connections and not _AT_END.is_set():
        signal, weak_slot = connections.pop()
        slot = weak_slot()
        if slot is None:
            continue
        try:
            signal.disconnect(slot)
        except (RuntimeError, TypeError, ValueError):
            continue  # the sender went first


class Column(QScrollArea):
    """A column that scrolls down where the window is low, and never sideways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self.box = QVBoxLayout(inside)
        self.box.setContentsMargins(10, 8, 10, 8)
        self.box.setSpacing(8)
        self.setWidget(inside)
        self.setMinimumWidth(280)

    @staticmethod
    def layout_of(widget: QWidget) -> QVBoxLayout:
        """Give a group inside the column the column's own spacing."""
        box = QVBoxLayout(widget)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        return box

    def sizeHint(self) -> QSize:
        """Ask for the width of the column."""
        return QSize(COLUMN_WIDTH, super().sizeHint().height())


def heading(text: str) -> QLabel:
    """Quiet title of a group."""
    label = QLabel(text)
    label.setStyleSheet("font-weight: 600; margin-top: 4px;")
    return label


def note(text: str = "") -> QLabel:
    """Wrapped, quieter text."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setStyleSheet(NOTE_STYLE)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label


def show_old(label: QLabel, is_old: bool) -> None:
    """Grey a note while it is of something else than what is chosen now."""
    label.setStyleSheet(f"{NOTE_STYLE} color: {OLD_COLOUR};" if is_old else NOTE_STYLE)


def show_picture_old(widget: QWidget, is_old: bool) -> None:
    """Draw a widget and all in it without colour while it is not of what is chosen now."""
    if is_old == is_picture_old(widget):
        return
    grey = QGraphicsColorizeEffect() if is_old else None
    if grey is not None:
        grey.setColor(QColor("black"))  # dark stays dark: any other colour is added to all greys
    widget.setGraphicsEffect(grey)


def is_picture_old(widget: QWidget) -> bool:
    """Whether a widget is drawn without colour."""
    return widget.graphicsEffect() is not None


def row(
    *widgets: QWidget, spacing: int = 6, stretch_last: bool = False, by_text: bool = False
) -> QHBoxLayout:
    """Widgets side by side; buttons share the width, evenly or as their texts need it."""
    box = QHBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(spacing)
    for widget in widgets:
        if isinstance(widget, QPushButton):
            widget.setMinimumWidth(0)
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.addWidget(widget, len(widget.text()) + 2 if by_text else 0)
        else:
            box.addWidget(widget)
    if stretch_last:
        box.setStretch(len(widgets) - 1, 1)
    return box


def more(*widgets: QWidget) -> QCollapsible:
    """Fold widgets away under "More"."""
    fold = QCollapsible("▸  More", expandedIcon=QIcon(), collapsedIcon=QIcon())
    # The arrow is text, as an icon would keep the colour of one theme.
    fold.toggled.connect(lambda open_: fold.setText("▾  More" if open_ else "▸  More"))
    fold.setDuration(0)  # an animated fold in a scrolling column jumps
    fold.toggleButton().setStyleSheet(
        "text-align: left; border: none; background: transparent; font-weight: 600; padding: 2px;"
    )
    fold.layout().setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        fold.addWidget(widget)
    return fold


def duration_text(seconds: float) -> str:
    """How long something took, in milliseconds or, from a second on, in seconds."""
    return f"{1000 * seconds:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def css(label: Label) -> str:
    """Colour of a label for style sheets and pens."""
    red, green, blue = (round(255 * value) for value in LABEL_COLOURS[label])
    return f"#{red:02x}{green:02x}{blue:02x}"


class BigFigure(QWidget):
    """A number to be read across the room, over what it is."""

    def __init__(self, caption: str, tooltip: str, colour: str | None = None) -> None:
        super().__init__()
        self._value = QLabel("–")
        self._value.setIndent(0)
        self._colour = colour
        self.is_old = False
        self.show_old(False)
        self._caption = QLabel(caption)
        self._caption.setStyleSheet("font-size: 9pt;")
        self._caption.setIndent(0)
        self._caption.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._value)
        box.addWidget(self._caption)
        self.setToolTip(tooltip)

    @property
    def text(self) -> str:
        """The number as shown."""
        return self._value.text()

    def show_old(self, is_old: bool) -> None:
        """Show the number in grey while it is not of what is chosen now."""
        self.is_old = is_old
        colour = OLD_COLOUR if is_old else self._colour
        tint = f"color: {colour};" if colour else ""
        self._value.setStyleSheet(f"font-size: 22pt; font-weight: 600; {tint}")

    @property
    def caption(self) -> str:
        """What is said under the number."""
        return self._caption.text()

    def show_value(self, text: str, caption: str | None = None) -> None:
        """Show another number, and caption."""
        self._value.setText(text)
        if caption is not None:
            self._caption.setText(caption)


class NumberSlider(QWidget):
    """A slider with its number beside it, for typing."""

    changed = Signal(int)

    def __init__(self, minimum: int, maximum: int, tooltip: str) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.number = QSpinBox()
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setFixedWidth(84)
        for part in (self.slider, self.number):
            part.setToolTip(tooltip)
        self.set_range(minimum, maximum)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.slider, 1)
        box.addWidget(self.number)
        self.slider.valueChanged.connect(self._on_value)
        self.number.valueChanged.connect(self._on_value)

    @property
    def value(self) -> int:
        """The number."""
        return int(self.slider.value())

    def set_range(self, minimum: int, maximum: int) -> None:
        """Change the range, without announcing a value."""
        for part in (self.slider, self.number):
            with signals_blocked(part):
                part.setRange(minimum, maximum)
        self.slider.setPageStep(max(1, (maximum - minimum) // 10))

    def show_value(self, value: int) -> None:
        """Show a number, without announcing it."""
        for part in (self.slider, self.number):
            with signals_blocked(part):
                part.setValue(value)

    def _on_value(self, value: int) -> None:
        self.show_value(value)
        self.changed.emit(value)
