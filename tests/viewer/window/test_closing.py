"""A window over unsaved labels is not closed without naming them."""

import numpy as np
import pytest
from napari.settings import get_settings
from qtpy.QtCore import QTimer
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import QApplication, QLabel, QMessageBox

from napari_cmr.scan import Label
from napari_cmr.viewer.window.closing import ClosingQuestion, unsaved_labels
from napari_cmr.viewer.window.workspace import SCAN, open_workspace
from napari_cmr.viewer.workbench import workbench_of


class ByTheUser(QCloseEvent):
    """A close event as the window's own button sends it."""

    def spontaneous(self):
        return True


@pytest.fixture
def viewer(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan, show=True)
    settle(viewer)
    return viewer


def close_by_hand(viewer, qtbot):
    """Send the event of the window's own button; returns whether it was let through."""
    window = open_workspace(viewer)[SCAN].window()
    qtbot.waitUntil(lambda: window.findChild(ClosingQuestion) is not None, timeout=30_000)
    event = ByTheUser()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def draw(viewer):
    layer = workbench_of(viewer).session.labels_layer
    layer.data_setitem(tuple(np.array([n]) for n in (0, 0, 2, 2)), int(Label.MYO))


def answer(button, seen):
    """Read the question that is open in a moment, and press a button of it."""

    def press():
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, press)
            return
        seen.extend(one.text() for one in dialog.findChildren(QLabel))
        if isinstance(dialog, QMessageBox):
            dialog.button(button).click()
        else:
            dialog.reject()

    QTimer.singleShot(20, press)


def test_naparis_question_names_them(viewer, qtbot, monkeypatch):
    monkeypatch.setattr(get_settings().application, "confirm_close_window", True)
    draw(viewer)
    seen = []
    answer(None, seen)
    assert not close_by_hand(viewer, qtbot)
    assert any("not saved: Labels." in text for text in seen)


def test_a_question_is_asked_where_napari_asks_none(viewer, qtbot, monkeypatch):
    monkeypatch.setattr(get_settings().application, "confirm_close_window", False)
    draw(viewer)
    seen = []
    answer(QMessageBox.StandardButton.Cancel, seen)
    assert not close_by_hand(viewer, qtbot)
    assert any("not saved: Labels." in text for text in seen)


def test_what_is_as_it_came_is_not_asked_about(viewer):
    assert unsaved_labels(viewer) == []
    draw(viewer)
    assert unsaved_labels(viewer) == ["Labels"]
    workbench_of(viewer).session.labels_layer.undo()
    assert unsaved_labels(viewer) == []


def close_by_menu(viewer, qtbot, keys):
    """Choose the entry of napari's menu that has these keys; returns whether the window stays."""
    window = open_workspace(viewer)[SCAN].window()
    qtbot.waitUntil(lambda: window.findChild(ClosingQuestion) is not None, timeout=30_000)
    menus = [top.menu() for top in window.menuBar().actions() if top.menu() is not None]
    entries = [entry for menu in menus for entry in menu.actions()]
    (action,) = [entry for entry in entries if entry.shortcut().toString() == keys]
    QApplication.setActiveWindow(window)  # nobody does it on a bare display
    action.trigger()
    return window.isVisible()


@pytest.mark.parametrize("keys", ["Ctrl+W", "Ctrl+Q"])
def test_keys_of_napari_ask_by_name_where_its_own_question_is_off(viewer, qtbot, monkeypatch, keys):
    monkeypatch.setattr(get_settings().application, "confirm_close_window", False)
    draw(viewer)
    seen = []
    answer(QMessageBox.StandardButton.Cancel, seen)
    assert close_by_menu(viewer, qtbot, keys)
    assert any("not saved: Labels." in text for text in seen)
