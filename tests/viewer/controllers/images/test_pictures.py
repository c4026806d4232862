"""The picture of a scan comes first where the user looks."""

from threading import Event, Thread

from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.viewer.controllers.images import pictures as controller


def test_a_scan_opens_on_its_heart(open_viewer, settle):
    whole = open_viewer(make_scan(shape=(160, 140), labels=False))
    near = open_viewer(make_scan(shape=(160, 140)))
    assert near.scene.camera.zoom > whole.scene.camera.zoom


def test_the_rest_of_a_stack_waits_for_what_is_on_screen(small_scan, monkeypatch):
    monkeypatch.setattr(controller, "HOLD_S", 60.0)  # longer than this may take anywhere
    go_on, came = Event(), []
    measured = undersample(small_scan, Acquisition(n_lines=6))
    pictures = controller._undersample_all(measured, lambda: 1, go_on)
    came.append(next(pictures).z)
    assert came == [1]
    rest = Thread(target=lambda: came.extend(one.z for one in pictures))
    rest.start()
    rest.join(0.1)
    assert rest.is_alive()
    assert len(came) == 1
    go_on.set()
    rest.join(30)
    assert sorted(came) == [0, 1, 2]
