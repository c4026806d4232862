"""What may still be begun, by a clock that the test turns."""

import pytest

from napari_cmr.scan import ScanError
from napari_cmr.training import time_limit
from napari_cmr.training.time_limit import TimeLimit


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time_limit, "time", clock)
    return clock


def test_without_a_limit_all_is_prepared(clock) -> None:
    limit = TimeLimit()
    for _ in limit.each(range(3)):
        clock.now += 1e9
    assert limit.left is None
    assert limit.allows(1e9)


def test_time_passes_and_is_over(clock) -> None:
    limit = TimeLimit(2)
    clock.now += 90
    assert limit.left == 0.5
    assert limit.allows(29)
    assert not limit.allows(31)
    clock.now += 60
    assert limit.left == -0.5
    assert not limit.allows()


def test_what_would_end_too_late_is_not_begun(clock) -> None:
    jobs = TimeLimit(1).each(range(9), what="cines")
    for seconds in (18, 10, 20):
        next(jobs)
        clock.now += seconds
    # the fourth might take 20 s, of which 12 are left
    with pytest.raises(ScanError, match="preparing cines took all of 1 minutes: 3 of 9 are ready"):
        next(jobs)


def test_who_keeps_what_is_ready_is_told_to_go_on(clock) -> None:
    over = TimeLimit(3).is_over("1 of 2", kept=True)
    assert over.remedy == "start again, as those are kept, or give more minutes or workers"
    assert TimeLimit(3).is_over("1 of 2").remedy == "give more minutes"
