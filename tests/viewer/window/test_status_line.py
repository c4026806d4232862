"""The status bar says "research use only", and once there are labels whose they are."""

import pytest
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_cmr.viewer.core.results import SliceTiming
from napari_cmr.viewer.window.status_line import StatusLine, show_status_line

NOTICE = "Research use only"


@pytest.fixture
def line(open_viewer, small_scan, qtbot) -> StatusLine:
    line = StatusLine(open_viewer(small_scan))
    qtbot.addWidget(line)
    return line


def finish_slice(line: StatusLine, model: str, seconds: float) -> None:
    line.session.note_slice(model, SliceTiming(line.session.acquisition, "cpu", seconds))
    line.segmentation.changed.emit()


def test_before_any_labels_only_the_notice_is_there(line) -> None:
    assert line.text == NOTICE
    assert "diagnosis" in line.label.toolTip()


def test_model_device_and_time_of_the_last_slice_are_named(line) -> None:
    line.segmentation.set_models(["pooled-net"])
    finish_slice(line, "pooled-net", 0.0421)
    assert line.text.split("  ·  ") == ["pooled-net", "cpu", "42 ms a slice", NOTICE]
    finish_slice(line, "pooled-net", 0.2)
    assert "200 ms a slice" in line.text


def test_another_models_slices_are_not_told_of(line) -> None:
    line.segmentation.set_models(["pooled-net"])
    finish_slice(line, "syn-net", 0.05)
    assert line.text == NOTICE


def test_a_window_has_one_line(line, qtbot) -> None:
    window, other = QMainWindow(), QWidget()
    for widget in (window, other):
        qtbot.addWidget(widget)
    show_status_line(line.viewer, window)
    show_status_line(line.viewer, window)
    show_status_line(line.viewer, other)
    assert len(window.statusBar().findChildren(StatusLine)) == 1
    assert not other.findChildren(StatusLine)
