"""Layer controls scroll where the window is low, and are never narrower than they need to be."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QMainWindow, QPushButton, QVBoxLayout, QWidget

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
    for name in (LAYER_CONTROLS, "layer list"):
        dock = QDockWidget(window)
        dock.setObjectName(name)
        inside = QWidget()
        inside.setMinimumSize(210, 900)
        dock.setWidget(inside)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return window


def inside(window: QMainWindow, name: str) -> QWidget:
    return window.findChild(QDockWidget, name).widget()


def test_tall_controls_no_longer_keep_the_window_high(window) -> None:
    controls = inside(window, LAYER_CONTROLS)
    let_controls_scroll(window)
    area = inside(window, LAYER_CONTROLS)
    assert isinstance(area, ControlsArea)
    assert area.widget() is controls
    assert area.minimumSizeHint().height() == LOWEST
    assert not isinstance(inside(window, "layer list"), ControlsArea)


def test_controls_are_put_away_once(window) -> None:
    let_controls_scroll(window)
    area = inside(window, LAYER_CONTROLS)
    let_controls_scroll(window)
    assert inside(window, LAYER_CONTROLS) is area
    assert not isinstance(area.widget(), ControlsArea)


def test_the_area_is_as_wide_as_its_controls(qtbot) -> None:
    controls = QWidget()
    box = QVBoxLayout(controls)
    box.addWidget(QPushButton("gamma"))
    area = ControlsArea(controls)
    qtbot.addWidget(area)
    bar = area.verticalScrollBar().sizeHint().width()
    assert area.minimumSizeHint().width() == controls.minimumSizeHint().width() + bar
    before = area.minimumSizeHint().width()
    box.addWidget(QPushButton("a button that is much wider than the first"))
    assert area.minimumSizeHint().width() > before


def test_without_a_window_there_is_nothing_to_do(qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    let_controls_scroll(widget)
    let_controls_scroll(None)
    assert not widget.findChildren(ControlsArea)
