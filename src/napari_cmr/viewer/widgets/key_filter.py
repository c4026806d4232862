"""Lets the viewer have its keys while a list or a number has the focus."""

from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QAbstractSpinBox, QComboBox, QWidget

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
