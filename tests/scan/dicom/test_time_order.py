"""Images of one slice in the order of time: repeats, copies, beats, and what cannot be told."""

import numpy as np
import pytest
from helpers.dicom_planes import cine, plane

from napari_cmr.scan.dicom import time_order
from napari_cmr.scan.dicom.time_order import OrderedSlice, ordered_in_time


@pytest.fixture(autouse=True)
def pixels(monkeypatch):
    """Whether any two images have equal pixels."""
    answer = {"equal": False}
    monkeypatch.setattr(time_order, "have_equal_pixels", lambda *_: answer["equal"])
    return answer


def numbers(found: OrderedSlice) -> list[int]:
    return [one.instance for one in found.planes]


def test_trigger_times_order_images_whatever_their_numbers() -> None:
    found = ordered_in_time(cine([60.0, 0.0, 30.0], cycle_ms=90.0))
    assert numbers(found) == [2, 3, 1]
    assert found.times.tolist() == [0, 30, 60]
    assert found.step == 30
    assert found.cycle_ms == 90
    np.testing.assert_allclose(found.fractions(), [0, 1 / 3, 2 / 3])
    assert (found.n_full, found.n_beats, found.repeats) == (3, 1.0, 0)


def test_without_times_the_index_orders_and_then_the_number() -> None:
    images = [plane(instance=n, temporal_index=t) for n, t in ((1, 3), (2, 1), (3, 2))]
    found = ordered_in_time(images)
    assert numbers(found) == [2, 3, 1]
    assert found.times is None
    assert found.step is None
    np.testing.assert_allclose(found.fractions(), [0, 1 / 3, 2 / 3])
    assert numbers(ordered_in_time([plane(instance=n) for n in (3, 1, 2)])) == [1, 2, 3]


def test_one_time_in_all_images_is_none() -> None:
    assert ordered_in_time([plane(instance=n, trigger_ms=0.0) for n in (1, 2, 3)]).times is None


def test_what_was_measured_again_is_a_repeat_and_the_later_is_kept() -> None:
    first = cine([0.0, 30.0, 60.0], acquired="1", acquired_s=10.0)
    again = [plane(instance=9, trigger_ms=30.0, acquired="2", acquired_s=12.0)]
    found = ordered_in_time([*first, *again])
    assert numbers(found) == [1, 9, 3]
    assert (found.repeats, found.copies, found.unclear) == (1, 0, 0)


def test_equal_pixels_are_copies_and_others_unclear(pixels) -> None:
    images = [*cine([0.0, 30.0, 60.0]), plane(instance=9, trigger_ms=31.0)]
    found = ordered_in_time(list(images))
    assert (found.copies, found.unclear, len(found.planes)) == (0, 1, 3)
    pixels["equal"] = True
    found = ordered_in_time(list(images))
    assert (found.copies, found.unclear, len(found.planes)) == (1, 0, 3)
    images[-1] = plane(instance=9, trigger_ms=38.0)  # a quarter of a step later: another time
    assert len(ordered_in_time(images).planes) == 4


def test_twice_the_promised_number_without_times_is_unclear() -> None:
    images = [plane(instance=n, n_phases=4) for n in range(1, 9)]
    found = ordered_in_time(images)
    assert (len(found.planes), found.unclear) == (4, 4)
    assert len(ordered_in_time([plane(instance=n, n_phases=4) for n in range(1, 8)]).planes) == 7


def test_a_second_whole_cycle_replaces_the_first_if_the_header_shows_two() -> None:
    times = [30.0 * n for n in range(8)]
    first = cine(times, n_phases=8, acquired_s=10.0)
    later = [
        plane(instance=8 + n, trigger_ms=t, n_phases=8, acquired_s=15.0)
        for n, t in enumerate(times, start=1)
    ]
    found = ordered_in_time([*first, *later])
    assert numbers(found) == list(range(9, 17))
    assert found.repeats == 8
    at_once = [plane(instance=p.instance, trigger_ms=p.trigger_ms, n_phases=8) for p in later]
    found = ordered_in_time([*cine(times, n_phases=8), *at_once])
    assert (found.repeats, found.unclear) == (0, 8)


@pytest.mark.parametrize(
    ("moments", "triggers", "dynamic"),
    [
        ([0, 0.8, 1.6, 2.4], [500] * 4, True),
        ([0, 0.8, 1.6, 2.4], [0, 30, 60, 400], False),  # spread over the cycle
        ([0, 0.03, 0.06, 0.09], [500] * 4, False),
        ([None] * 4, [500] * 4, True),
        ([None] * 4, [0] * 4, False),
        ([0, 0.8, None, 2.4], [500] * 4, False),
        ([0, 0.8], [500] * 2, False),
    ],
)
def test_an_image_a_beat_at_one_delay_is_no_cine(moments, triggers, dynamic) -> None:
    images = [
        plane(instance=n, trigger_ms=t, acquired_s=s)
        for n, (s, t) in enumerate(zip(moments, triggers, strict=True))
    ]
    assert ordered_in_time(images).is_dynamic is dynamic


def test_a_gap_in_the_clock_is_a_missing_phase() -> None:
    found = ordered_in_time(cine([0.0, 30.0, 90.0, 120.0]))
    assert found.slots.tolist() == [0, 1, 3, 4]
    assert found.n_full == 5
    uneven = ordered_in_time(cine([0.0, 30.0, 60.0, 70.0, 300.0]))
    assert uneven.slots.tolist() == [0, 1, 2, 3, 4]


def test_the_promised_number_counts_if_the_cycle_has_room_for_it() -> None:
    times = [0.0, 30.0, 60.0, 90.0]
    assert ordered_in_time(cine(times, n_phases=5, cycle_ms=150.0)).n_full == 5
    assert ordered_in_time(cine(times, n_phases=5, cycle_ms=120.0)).n_full == 4
    assert ordered_in_time(cine(times, n_phases=7, cycle_ms=210.0)).n_full == 4
    untimed = [plane(instance=n, n_phases=5) for n in range(4)]
    assert ordered_in_time(untimed).n_full == 5


def test_what_the_images_span() -> None:
    times = [10.0 + 30.0 * n for n in range(10)]
    assert ordered_in_time(cine(times)).length_ms() == 280 + 30 - 10
    assert ordered_in_time(cine(times, cycle_ms=320.0)).length_ms() == 320
    assert ordered_in_time(cine(times, cycle_ms=200.0)).length_ms() == 300  # it ran past it
    assert ordered_in_time(cine(times, cycle_ms=200.0)).n_beats == 1.5
    assert ordered_in_time(cine(times, cycle_ms=220.0)).n_beats == 1.0
    long = [100.0 * n for n in range(30)]
    assert ordered_in_time(cine(long)).n_beats is None
    assert ordered_in_time(cine(long[:20])).n_beats == 1.0
    assert ordered_in_time([plane(cycle_ms=900.0)]).length_ms() == 900
