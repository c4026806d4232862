"""Corrections reach the ejection fraction: ED and ES stay until the user agrees to move them."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from qtpy.QtCore import Qt

from napari_cmr.scan import Code, Label
from napari_cmr.viewer.docks.function import FunctionDock

ES = 3
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dock(open_viewer, settle):
    viewer = open_viewer(make_scan(), show=True)
    dock = FunctionDock(viewer)
    viewer.window.add_dock_widget(dock, name="Function")
    settle(viewer)
    return dock


def enlarge(layer, frame):
    """Paint a third of the muscle of a frame as LV, in all slices: less than at ED."""
    where = tuple(axis[::3] for axis in np.nonzero(layer.data[frame] == Label.MYO))
    layer.data_setitem((np.full(len(where[0]), frame), *where), int(Label.LV))


def test_es_stays_at_the_frame_that_is_corrected_and_the_ef_follows(dock, settle) -> None:
    """As it was: 18 mL more at ES moved ES to the next frame, and the EF stayed."""
    session = dock.session
    before = session.function.lv
    assert before.es_frame == ES
    enlarge(session.labels_layer, ES)
    settle(dock.viewer)
    after = session.function.lv
    assert (after.ed_frame, after.es_frame) == (before.ed_frame, ES)
    assert after.esv_ml > before.esv_ml + 1
    assert after.ef_percent < before.ef_percent - 1
    assert dock.plot.edited_frames == [ES + 1]
    assert Code.FRAME_SET_BY_HAND not in {one.code for one in session.function.warnings}


def test_a_smaller_frame_is_offered_and_taken_by_a_button(dock, settle, qtbot) -> None:
    session = dock.session
    enlarge(session.labels_layer, ES)
    settle(dock.viewer)
    line = dock.correction
    assert line.isVisible()
    smallest = int(np.nanargmin(session.function.lv.volumes_ml))
    assert smallest != ES
    assert line.text.text().startswith(f"LV: frame {smallest + 1} is smaller, ")
    qtbot.mouseClick(line.use, LEFT)
    settle(dock.viewer)
    assert session.function.lv.es_frame == smallest
    assert session.function.lv.ed_frame == 0
    assert not line.use.isVisible()
    assert line.text.text() == f"Corrected: frame {ES + 1}"


def test_an_undo_lets_es_be_found_again(dock, settle) -> None:
    session = dock.session
    layer = session.labels_layer
    before = session.function.lv.ef_percent
    enlarge(layer, ES)
    settle(dock.viewer)
    layer.undo()
    settle(dock.viewer)
    assert session.corrections.held is None
    assert session.function.lv.ef_percent == before
    assert not dock.correction.isVisible()
    assert dock.plot.edited_frames == []


def test_automatic_lets_es_go_to_the_smallest_frame(dock, settle) -> None:
    session = dock.session
    enlarge(session.labels_layer, ES)
    settle(dock.viewer)
    session.set_reading(session.reading.with_ventricle(Label.LV, es_frame=ES))
    settle(dock.viewer)
    session.set_reading(session.reading.with_ventricle(Label.LV, es_frame=None))
    settle(dock.viewer)
    assert session.function.lv.es_frame == int(np.nanargmin(session.function.lv.volumes_ml))


def test_files_are_of_the_frames_on_screen(dock, settle) -> None:
    enlarge(dock.session.labels_layer, ES)
    settle(dock.viewer)
    assert dock.workbench.keeper.snapshot().reading.lv.es_frame == ES


def test_corrected_frames_are_propagated_when_asked(dock, settle, qtbot) -> None:
    session = dock.session
    layer = session.labels_layer
    layer.data_setitem(tuple(np.array([k]) for k in (ES, 1, 2, 2)), int(Label.RV))
    settle(dock.viewer)
    line = dock.correction
    assert line.propagate.isVisible()
    others = [frame for frame in range(6) if frame != ES]
    before = layer.data.copy()
    qtbot.mouseClick(line.propagate, LEFT)
    qtbot.waitUntil(lambda: not np.array_equal(layer.data[others], before[others]), timeout=60_000)
    np.testing.assert_array_equal(layer.data[ES], before[ES])
