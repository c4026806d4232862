"""Numbers are never left waiting for a measurement that was replaced."""

import zlib
from threading import Event
from types import SimpleNamespace

import numpy as np
from helpers.small_scans import make_scan

from napari_cmr.scan import Label
from napari_cmr.viewer.controllers.measures import function as controller
from napari_cmr.viewer.workbench import workbench_of


def test_a_measurement_that_is_replaced_is_made_up_for(open_viewer, settle, qtbot):
    viewer = open_viewer()
    session, live = workbench_of(viewer).session, workbench_of(viewer).function
    replaced = []

    def replace_once():
        if session.measuring and live.job.is_running and not replaced:
            replaced.append(True)
            live._measure()  # as a step of a slider does, before the first one has its numbers

    session.function_changed.connect(replace_once)
    from napari_cmr.viewer import layers

    layers.show_scan(viewer, make_scan())
    qtbot.waitUntil(lambda: bool(replaced), timeout=30_000)
    settle(viewer)
    assert not session.measuring
    assert session.function is not None


def test_an_edit_that_is_undone_before_it_was_looked_at_is_made_up_for(
    open_viewer, settle, qtbot, monkeypatch
):
    """As it was: on a busy machine the numbers stayed grey until the next stroke."""
    viewer = open_viewer(make_scan())
    session, live = workbench_of(viewer).session, workbench_of(viewer).function
    settle(viewer)
    before, layer = session.function, session.labels_layer
    looked, may_go_on = Event(), Event()

    def late(data):
        found = zlib.crc32(data)
        looked.set()
        assert may_go_on.wait(60)
        return found

    monkeypatch.setattr(controller, "zlib", SimpleNamespace(crc32=late))
    layer.data_setitem(np.nonzero(layer.data == Label.LV), int(Label.MYO))
    live._after_edit.flush()
    assert looked.wait(60)
    layer.undo()
    live._after_step.flush()
    may_go_on.set()
    settle(viewer)
    assert not session.measuring
    assert session.function.lv.ef_percent == before.lv.ef_percent


def test_reference_stays_when_labels_are_edited(open_viewer, settle):
    viewer = open_viewer(make_scan())
    session = workbench_of(viewer).session
    settle(viewer)
    before = session.reference.lv.edv_ml
    layer = session.labels_layer
    rows = np.arange(4)
    layer.data_setitem((np.zeros(4, int), np.zeros(4, int), rows, rows), int(Label.LV))
    settle(viewer)
    assert session.function.lv.edv_ml > before
    assert session.reference.lv.edv_ml == before


def test_a_measurement_waits_while_labels_are_on_their_way(open_viewer, small_scan, settle, qtbot):
    viewer = open_viewer(small_scan)
    settle(viewer)
    session, live = workbench_of(viewer).session, workbench_of(viewer).function
    before = session.function
    session.labels_layer.data[:, 0] = 0
    live.labels_written()
    live._measure()  # under way
    live.hold()
    assert session.measuring
    assert not live.job.is_running
    qtbot.waitUntil(lambda: not session.measuring, timeout=30_000)  # but not for ever
    assert session.function.lv.edv_ml < before.lv.edv_ml


def test_a_long_axis_shows_why_it_has_no_volumes(open_viewer, settle):
    viewer = open_viewer(make_scan(view="4CH"))
    session = workbench_of(viewer).session
    settle(viewer)
    assert session.function is not None
    assert session.function.lv.ef_percent is None
    assert session.reference.lv.ef_percent is None
    assert "4-chamber" in str(session.function.warnings[0])
