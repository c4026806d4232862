"""A cine is played at the heart's rate, skips what is late, and stops with its scan."""

from time import perf_counter

import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.playback import ASSUMED_CYCLE_MS, Player, cycle_ms_for
from napari_cmr.viewer.core.session import Session


@pytest.fixture
def player(qapp, small_scan):
    viewer, session = ViewerModel(), Session()
    layers.show_scan(viewer, small_scan)
    layers.go_to(viewer, small_scan, frame=0)
    session.set_scan(small_scan)
    player = Player(viewer, session)
    player.viewer = viewer  # it holds it weakly
    yield player
    player.stop()


def test_a_cycle_is_the_hearts_or_assumed(small_scan) -> None:
    assert cycle_ms_for(small_scan) == pytest.approx(900)
    assert cycle_ms_for(small_scan.with_(cycle_ms=None)) == ASSUMED_CYCLE_MS


def test_it_plays_and_pauses_and_says_so(player) -> None:
    told = []
    player.playing_changed.connect(told.append)
    assert player.rate == 0
    player.toggle()
    assert player.is_playing
    assert player.rate == pytest.approx(6 / 0.9)
    player.set_speed(0.5)
    assert player.rate == pytest.approx(3 / 0.9)
    player.toggle()
    player.stop()
    assert told == [True, False]


def test_frames_step_round_the_cycle(player, qtbot, small_scan) -> None:
    layers.go_to(player.viewer, small_scan, frame=5)
    player.start()
    qtbot.waitUntil(lambda: layers.frame_on_screen(player.viewer, small_scan) < 5, timeout=30_000)


def test_frames_are_skipped_when_it_falls_behind(player, small_scan) -> None:
    player.set_speed(0.01)  # 15 s a frame: the test itself may be slow
    step_s = 15.0
    player._due = perf_counter() - 2.5 * step_s
    player._advance()
    assert layers.frame_on_screen(player.viewer, small_scan) == 3


def test_a_still_scan_is_not_played_and_another_scan_stops_it(player, small_scan) -> None:
    player.start()
    still = make_scan(n_frames=1)
    player._session.set_scan(still)
    assert not player.is_playing
    player.start()
    assert not player.is_playing
