"""Numbers are never left waiting for a measurement that was replaced."""

import numpy as np
from small_scans import make_scan

from napari_cmr.scan import Label
from napari_cmr.viewer.live import live_of
from napari_cmr.viewer.session import session_for


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
