"""Images of methods follow the lines, tell how they fare, and are old where others are chosen."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from napari_cmr.kspace import undersample
from napari_cmr.solvers import Solver, solvers
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images.reconstruction import LiveReconstruction
from napari_cmr.viewer.controllers.images.reconstruction_jobs import Progress
from napari_cmr.workflow.reconstruct.solving import reconstruct

WAIT = 60_000
FEW = 8


@pytest.fixture
def live(bare, small_scan, monkeypatch):
    def fail(_one, _settings, _watch):
        raise RuntimeError("on purpose")

    monkeypatch.setitem(solvers(), "bad", Solver("bad", "Bad", "", fail))
    viewer, session = bare(small_scan)
    session.set_acquisition(n_lines=FEW)
    tiles, calls = [], []
    live = LiveReconstruction(
        viewer,
        session,
        show_tiles=tiles.append,
        hold_rest=lambda: calls.append("hold"),
        go_on=lambda: calls.append("go on"),
    )
    live.set_methods(("view-sharing",))
    live.viewer, live.tiles, live.calls = viewer, tiles, calls
    yield live
    live.cancel()
    live._mark_soon.cancel()  # or it comes when a test's own methods are gone


def done(live, qtbot):
    qtbot.waitUntil(lambda: not live.job.is_running, timeout=WAIT)


def image(live, n_lines):
    acquisition = live.session.acquisition
    assert acquisition.n_lines == n_lines
    return np.abs(reconstruct(undersample(live.session.scan, acquisition), "view-sharing").image)


def test_a_run_makes_every_slice_judges_it_and_shows_it(live, qtbot, small_scan):
    live.run()
    done(live, qtbot)
    assert live.session.picture == "reconstructed"
    shown = layers.find(live.viewer, small_scan, "reconstructed")
    assert shown.visible
    np.testing.assert_allclose(shown.data, image(live, FEW), atol=1e-5)
    assert live.progress.done == live.progress.all == small_scan.n_slices
    assert all(live.is_judged("view-sharing", z) for z in range(small_scan.n_slices))
    assert live.calls[0] == "hold"
    assert live.calls[-1] == "go on"


def test_view_sharing_stands_for_what_is_slow_until_it_is_there(live, qtbot, monkeypatch):
    go, begun = Event(), []

    def wait(one, _settings, _watch):  # cannot be stopped
        begun.append(one.z)
        go.wait()
        return one.zero_filled()

    slow = Solver("slow", "Slow", "", wait, weights={"slow": "0"})
    monkeypatch.setitem(solvers(), "slow", slow)
    monkeypatch.setitem(live.known, "slow", slow)
    live.set_methods(("slow",))
    live.set_follows(True)
    for n_lines in (12, 16):  # as a slider that is dragged
        live.session.set_acquisition(n_lines=n_lines)
        record = ("slow", live.slice_on_screen)
        qtbot.waitUntil(
            lambda record=record, n_lines=n_lines: (
                (found := live.images.record(*record)) is not None
                and found.source.acquisition.n_lines == n_lines
            ),
            timeout=WAIT,
        )
        shown = layers.find(live.viewer, live.session.scan, "reconstructed")
        quick = image(live, n_lines)[:, live.slice_on_screen]
        np.testing.assert_allclose(shown.data[:, live.slice_on_screen], quick, atol=1e-5)
        text = live.viewer.canvas.overlays.text.text
        assert "Reconstructed by view-sharing, not by slow yet" in text
        assert "⚠" not in text
        assert not live.images.runs["slow"].slices[live.slice_on_screen].quality
        assert live.calls[-1] == "hold"  # what is on screen is not there yet
        qtbot.waitUntil(lambda: len(begun) == 1, timeout=WAIT)  # one at a time
    go.set()
    done(live, qtbot)
    assert "Reconstructed by slow" in live.viewer.canvas.overlays.text.text
    assert not any(live.old_text("slow", z) for z in range(live.session.scan.n_slices))


def test_a_network_is_loaded_before_its_first_slice():
    progress = Progress(3, loads="net")
    assert str(progress) == "loading net"
    progress.tell(0.5)
    assert str(progress).startswith("slice 1 of 3")


def test_images_follow_the_lines_only_when_asked_to(live, qtbot):
    live.run()
    done(live, qtbot)
    live.session.set_acquisition(n_lines=12)
    assert not live.job.is_running
    assert f"{FEW} of 48 lines" in live.old_text("view-sharing", 1)
    assert not live.is_judged("view-sharing", 1)
    live.set_follows(True)
    done(live, qtbot)
    assert live.old_text("view-sharing", 1) == ""
    live.session.set_acquisition(n_lines=16)
    done(live, qtbot)
    np.testing.assert_allclose(live.images.runs["view-sharing"].image, image(live, 16), atol=1e-5)


def test_what_is_there_is_not_made_again(live, qtbot):
    live.run()
    done(live, qtbot)
    live.run()
    assert live.progress.all == 0
    assert not live.job.is_running


def test_an_image_whose_judgement_was_cut_off_is_judged_by_the_next_run(live, qtbot):
    live.run()
    done(live, qtbot)
    slices = live.images.runs["view-sharing"].slices
    slices[0] = replace(slices[0], judged=None, quality=None)
    live.run()
    done(live, qtbot)
    assert live.progress.all == 1
    assert live.is_judged("view-sharing", 0)


def test_a_method_that_fails_is_said_and_the_others_go_on(live, qtbot):
    live.set_methods(("bad", "view-sharing"))
    live.run()
    done(live, qtbot)
    assert list(live.errors) == ["bad"]
    assert "on purpose" in live.errors["bad"]
    assert list(live.images.runs) == ["view-sharing"]
    live.set_methods(("view-sharing",))
    live.run()
    assert live.errors == {}


def test_two_methods_stand_beside_the_full_scan(live, qtbot):
    live.set_methods(("view-sharing", "average"))
    live.images.look(side_by_side=True)
    live.run()
    done(live, qtbot)
    assert [tile.method for tile in live.tiles[-1]] == [layers.FULL, "view-sharing", "average"]
    live.session.set_picture("image")
    assert live.tiles[-1] == ()


def test_the_first_look_at_the_picture_has_it_made_from_now_on(live, qtbot):
    live.ensure()
    assert live.follows
    done(live, qtbot)
    live.set_follows(False)
    live.ensure()
    assert not live.follows
    assert live.old_text("view-sharing", live.slice_on_screen) == ""


def test_another_scan_follows_nothing(live, qtbot, small_scan):
    live.set_follows(True)
    done(live, qtbot)
    live.session.set_scan(small_scan.with_(name="other"))
    assert not live.follows
    assert not live.images.runs
