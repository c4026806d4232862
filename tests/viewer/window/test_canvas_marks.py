"""What stands over the canvas of the workspace, and the keys that change the labels on it."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit, QMainWindow, QWidget

from napari_cmr.scan import Geometry, Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.edit import EditDock
from napari_cmr.viewer.window import shortcuts
from napari_cmr.viewer.window.canvas_marks import CanvasMarks
from napari_cmr.viewer.window.workspace import SCAN, open_workspace
from napari_cmr.viewer.workbench import workbench_of

AXIAL = Geometry.from_affine(np.diag([-1.5, -1.5, 10.0, 1.0]), 3)


@pytest.fixture
def viewer(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan.with_(geometry=AXIAL), show=True)
    settle(viewer)
    return viewer


@pytest.fixture
def marks(viewer, qtbot):
    docks = open_workspace(viewer)
    window = docks[SCAN].window()
    qtbot.waitUntil(lambda: window.findChild(CanvasMarks) is not None, timeout=30_000)
    return window.findChild(CanvasMarks)


def test_the_picture_says_where_it_lies(viewer, marks, settle, qtbot):
    session = workbench_of(viewer).session
    letters = {edge: label.text() for edge, label in marks.letters.items()}
    assert letters == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    assert all(label.isVisible() for label in marks.letters.values())
    es = session.function.lv.es_frame
    layers.go_to(viewer, session.scan, frame=es, z=2)
    assert f"slice 3 of 3  ·  frame {es + 1} of 6" in marks.place.text()
    assert marks.place.text().startswith("ES")
    layers.go_to(viewer, session.scan, frame=es + 1)
    assert "ES" not in marks.place.text()
    assert viewer.canvas.overlays.scale_bar.visible
    assert "small" in viewer.title
    for label in (*marks.letters.values(), marks.place):
        assert label.parent().rect().contains(label.geometry())
    marks.place.setText(marks.place.text() * 5)  # as on a narrow canvas
    marks._arrange()
    assert not marks.letters["bottom"].geometry().intersects(marks.place.geometry())
    layers.show_scan(viewer, make_scan(name="other"))  # a geometry that nobody vouches for
    settle(viewer)
    assert not any(label.isVisible() for label in marks.letters.values())
    assert marks.place.isVisible()
    assert "other" in viewer.title


def test_slices_are_counted_once(marks, qtbot):
    """napari's own sliders count from 0."""
    window = marks.window()
    assert isinstance(window, QMainWindow)
    qtbot.waitUntil(
        lambda: (
            not [
                one
                for one in window.centralWidget().findChildren(QWidget)
                if one.objectName() == "slice_label" and one.isVisible()
            ]
        ),
        timeout=10_000,
    )
    assert window.centralWidget().findChildren(QLineEdit)


def test_one_key_turns_labels_into_outlines(viewer, marks):
    session = workbench_of(viewer).session
    shortcuts.press(viewer, "outlines")
    assert session.labels_layer.contour == 1
    drawn = layers.add_empty_labels(viewer, session.scan)
    assert drawn.contour == 1
    shortcuts.press(viewer, "outlines")
    assert (session.labels_layer.contour, drawn.contour) == (0, 0)


def test_a_contour_is_deleted_as_one_step(viewer, qtbot, settle):
    dock = EditDock(viewer)
    viewer.window.add_dock_widget(dock, name="Edit")
    layer, scan = dock.session.labels_layer, dock.session.scan
    before = np.array(layer.data)
    layers.go_to(viewer, scan, frame=2, z=1)
    dock.structure.setCurrentIndex(dock.structure.findText("RV"))
    qtbot.mouseClick(dock.delete, Qt.MouseButton.LeftButton)
    assert not (layer.data[2, 1] == Label.RV).any()
    changed = before != layer.data
    assert changed[2, 1].any()
    changed[2, 1] = False
    assert not changed.any()
    layer.undo()
    np.testing.assert_array_equal(layer.data, before)
    dock.structure.setCurrentIndex(0)
    shortcuts.press(viewer, "delete_contour")
    assert not layer.data[2, 1].any()
    assert layer.data[1, 1].any()
    assert "slice 2 of frame 3" in dock.state.text()


def test_a_scan_opens_on_a_frame_that_has_labels(open_viewer, small_scan):
    labels = small_scan.labels.copy()
    labels[:4] = 0
    viewer = open_viewer(small_scan.with_(labels=labels, labelled_frames=(4, 5)))
    assert layers.frame_on_screen(viewer, small_scan) == 4


def test_sliders_that_come_later_do_not_count_from_0_either(open_viewer, small_scan, qtbot):
    viewer = open_viewer(show=True)
    window = open_workspace(viewer)[SCAN].window()
    qtbot.waitUntil(lambda: window.findChild(CanvasMarks) is not None, timeout=30_000)
    layers.show_scan(viewer, small_scan)
    qtbot.wait(300)
    counts = [
        one
        for one in window.centralWidget().findChildren(QWidget)
        if one.objectName() == "slice_label"
    ]
    assert counts
    assert not any(one.isVisible() for one in counts)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_window_fits_a_low_screen(viewer, marks, theme, settle, qtbot):
    viewer.theme = theme
    window = marks.window()
    window.resize(1280, 800)
    for layer in viewer.layers:
        viewer.layers.selection.active = layer
        settle(viewer)
        qtbot.wait(200)
        assert window.minimumSizeHint().height() <= 800
        assert window.minimumSizeHint().width() <= 1280
        assert (window.width(), window.height()) == (1280, 800)
