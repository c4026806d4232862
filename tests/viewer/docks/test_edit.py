"""The Edit dock in a real window: brushes, copying, cleaning up, accepting, saving."""

from functools import partial

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QFileDialog

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.keys import KEYS
from napari_cmr.viewer.docks.edit import EditDock
from napari_cmr.viewer.window import shortcuts
from napari_cmr.viewer.workbench import workbench_of

LEFT = Qt.MouseButton.LeftButton
WAIT = 60_000


@pytest.fixture
def make_dock(open_viewer, settle):
    def make(scan):
        viewer = open_viewer(scan, show=True)
        dock = EditDock(viewer)
        viewer.window.add_dock_widget(dock, name="Edit")
        dock.more.expand()
        if scan is not None:
            settle(viewer)
            layers.go_to(viewer, scan, frame=0, z=1)
        return dock

    return make


@pytest.fixture
def dock(make_dock):
    return make_dock(make_scan())


@pytest.fixture
def done(qtbot):
    def wait(dock):
        qtbot.waitUntil(lambda: not dock.annotation.is_busy, timeout=WAIT)

    return wait


def place(dock):
    scan = dock.session.scan
    return layers.frame_on_screen(dock.viewer, scan), layers.slice_on_screen(dock.viewer, scan)


def paint(layer, place, rows, columns, label):
    frame, z = place
    y, x = (axis.ravel() for axis in np.mgrid[rows, columns])
    layer.data_setitem((np.full(y.size, frame), np.full(y.size, z), y, x), int(label))


def test_without_a_scan_there_is_nothing_to_edit(make_dock):
    dock = make_dock(None)
    assert not dock.empty.isHidden()
    assert dock.whole.isHidden()


def test_a_scan_without_labels_can_be_drawn_on(make_dock, qtbot):
    dock = make_dock(make_scan(labels=False))
    assert not dock.tools.isVisible()
    assert not dock.source.isEnabled()
    assert "press New and draw" in dock.empty.text()
    qtbot.mouseClick(dock.new, LEFT)
    assert dock.source.isEnabled()
    assert dock.empty.isHidden()
    layer = dock.session.labels_layer
    qtbot.waitUntil(lambda: layer.mode == "paint", timeout=WAIT)
    assert dock.tools.isVisible()
    assert dock.brush.buttons[Label.LV].isChecked()
    assert not dock.brush.buttons[Label.SCAR].isVisible()


def test_brushes_follow_the_buttons_and_napari(dock, qtbot):
    layer = dock.session.labels_layer
    qtbot.mouseClick(dock.brush.buttons[Label.RV], LEFT)
    assert (layer.mode, layer.selected_label) == ("paint", 3)
    qtbot.mouseClick(dock.brush.buttons[Label.BACKGROUND], LEFT)
    assert layer.mode == "erase"
    layer.mode, layer.selected_label = "paint", 2
    assert dock.brush.buttons[Label.MYO].isChecked()
    qtbot.mouseClick(dock.brush.buttons[None], LEFT)
    assert layer.mode == "pan_zoom"
    assert not dock.brush.buttons[Label.MYO].isChecked()
    assert dock.viewer.layers.selection.active is not layer


def test_a_slice_is_copied_to_the_next_frame_in_one_step(dock, qtbot):
    layer = dock.session.labels_layer
    before = layer.data.copy()
    qtbot.mouseClick(dock.copy[1, 0], LEFT)
    assert place(dock) == (1, 1)
    np.testing.assert_array_equal(layer.data[1, 1], before[0, 1])
    assert "Copied all labels to slice 2 of frame 2" in dock.state.text()
    layer.undo()
    np.testing.assert_array_equal(layer.data, before)


def test_one_structure_is_copied_round_the_cycle_by_its_key(dock, qtbot):
    dock.structure.setCurrentIndex(dock.structure.findText("LV"))
    layer = dock.session.labels_layer
    before = layer.data.copy()
    keys = {key.key: partial(shortcuts.press, action=key.action) for key in KEYS}
    keys["Shift-H"](dock.viewer)
    assert place(dock) == (5, 1)
    cavity = before[0, 1] == Label.LV
    np.testing.assert_array_equal(layer.data[5, 1] == Label.LV, cavity)
    assert (layer.data[5, 1] == Label.RV).sum() == (before[5, 1] == Label.RV).sum()


def test_what_cannot_be_done_is_said_and_changes_nothing(dock, qtbot):
    layer = dock.session.labels_layer
    layers.go_to(dock.viewer, dock.session.scan, frame=0, z=2)
    before = layer.data.copy()
    qtbot.mouseClick(dock.copy[0, 1], LEFT)
    assert "3 slices" in dock.state.text()
    np.testing.assert_array_equal(layer.data, before)


def test_accepted_slices_are_protected_until_asked_for(dock, qtbot):
    layer = dock.session.labels_layer
    layers.go_to(dock.viewer, dock.session.scan, frame=1)
    qtbot.mouseClick(dock.accept["slice"], LEFT)
    assert layers.accepted(layer)[1, 1]
    assert dock.accept["slice"].isChecked()
    layers.go_to(dock.viewer, dock.session.scan, frame=0)
    assert not dock.accept["slice"].isChecked()
    before = layer.data.copy()
    qtbot.mouseClick(dock.copy[1, 0], LEFT)
    assert "1 accepted slice kept" in dock.state.text()
    np.testing.assert_array_equal(layer.data, before)
    dock.overwrite.setChecked(True)
    qtbot.mouseClick(dock.copy[1, 0], LEFT)
    assert not np.array_equal(layer.data, before)


def test_a_frame_is_accepted_and_that_taken_back(dock, qtbot):
    layer = dock.session.labels_layer
    qtbot.mouseClick(dock.accept["frame"], LEFT)
    assert layers.accepted(layer)[0].all()
    assert layers.accepted(layer).sum() == 3
    qtbot.mouseClick(dock.accept["frame"], LEFT)
    assert not layers.accepted(layer).any()


def test_cleaning_up_is_one_step_of_undo(dock, qtbot, done):
    layer = dock.session.labels_layer
    paint(layer, (0, 1), slice(23, 25), slice(19, 21), 0)
    paint(layer, (4, 2), slice(23, 25), slice(19, 21), 0)
    holes = layer.data.copy()
    dock.scope.setCurrentIndex(2)
    qtbot.mouseClick(dock.edits["fill"], LEFT)
    done(dock)
    np.testing.assert_array_equal(layer.data, dock.session.scan.labels)
    layer.undo()
    np.testing.assert_array_equal(layer.data, holes)


@pytest.mark.parametrize("what", ["smooth", "largest", "interpolate"])
def test_the_other_tools_mend_what_they_are_for(dock, qtbot, done, what):
    layer = dock.session.labels_layer
    if what == "interpolate":
        layer.data[0, 1] = 0
        layer.refresh()
    else:
        paint(layer, (0, 1), slice(2, 4), slice(2, 4), Label.RV)
        paint(layer, (0, 1), slice(23, 25), slice(32, 38), Label.MYO)
    before = layer.data.copy()
    dock.scope.setCurrentIndex(1)
    qtbot.mouseClick(dock.edits[what], LEFT)
    done(dock)
    new = layer.data
    assert not np.array_equal(new, before)
    np.testing.assert_array_equal(new[1:], before[1:])
    if what == "largest":
        assert not new[0, 1, 2:4, 2:4].any()
    if what == "smooth":
        assert (new[0, 1, 23:25, 32:38] > 0).sum() < (before[0, 1, 23:25, 32:38] > 0).sum()
    if what == "interpolate":
        np.testing.assert_array_equal(new[0, 1], before[0, 0])


def test_an_impossible_edit_leaves_the_labels(dock, qtbot, done, monkeypatch):
    monkeypatch.setattr("napari_cmr.viewer.core.jobs.show_error", lambda _text: None)
    before = dock.session.labels_layer.data.copy()
    qtbot.mouseClick(dock.edits["interpolate"], LEFT)
    done(dock)
    assert "no empty slice" in dock.state.text()
    np.testing.assert_array_equal(dock.session.labels_layer.data, before)


def test_labels_are_propagated_in_one_step_around_what_is_accepted(make_dock, qtbot, done):
    scan = make_scan()
    truth = scan.labels
    first = np.zeros_like(truth)
    first[0] = truth[0]
    dock = make_dock(scan.with_(labels=first))
    layer = dock.session.labels_layer
    paint(layer, (3, 1), slice(2, 6), slice(2, 6), Label.RV)
    layers.go_to(dock.viewer, dock.session.scan, frame=3)
    qtbot.mouseClick(dock.accept["slice"], LEFT)
    layers.go_to(dock.viewer, dock.session.scan, frame=0)
    before = layer.data.copy()
    qtbot.mouseClick(dock.propagate, LEFT)
    assert dock.propagate.text() == "Cancel"
    done(dock)
    assert "1 accepted slice kept" in dock.state.text()
    np.testing.assert_array_equal(layer.data[3, 1], before[3, 1])
    found = layer.data[2] == Label.LV
    overlap = 2 * (found & (truth[2] == Label.LV)).sum() / (found.sum() + (truth[2] == 1).sum())
    assert overlap > 0.9
    layer.undo()
    np.testing.assert_array_equal(layer.data, before)


def test_a_propagation_can_be_stopped(dock, qtbot, done):
    before = dock.session.labels_layer.data.copy()
    qtbot.mouseClick(dock.propagate, LEFT)
    qtbot.mouseClick(dock.propagate, LEFT)
    done(dock)
    assert dock.propagate.text() == "Propagate"
    np.testing.assert_array_equal(dock.session.labels_layer.data, before)


def test_only_ed_and_es_are_gone_through(dock, qtbot):
    keys = {key.key: partial(shortcuts.press, action=key.action) for key in KEYS}
    scan, viewer = dock.session.scan, dock.viewer
    assert (dock.pair.ed.value(), dock.pair.es.value()) == (1, 4)
    dock.pair.only.setChecked(True)
    keys["J"](viewer)
    qtbot.waitUntil(lambda: place(dock)[0] == 3, timeout=WAIT)
    keys["H"](viewer)
    qtbot.waitUntil(lambda: place(dock)[0] == 0, timeout=WAIT)
    layers.go_to(viewer, scan, frame=2)  # as a drag of the slider
    qtbot.waitUntil(lambda: place(dock)[0] == 3, timeout=WAIT)
    qtbot.mouseClick(dock.copy[-1, 0], LEFT)
    assert place(dock) == (0, 1)
    dock.pair.es.setValue(5)
    keys["J"](viewer)
    qtbot.waitUntil(lambda: place(dock)[0] == 4, timeout=WAIT)
    dock.pair.only.setChecked(False)
    keys["H"](viewer)
    assert place(dock)[0] == 3


def test_the_grid_shows_what_is_done_and_leads_there(dock, qtbot):
    layer = dock.session.labels_layer
    qtbot.waitUntil(lambda: dock.annotation.marks is not None, timeout=WAIT)
    assert not dock.annotation.marks.dirty.any()
    assert dock.annotation.marks.labelled.all()
    paint(layer, (4, 2), slice(2, 4), slice(2, 4), Label.RV)
    qtbot.waitUntil(lambda: bool(dock.annotation.marks.dirty.any()), timeout=WAIT)
    assert np.argwhere(dock.annotation.marks.dirty).tolist() == [[4, 2]]
    assert dock.grid.describe((4, 2)) == "Frame 5, slice 3: labelled, not saved"
    target = dock.grid.cell(4, 2).center()
    qtbot.mouseClick(dock.grid, LEFT, pos=QPoint(int(target.x()), int(target.y())))
    assert place(dock) == (4, 2)
    layer.undo()
    qtbot.waitUntil(lambda: not bool(dock.annotation.marks.dirty.any()), timeout=WAIT)


def test_labels_are_saved_with_their_numbers(dock, qtbot, done, tmp_path, monkeypatch):
    layer = dock.session.labels_layer
    paint(layer, (0, 0), slice(2, 4), slice(2, 4), Label.RV)
    qtbot.waitUntil(lambda: bool(dock.annotation.marks.dirty.any()), timeout=WAIT)
    target = tmp_path / "mine.nii.gz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(target), ""))
    qtbot.mouseClick(dock.save, LEFT)
    done(dock)
    names = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("mine"))
    assert names == ["mine.csv", "mine.json", "mine.nii.gz"]
    assert "Saved mine.nii.gz" in dock.state.text()
    qtbot.waitUntil(lambda: not bool(dock.annotation.marks.dirty.any()), timeout=WAIT)


def test_the_layer_may_go_while_an_edit_runs(dock, qtbot, done):
    dock.scope.setCurrentIndex(2)
    qtbot.mouseClick(dock.edits["smooth"], LEFT)
    dock.viewer.layers.remove(dock.session.labels_layer)
    done(dock)
    assert not dock.tools.isVisible()
    keys = {key.key: partial(shortcuts.press, action=key.action) for key in KEYS}
    keys["G"](dock.viewer)
    keys["Shift-J"](dock.viewer)
    assert "Add a labels layer" in dock.annotation.message
    assert workbench_of(dock.viewer).session.labels_layer is None
