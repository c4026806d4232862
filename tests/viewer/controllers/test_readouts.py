"""Numbers are never left waiting for a measurement that was replaced."""

from threading import Event, Thread

import numpy as np
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.scan import Label
from napari_cmr.viewer.controllers.readouts import _undersample_all, live_of
from napari_cmr.viewer.core.session import session_for


def test_a_measurement_that_is_replaced_is_made_up_for(open_viewer, settle, qtbot):
    viewer = open_viewer()
    session, live = session_for(viewer), live_of(viewer)
    replaced = []

    def replace_once():
        if session.measuring and live.measuring.is_running and not replaced:
            replaced.append(True)
            live._measure()  # as a step of a slider does, before the first one has its numbers

    session.function_changed.connect(replace_once)
    from napari_cmr.viewer import layers

    layers.show_scan(viewer, make_scan())
    qtbot.waitUntil(lambda: bool(replaced), timeout=30_000)
    settle(viewer)
    assert not session.measuring
    assert session.function is not None


def test_reference_stays_when_labels_are_edited(open_viewer, settle):
    viewer = open_viewer(make_scan())
    session = session_for(viewer)
    settle(viewer)
    before = session.reference.lv.edv_ml
    layer = session.labels_layer
    rows = np.arange(4)
    layer.data_setitem((np.zeros(4, int), np.zeros(4, int), rows, rows), int(Label.LV))
    settle(viewer)
    assert session.function.lv.edv_ml > before
    assert session.reference.lv.edv_ml == before


def test_a_scan_opens_on_its_heart(open_viewer, settle):
    whole = open_viewer(make_scan(shape=(160, 140), labels=False))
    near = open_viewer(make_scan(shape=(160, 140)))
    assert near.scene.camera.zoom > whole.scene.camera.zoom


def test_the_rest_of_a_stack_waits_for_what_is_on_screen(small_scan):
    acquisition, go_on, came = Acquisition(n_lines=6), Event(), []
    mask = line_mask(acquisition, small_scan.n_frames, small_scan.n_phase_encodes)
    pictures = _undersample_all(small_scan, acquisition, mask, lambda: 1, go_on)
    came.append(next(pictures).slices)
    assert came == [(1,)]
    rest = Thread(target=lambda: came.extend(one.slices for one in pictures))
    rest.start()
    rest.join(0.1)
    assert rest.is_alive()
    assert len(came) == 1
    go_on.set()
    rest.join(30)
    assert sorted(came) == [(0,), (1,), (2,)]


def test_a_measurement_waits_while_labels_are_on_their_way(open_viewer, small_scan, settle, qtbot):
    viewer = open_viewer(small_scan)
    settle(viewer)
    live, session = live_of(viewer), session_for(viewer)
    before = session.function
    session.labels_layer.data[:, 0] = 0
    live.labels_written()
    live._look_again.stop()
    live._measure()  # under way
    live.hold_rest()
    assert session.measuring
    assert not live.measuring.is_running
    qtbot.waitUntil(lambda: not session.measuring, timeout=30_000)  # but not for ever
    assert session.function.lv.edv_ml < before.lv.edv_ml
    live.go_on()


def test_a_long_axis_shows_why_it_has_no_volumes(open_viewer, settle):
    viewer = open_viewer(make_scan(view="4CH"))
    session = session_for(viewer)
    settle(viewer)
    assert session.function is not None
    assert session.function.lv.ef_percent is None
    assert session.reference.lv.ef_percent is None
    assert "4-chamber" in str(session.function.warnings[0])
