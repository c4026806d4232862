"""Real events on the docks of a real window."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication

from napari_cmr.kspace import undersample
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.docks.acquire import AcquireDock, lines_at, turn_at
from napari_cmr.viewer.docks.function import FunctionDock
from napari_cmr.viewer.docks.scan import ScanDock
from napari_cmr.viewer.widgets.parts import Column
from napari_cmr.viewer.window.workspace import ACQUIRE, FUNCTION, SCAN, dock_of, open_workspace
from napari_cmr.viewer.workbench import workbench_of

LEFT = Qt.MouseButton.LeftButton


def add(viewer, make):
    dock = make(viewer)
    viewer.window.add_dock_widget(dock, name=make.__name__)
    return dock


def zero_filled(viewer, scan):
    return layers.find(viewer, scan, "zero_filled").data


def test_sliding_to_fewer_lines_shows_what_those_lines_give(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, AcquireDock)
    dock.lines.slider.setFocus()
    dock.lines.slider.setValue(6)
    qtbot.keyClick(dock.lines.slider, Qt.Key.Key_Left)
    session = workbench_of(viewer).session
    settle(viewer)
    assert session.acquisition.n_lines == 5
    assert dock.lines.number.value() == 5
    assert dock.acceleration.text == "9.6×"
    assert dock.saved.text == "90 %"
    wanted = np.abs(undersample(small_scan, session.acquisition).zero_filled)
    np.testing.assert_allclose(zero_filled(viewer, small_scan), wanted, atol=1e-5)
    assert session.is_whole
    shown = layers.find(viewer, small_scan, "zero_filled")
    assert shown.visible
    assert not layers.find(viewer, small_scan, "image").visible


def test_presets_and_back_to_full(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, AcquireDock)
    qtbot.mouseClick(dock.presets["1"], LEFT)
    assert workbench_of(viewer).session.n_lines == 1
    assert dock.saved.text == "98 %"
    qtbot.mouseClick(dock.presets["Full"], LEFT)
    settle(viewer)
    np.testing.assert_allclose(zero_filled(viewer, small_scan), small_scan.image, atol=1e-4)


def test_the_average_can_be_looked_at_first(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, AcquireDock)
    qtbot.mouseClick(dock.pictures["temporal_average"], LEFT)
    settle(viewer)
    average = layers.find(viewer, small_scan, "temporal_average")
    assert average.visible
    assert not layers.find(viewer, small_scan, "image").visible
    np.testing.assert_allclose(average.data, small_scan.image.mean(axis=0), atol=1e-4)


def test_a_click_toggles_one_line_and_a_drag_paints(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan, show=True)
    dock = add(viewer, AcquireDock)
    session = workbench_of(viewer).session
    session.set_acquisition(n_lines=4)
    qtbot.waitUntil(dock.picture.isVisible, timeout=10_000)
    drawn = session.mask.array.copy()
    frame, line = np.argwhere(~drawn)[20]
    place = dock.picture.centre_of(frame, line)
    qtbot.mouseClick(dock.picture, LEFT, pos=QPoint(int(place.x()), int(place.y())))
    assert list(map(tuple, np.argwhere(session.mask.array != drawn))) == [(frame, line)]
    settle(viewer)
    wanted = np.abs(undersample(small_scan, session.acquisition).zero_filled)
    np.testing.assert_allclose(zero_filled(viewer, small_scan), wanted, atol=1e-5)

    clicked = session.mask.array.copy()
    free = int(np.flatnonzero(~clicked[1])[0])
    start, end = dock.picture.centre_of(1, free), dock.picture.centre_of(5, free)
    qtbot.mousePress(dock.picture, LEFT, pos=QPoint(int(start.x()), int(start.y())))
    qtbot.mouseRelease(dock.picture, LEFT, pos=QPoint(int(end.x()), int(end.y())))
    assert session.mask.array[1:6, free].all()
    qtbot.mouseClick(dock.undo, LEFT)
    np.testing.assert_array_equal(session.mask.array, clicked)
    qtbot.mouseClick(dock.clear, LEFT)
    np.testing.assert_array_equal(session.mask.array, drawn)


def test_more_folds_out_and_changes_the_acquisition(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, AcquireDock)
    session = workbench_of(viewer).session
    session.set_acquisition(n_lines=6)
    assert not dock.fold.isExpanded()
    dock.fold.toggleButton().click()
    assert dock.fold.isExpanded()
    fields = {name: widget.native for name, widget in dock.form.widgets.items()}
    fields["pattern"].setCurrentIndex(fields["pattern"].findText("Uniform, sheared"))
    fields["centre_lines"].setValue(2)
    fields["noise"].setValue(1.5)
    fields["phase"].setChecked(False)
    fields["coils"].setValue(5)
    before = session.mask.array
    dock.reroll.click()
    acquisition = session.acquisition
    assert (acquisition.pattern, acquisition.centre_lines) == ("uniform", 2)
    assert acquisition.noise == pytest.approx(0.015)
    assert (acquisition.phase, acquisition.seed, acquisition.coils) == (False, 1, 5)
    assert session.measured[0].encoding.n_coils == 5
    assert (session.mask.array != before).any()


def test_labels_that_are_edited_undone_and_redone_change_the_numbers(
    open_viewer, small_scan, qtbot, settle
):
    viewer = open_viewer(small_scan)
    dock = add(viewer, FunctionDock)
    session = workbench_of(viewer).session
    settle(viewer)
    before = session.function
    assert before.lv.ef_percent > 0
    assert dock.ef[Label.LV].text == f"{before.lv.ef_percent:.0f} %"
    layer = session.labels_layer
    inside = np.argwhere(small_scan.labels[before.lv.es_frame, 0] == Label.LV)[:40]
    cells = (
        np.full(40, before.lv.es_frame), np.zeros(40, dtype=int), inside[:, 0], inside[:, 1],
    )  # fmt: skip
    layers.go_to(viewer, small_scan, frame=before.lv.es_frame, z=0)
    settle(viewer)
    layer.data_setitem(cells, 0)
    settle(viewer)
    edited = session.function
    assert edited.lv.esv_ml < before.lv.esv_ml
    layers.go_to(viewer, small_scan, frame=0, z=2)  # an undo may happen far from what is shown
    layer.undo()
    settle(viewer)
    assert session.function.lv.esv_ml == before.lv.esv_ml
    layer.redo()
    settle(viewer)
    assert session.function.lv.esv_ml == edited.lv.esv_ml
    frames, volumes = dock.plot.points_of(Label.LV)
    np.testing.assert_allclose(volumes, session.function.lv.volumes_ml)
    assert frames[0] == 1


def test_a_step_of_a_slider_measures_nothing(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    session = workbench_of(viewer).session
    settle(viewer)
    heard = []
    session.function_changed.connect(lambda: heard.append(1))
    layers.go_to(viewer, small_scan, frame=3)
    settle(viewer)
    assert not heard


def test_a_scan_without_labels_says_what_to_do_and_can_be_drawn_in(open_viewer, qtbot, settle):
    scan = make_scan(labels=False)
    viewer = open_viewer(scan)
    dock = add(viewer, FunctionDock)
    session = workbench_of(viewer).session
    settle(viewer)
    assert session.function is None
    assert "no labels yet" in dock.empty.text()
    qtbot.mouseClick(dock.draw, LEFT)
    layer = session.labels_layer
    qtbot.waitUntil(lambda: layer.mode == "paint")
    assert viewer.layers.selection.active is layer
    settle(viewer)
    assert "Nothing is labelled yet" in dock.empty.text()
    layer.selected_label = int(Label.LV)
    layer.paint((0, 1, 24, 20), int(Label.LV))
    settle(viewer)
    assert session.function is not None
    assert np.nanmax(session.function.lv.volumes_ml) > 0


def test_the_table_is_copied_for_a_spreadsheet(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, FunctionDock)
    settle(viewer)
    dock.copy.click()
    rows = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert rows[0][:3] == ["measurement", "LV", "RV"]
    function = workbench_of(viewer).session.function
    edv = ["EDV (mL)", f"{function.lv.edv_ml:.1f}", f"{function.rv.edv_ml:.1f}"]
    assert edv in [row[:3] for row in rows]
    assert ["Research use only"] in rows


def test_removing_the_labels_or_the_image_empties_the_docks(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    docks = [add(viewer, make) for make in (ScanDock, AcquireDock, FunctionDock)]
    session = workbench_of(viewer).session
    settle(viewer)
    viewer.layers.remove(session.labels_layer)
    assert session.labels_layer is None
    assert session.function is None
    session.set_acquisition(n_lines=3)
    viewer.layers.remove(layers.find(viewer, small_scan, "image"))
    settle(viewer)
    assert session.scan is None
    assert docks[0].loaded.isHidden()
    assert docks[1].controls.isHidden()
    assert "Open a scan" in docks[2].empty.text()


def test_removing_the_zero_filled_layer_makes_it_anew(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    session = workbench_of(viewer).session
    session.set_acquisition(n_lines=3)
    settle(viewer)
    viewer.layers.remove(layers.find(viewer, small_scan, "zero_filled"))
    session.set_acquisition(n_lines=4)
    settle(viewer)
    wanted = np.abs(undersample(small_scan, session.acquisition).zero_filled)
    np.testing.assert_allclose(zero_filled(viewer, small_scan), wanted, atol=1e-5)


def test_two_viewers_do_not_know_each_other(open_viewer, settle):
    scans = make_scan("one"), make_scan("two", n_frames=4)
    viewers = [open_viewer(scan) for scan in scans]
    docks = [add(viewer, AcquireDock) for viewer in viewers]
    docks[0].presets["4"].click()
    for viewer in viewers:
        settle(viewer)
    assert workbench_of(viewers[0]).session.n_lines == 4
    assert workbench_of(viewers[1]).session.mask.is_full
    assert layers.find(viewers[1], scans[1], "zero_filled") is None
    assert docks[1].acceleration.text == "1.0×"


def test_another_scan_takes_the_place_of_the_first(open_viewer, small_scan, settle):
    viewer = open_viewer(small_scan)
    add(viewer, AcquireDock)
    session = workbench_of(viewer).session
    session.set_acquisition(n_lines=3)
    other = make_scan("other", n_frames=9, shape=(60, 52))
    layers.show_scan(viewer, other)
    settle(viewer)
    assert session.scan is other
    assert session.mask.array.shape == (9, 60)
    assert {layers.scan_of(layer) for layer in viewer.layers} == {other}
    assert session.function is not None


def test_a_dock_that_is_closed_lets_go_of_the_session(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, AcquireDock)
    session = workbench_of(viewer).session
    destroyed = []
    dock.destroyed.connect(lambda: destroyed.append(1))
    viewer.window.remove_dock_widget(dock)
    dock.deleteLater()
    qtbot.waitUntil(lambda: bool(destroyed))
    session.set_acquisition(n_lines=3)  # would raise if a dead widget were told
    settle(viewer)
    assert session.is_whole


def test_the_workspace_opens_each_dock_once(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan, show=True)
    first = open_workspace(viewer)
    again = open_workspace(viewer)
    assert {SCAN, ACQUIRE, FUNCTION} <= set(first)
    assert first == again
    viewer.window.resize(1400, 900)
    qtbot.wait(100)
    for name in (SCAN, ACQUIRE):
        column = dock_of(viewer, name).findChild(Column)
        assert column.horizontalScrollBar().maximum() == 0
        assert column.widget().minimumSizeHint().width() <= column.viewport().width()
    settle(viewer)


def test_closing_while_it_computes_ends_quietly(open_viewer, qtbot, capfd):
    viewer = open_viewer(make_scan(n_frames=20, n_slices=8, shape=(160, 160)), show=True)
    open_workspace(viewer)
    workbench_of(viewer).session.set_acquisition(n_lines=8)
    viewer.close()
    qtbot.wait(300)
    assert "Traceback" not in capfd.readouterr().err


def test_the_dial_turns_the_acceleration(open_viewer, small_scan, qtbot, settle):
    viewer = open_viewer(small_scan)
    dock = add(viewer, AcquireDock)
    session = workbench_of(viewer).session
    dock.dial.setValue(dock.dial.maximum())
    assert session.n_lines == 1
    dock.dial.setValue(0)
    assert session.acquisition.n_lines is None
    session.set_acquisition(n_lines=7)
    shown = lines_at(dock.dial.value() / dock.dial.maximum(), small_scan.n_phase_encodes)
    assert shown == 7
    seen = [lines_at(turn, 256) for turn in np.linspace(0, 1, 201)]
    assert seen == sorted(seen, reverse=True)
    assert all(lines_at(turn_at(lines, 256), 256) == lines for lines in range(1, 257))
