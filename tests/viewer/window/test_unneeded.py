"""Counts beside napari's sliders are hidden, also of sliders that come later."""

import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QLabel, QMainWindow, QWidget

from napari_cmr.viewer.window.unneeded import SliderCounts, hide_unneeded


@pytest.fixture
def window(qtbot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    return window


def count(window: QMainWindow, name: str) -> QLabel:
    label = QLabel("0", window.centralWidget())
    label.setObjectName(name)
    label.show()
    return label


def test_the_counts_go_and_other_words_stay(window, small_scan, qtbot) -> None:
    viewer = ViewerModel()
    first, other = count(window, "slice_label"), count(window, "axis_label")
    hide_unneeded(viewer, window)
    assert (first.isHidden(), other.isHidden()) == (True, False)
    later = count(window, "slice_label_sep")
    viewer.add_image(small_scan.image)
    qtbot.waitUntil(later.isHidden)


def test_a_window_is_watched_once_and_something_else_not_at_all(window) -> None:
    viewer = ViewerModel()
    hide_unneeded(viewer, window)
    hide_unneeded(viewer, window)
    assert len(window.centralWidget().findChildren(SliderCounts)) == 1
    hide_unneeded(viewer, None)
