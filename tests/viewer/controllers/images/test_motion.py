"""Arrows of motion belong to the image that is on screen, and are found again with every other."""

import numpy as np
import pytest
from helpers.beating_discs import disc_scan

from napari_cmr.kspace import Acquisition
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images import motion as controller
from napari_cmr.viewer.controllers.images.motion import LiveMotion, WantedMotion, find_motion
from napari_cmr.viewer.core.reconstructions import ALL_LINES
from napari_cmr.viewer.core.slice_images import ImageSource, SliceImage

WAIT = 60_000
Z = 1


@pytest.fixture
def live(bare):
    viewer, session = bare(disc_scan())
    live = LiveMotion(viewer, session)
    live.viewer = viewer
    yield live
    live.job.cancel()


def settled(live, qtbot):
    qtbot.wait(5)
    qtbot.waitUntil(lambda: not live.job.is_running, timeout=WAIT)
    qtbot.wait(5)


def source(n_lines, method="average"):
    return ImageSource(method, {}, Acquisition(n_lines=n_lines))


def take(live, made_from, scale=1.0, stands_for=None):
    """Have a method give an image of the slice on screen, and look at it."""
    scan = live.session.scan
    image = np.abs(scan.image[:, Z]) * np.float32(scale)
    live.images.take(SliceImage(Z, made_from, image, None, 0.1), scan.n_slices, stands_for)
    name = stands_for or made_from.method
    layers.show_reconstructed(live.viewer, scan, live.images.runs[name].image, name)
    live.session.set_picture("reconstructed")


def arrows(live):
    found = [one for one in live.viewer.layers if layers.role_of(one) == "motion"]
    return found[0].data if found else np.zeros((0, 2, 4))


def notice(live):
    return live.viewer.canvas.overlays.text.text


def test_the_full_scan_has_arrows_inwards_and_none_once_they_are_not_wanted(live, qtbot):
    live.images.look(overlay="motion")
    settled(live, qtbot)
    found = arrows(live)
    assert set(found[:, 0, 1]) == {Z}
    away = found[:, 0, 2:] - (22, 19)
    assert (found[:, 1, 2:] * away).sum(axis=1).max() < 0
    assert not found[:, 1, :2].any(), "within a frame and a slice"
    assert "Arrows: displacement since frame 1" in notice(live)
    assert list(live.shown()) == [ALL_LINES]
    live.images.look(overlay="none")
    settled(live, qtbot)
    assert len(arrows(live)) == 0
    assert "Arrows" not in notice(live)


def test_nothing_is_found_before_it_is_wanted(live, qtbot):
    take(live, source(8))
    settled(live, qtbot)
    assert live.images.motions == {}
    assert len(arrows(live)) == 0


def test_motion_is_of_the_image_on_screen_and_found_again_in_another(live, qtbot):
    live.images.look(overlay="motion")
    take(live, source(8))
    settled(live, qtbot)
    first = live.images.motion("average", Z)
    assert first.source == source(8)
    assert first.error_mm == pytest.approx(0, abs=1e-3)
    still = np.repeat(live.images.runs["average"].image[:1, Z], 12, axis=0)
    live.images.take(SliceImage(Z, source(4), still, None, 0.1), 2)
    assert live.images.motion("average", Z) is None, "that of 8 lines is not of this image"
    settled(live, qtbot)
    second = live.images.motion("average", Z)
    assert second.source == source(4)
    full = live.images.motion(ALL_LINES, Z).motion.distance[1:]
    assert second.error_mm == pytest.approx(full.mean(), abs=0.1), "nothing moves in it"
    assert len(arrows(live)) == 0


def test_an_image_that_stands_for_another_has_no_motion(live, qtbot):
    live.images.look(overlay="motion")
    take(live, source(8, "view-sharing"), stands_for="average")
    settled(live, qtbot)
    assert list(live.images.motions) == [(ALL_LINES, Z)]
    assert len(arrows(live)) == 0


def test_another_slice_is_followed_when_it_comes(live, qtbot):
    live.images.look(overlay="motion")
    settled(live, qtbot)
    layers.go_to(live.viewer, live.session.scan, z=0)
    settled(live, qtbot)
    assert set(arrows(live)[:, 0, 1]) == {0}


def test_what_fails_is_said_once_and_not_tried_again_at_once(live, qtbot, monkeypatch):
    tried, said = [], []

    def fail(*_what, **_how):
        tried.append(1)
        raise MemoryError

    monkeypatch.setattr(controller, "track", fail)
    live.job.failed.connect(said.append)
    live.images.look(overlay="motion")
    settled(live, qtbot)
    live.update()
    settled(live, qtbot)
    assert len(tried) == len(said) == 1
    assert "memory" in said[0]


def test_work_that_nobody_waits_for_ends(monkeypatch):
    monkeypatch.setattr(controller, "is_unwanted", lambda: True)
    told = []
    assert list(find_motion(WantedMotion(disc_scan(), Z, 0, {}, None), told.append)) == []
    assert told == []


def test_progress_goes_over_all_images():
    scan, told = disc_scan(), []
    images = {"average": (source(8), np.abs(scan.image[:, Z]))}
    found = [one.method for one in find_motion(WantedMotion(scan, Z, 0, images, None), told.append)]
    assert found == [ALL_LINES, "average"]
    assert told == sorted(told)
    assert 0.5 in told
