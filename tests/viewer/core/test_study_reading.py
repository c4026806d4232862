"""A study in the window, without one; scores are scripted, none is that of a person."""

from types import SimpleNamespace

import pytest
from helpers.reading_studies import small_study

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core import study_reading as reading
from napari_cmr.viewer.core.study_reading import ReadingPanel
from napari_cmr.workflow.reading.ratings import PanelReading


class Player(SimpleNamespace):
    def start(self):
        self.is_playing = True

    def stop(self):
        self.is_playing = False


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("made"))


@pytest.fixture
def study(made, tmp_path):
    import shutil

    shutil.copytree(made.path, tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(s=100.0)
    monkeypatch.setattr(reading, "perf_counter", lambda: now.s)
    return now


@pytest.fixture
def panel(qapp, study):
    found = ReadingPanel(lambda: found.own_player)
    found.own_player = Player(is_playing=True)
    found.open_study(study)
    return found


def test_ratings_are_given_in_the_order_of_the_reader(panel, study) -> None:
    panel.choose_reader("r1")
    panel.start()
    told = []
    panel.changed.connect(lambda: told.append(panel.item))
    for score in (1, 2, 3):
        assert panel.rate(score)
    assert panel.take_back()
    again = PanelReading(panel.folder, "r1")
    assert [one.score for one in again.ratings] == [1, 2]
    assert panel.item == again.item
    assert len(told) == 4
    assert panel.pixels().shape == panel.item.shape


def test_time_counts_while_the_image_is_seen(panel, clock) -> None:
    panel.choose_reader("r1")
    panel.start()
    clock.s += 3
    panel.toggle_pause()
    clock.s += 60
    assert not panel.rate(2), "nobody rates what is hidden"
    assert not panel.take_back()
    panel.toggle_pause()
    clock.s += 2
    panel.rate(4)
    clock.s += 1
    panel.rate(4)
    panel.leave()
    clock.s += 1000
    panel.start()
    clock.s += 7
    panel.rate(1)
    assert [one.seconds for one in panel.reading.ratings] == [5.0, 1.0, 7.0]


def test_the_cine_of_the_window_stops_and_goes_on(panel) -> None:
    panel.choose_reader("r1")
    panel.start()
    assert not panel.own_player.is_playing
    panel.start()  # again, as by a second press
    panel.leave()
    assert panel.own_player.is_playing
    panel.own_player.stop()
    panel.start()
    panel.leave()
    assert not panel.own_player.is_playing


def test_nothing_is_rated_unless_somebody_reads(panel) -> None:
    assert not panel.rate(3)
    assert not panel.take_back()
    with pytest.raises(ScanError, match="nobody reads"):
        panel.start()
    panel.choose_reader("r1")
    assert not panel.rate(3)
    panel.toggle_pause()
    assert not panel.is_paused
    assert panel.reading.n_rated == 0


def test_a_study_or_reader_that_cannot_be_used_leaves_what_was(panel, tmp_path) -> None:
    panel.choose_reader("r1")
    folder, reader = panel.folder, panel.reading
    with pytest.raises(ScanError, match="no such folder"):
        panel.open_study(tmp_path / "none")
    with pytest.raises(ScanError, match="no code of a reader"):
        panel.choose_reader("Jane")
    assert (panel.folder, panel.reading) == (folder, reader)
    empty = ReadingPanel(lambda: None)
    with pytest.raises(ScanError, match="no study is open"):
        empty.choose_reader("r1")


def test_who_has_begun_is_known(panel, study) -> None:
    panel.choose_reader("r2")
    panel.start()
    panel.rate(1)
    panel.choose_reader("r1")
    assert panel.readers == ("r1", "r2")
    panel.open_study(study)
    assert panel.readers == ("r2",)
    assert panel.reading is None
