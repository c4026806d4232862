"""Napari's layer controls scroll where the window is low, and are never cut at the side."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

from napari_cmr.viewer.window.low_screen import (
    LAYER_CONTROLS,
    LOWEST,
    ControlsArea,
    let_controls_scroll,
)


@pytest.fixture
def window(qtbot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    for name in (LAYER_CONTROLS, "other"):
        dock, inside = QDockWidget(window), QWidget()
        dock.setObjectName(name)
        inside.setMinimumSize(210, 900)
        dock.setWidget(inside)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return window


def inside(window: QMainWindow, name: str) -> QWidget:
    return next(d.widget() for d in window.findChildren(QDockWidget) if d.objectName() == name)


def test_the_controls_alone_are_put_into_an_area_once(window) -> None:
    controls = inside(window, LAYER_CONTROLS)
    let_controls_scroll(window)
    area = inside(window, LAYER_CONTROLS)
    assert isinstance(area, ControlsArea)
    assert area.widget() is controls
    assert not isinstance(inside(window, "other"), ControlsArea)
    let_controls_scroll(window)
    assert inside(window, LAYER_CONTROLS) is area


def test_the_area_may_be_low_and_is_as_wide_as_its_controls(window) -> None:
    controls = inside(window, LAYER_CONTROLS)
    let_controls_scroll(window)
    area = inside(window, LAYER_CONTROLS)
    hint = area.minimumSizeHint()
    assert hint.height() == LOWEST
    wanted = controls.minimumSizeHint().width()
    assert hint.width() == wanted + area.verticalScrollBar().sizeHint().width()


def test_what_is_no_window_is_left_alone() -> None:
    let_controls_scroll(None)
