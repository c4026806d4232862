"""Closing a window in which labels are not saved: it asks first, and names them."""

from inspect import signature
from typing import Any
from weakref import ref

from napari.layers import Labels
from napari.settings import get_settings
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QMainWindow, QMessageBox, QWidget

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.label_marks import marks_of
from napari_cmr.viewer.core.preferences import preference
from napari_cmr.viewer.widgets.parts import note

NAPARIS_QUESTION = "ConfirmCloseDialog"


class ClosingQuestion(QObject):
    """Names unsaved labels in napari's question whether to close; asks where napari does not."""

    def __init__(self, viewer: Any, window: QWidget) -> None:
        super().__init__(window)
        self._viewer = ref(viewer)
        window.installEventFilter(self)
        if "confirm_need" in signature(type(window).close).parameters:
            window.close = self._close

    def _close(self, quit_app: bool = False, confirm_need: bool = False) -> Any:
        """Ask before napari's menu or keys close the window, where napari itself does not.

        Its commands call this method of the window, whose event looks like one of a program.
        """
        window: Any = self.parent()
        if confirm_need and not get_settings().application.confirm_close_window:
            names = unsaved_labels(self._viewer())
            if names and not may_close(window, names):
                return None
        return type(window).close(window, quit_app=quit_app, confirm_need=confirm_need)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the window open where the user says so."""
        if event is None:
            return False
        if event.type() == QEvent.Type.ChildPolished:
            child = event.child()
            if type(child).__name__ == NAPARIS_QUESTION:
                self._name_in(child)
            return False
        asks_itself = get_settings().application.confirm_close_window
        if event.type() != QEvent.Type.Close or not event.spontaneous() or asks_itself:
            return False
        names = unsaved_labels(self._viewer())
        if not names or may_close(self.parent(), names):
            return False
        event.ignore()
        return True

    def _name_in(self, question: Any) -> None:
        names = unsaved_labels(self._viewer())
        if names:
            label = note(text_about(names))
            question.layout().insertWidget(0, label)


def unsaved_labels(viewer: Any) -> list[str]:
    """Names of the layers in which a person has drawn what is not saved."""
    return [
        layer.name
        for layer in (() if viewer is None else viewer.layers)
        if isinstance(layer, Labels)
        and layers.scan_of(layer) is not None
        and marks_of(layer.data, layers.origin_of(layer)).dirty.any()
    ]


def text_about(names: list[str]) -> str:
    """Say which labels are not saved, and what becomes of them."""
    kept = preference("unsaved_labels", "keep")
    what = "are kept, and offered when the scan is opened again" if kept else "will be lost"
    return f"Labels that are not saved: {', '.join(names)}. They {what}. Save them under Edit."


def may_close(window: Any, names: list[str]) -> bool:
    """Ask whether labels of these names may go unsaved."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Labels are not saved")
    box.setText(text_about(names))
    box.setStandardButtons(QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    return bool(box.exec() == QMessageBox.StandardButton.Close)


def ask_before_closing(viewer: Any, window: Any) -> None:
    """Ask before the window of a viewer closes over unsaved labels, once."""
    if isinstance(window, QMainWindow) and window.findChild(ClosingQuestion) is None:
        ClosingQuestion(viewer, window)
