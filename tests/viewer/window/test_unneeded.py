"""The sliders' own counts stay hidden, and so does the notice about PyQt5, and nothing else."""

import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QLabel, QMainWindow, QVBoxLayout, QWidget

from napari_cmr.viewer.window.unneeded import PYQT5_NOTICE, SliderCounts, hide_unneeded


class NapariQtNotification(QWidget):
    """Goes by the name of napari's own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        QVBoxLayout(self).addWidget(QLabel(text))


def add_count(window: QMainWindow, name: str) -> QLabel:
    label = QLabel("0", window.centralWidget())
    label.setObjectName(name)
    label.show()
    return label


@pytest.fixture
def window(qtbot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    window.show()
    return window


def test_counts_are_hidden_and_other_labels_are_not(window) -> None:
    counts = [add_count(window, name) for name in ("slice_label", "slice_label_sep")]
    other = add_count(window, "axis_label")
    hide_unneeded(ViewerModel(), window)
    assert not any(one.isVisible() for one in counts)
    assert other.isVisible()


def test_counts_of_sliders_that_come_later_are_hidden_too(window, qtbot) -> None:
    viewer = ViewerModel()
    hide_unneeded(viewer, window)
    late = add_count(window, "slice_label")
    assert late.isVisible()
    viewer.dims.ndim = 4
    qtbot.waitUntil(lambda: not late.isVisible(), timeout=30_000)
    later = add_count(window, "slice_label")
    viewer.add_points(ndim=4)
    qtbot.waitUntil(lambda: not later.isVisible(), timeout=30_000)


def test_it_is_set_up_once(window) -> None:
    viewer = ViewerModel()
    hide_unneeded(viewer, window)
    hide_unneeded(viewer, window)
    assert len(window.centralWidget().findChildren(SliderCounts)) == 1


def test_only_the_notice_about_pyqt5_is_closed(window, qtbot) -> None:
    known = NapariQtNotification(f"The {PYQT5_NOTICE}.")
    other = NapariQtNotification("A file could not be read.")
    for notice in (known, other):
        qtbot.addWidget(notice)
        notice.show()
    hide_unneeded(ViewerModel(), window)
    assert not known.isVisible()
    assert other.isVisible()
