import itertools
import json
from types import SimpleNamespace

import pytest

from napari_cmr.scan import ScanError
from napari_cmr.training import pace
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.loop import train
from napari_cmr.training.register import find

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


@pytest.fixture
def run(cines, tmp_path):
    """Trains the localiser of tests for up to 40 steps, in so many minutes; the steps taken."""

    def trained(minutes: float) -> int:
        train(
            find("localiser"),
            "live",
            find("localiser").tiny.with_(steps=40),
            CineData(cines[:2], cines[2:]),
            tmp_path,
            device="cpu",
            precision="32-true",
            progress_bar=False,
            minutes=minutes,
        )
        return json.loads((tmp_path / "training.json").read_text())["steps"]

    return trained


def as_if_a_step_took(seconds: float, monkeypatch) -> None:
    monkeypatch.setattr(pace, "_seconds_a_step", lambda *_, **__: seconds)


def test_all_steps_are_taken_where_there_is_time(run) -> None:
    assert run(60) == 40


def test_as_many_as_fit_are_taken_and_the_schedule_is_theirs(run, tmp_path, monkeypatch) -> None:
    as_if_a_step_took(2.0, monkeypatch)
    steps = run(0.5)
    assert steps == 12  # of 25.5 s, less what timing took
    assert json.loads((tmp_path / "training.json").read_text())["recipe"]["steps"] == steps


def test_a_resumed_run_keeps_its_steps(run, monkeypatch) -> None:
    as_if_a_step_took(2.0, monkeypatch)
    first = run(0.5)
    as_if_a_step_took(0.1, monkeypatch)
    assert run(0.5) == first


def test_steps_that_are_too_slow_to_time_are_told_of_in_time(run, monkeypatch) -> None:
    looks = itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: 20.0 * next(looks))
    monkeypatch.setattr(pace, "time", clock)
    with pytest.raises(ScanError, match=r"a step takes 20\.0 s, too long for 2 minutes"):
        run(2)
    assert next(looks) == 9  # twice around the timing, and after six steps that took 120 s


def test_too_little_time_is_an_error(run, monkeypatch) -> None:
    as_if_a_step_took(30.0, monkeypatch)
    with pytest.raises(ScanError, match=r"a step takes 30\.0 s, too long for 2 minutes"):
        run(2)


def test_a_damaged_file_of_the_pace_is_named(run, tmp_path) -> None:
    (tmp_path / "pace.json").write_text("{")
    with pytest.raises(ScanError, match="damaged"):
        run(60)
