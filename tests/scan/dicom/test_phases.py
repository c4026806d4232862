"""Phases of a stack: the common ones, what each slice lacks, and what the images span."""

import numpy as np
from helpers.dicom_planes import cine, plane

from napari_cmr.scan import Code
from napari_cmr.scan.dicom.phases import arrange_phases

TIMES = [40.0 * n for n in range(10)]


def stack(*times: list[float], **fields):
    return [cine(one, z, **fields) for z, one in enumerate(times)]


def codes(found) -> list[str]:
    return [note.code for note in found.notes]


def test_slices_of_one_clock_share_their_phases() -> None:
    found = arrange_phases(stack(TIMES, TIMES, cycle_ms=400.0))
    assert found.n_frames == 10
    np.testing.assert_allclose(found.fractions, np.arange(10) / 10)
    assert (found.cycle_ms, found.span_ms, found.n_beats) == (400, 400, 1.0)
    assert found.timed
    assert found.present().all()
    assert found.notes == ()
    assert found.unclear is None


def test_a_missing_image_is_named() -> None:
    found = arrange_phases(stack(TIMES, TIMES[:4] + TIMES[5:], TIMES, cycle_ms=400.0))
    assert found.slices[1].missing == (4,)
    assert np.argwhere(~found.present()).tolist() == [[1, 4]]
    assert codes(found) == [Code.PHASES_MISSING]
    assert found.notes[0].text == "slice 2: missing phase 5"


def test_a_slice_with_a_clock_of_its_own_is_resampled() -> None:
    own = [400.0 * n / 7 for n in range(7)]
    found = arrange_phases(stack(TIMES, own, TIMES, cycle_ms=400.0))
    assert [one.resampled for one in found.slices] == [False, True, False]
    assert found.slices[1].missing == ()
    assert Code.PHASES_RESAMPLED in codes(found)
    assert "slice 2 has 7 phases, not 10" in str(found.notes)


def test_the_most_frequent_number_of_phases_is_the_common_one() -> None:
    short = TIMES[::2]
    assert arrange_phases(stack(short, TIMES, short, cycle_ms=400.0)).n_frames == 5
    assert arrange_phases(stack(short, TIMES, cycle_ms=400.0)).n_frames == 10


def test_without_times_gaps_in_the_numbers_are_missing_images() -> None:
    whole = [plane(0, n) for n in range(1, 6)]
    holed = [plane(1, n) for n in (1, 2, 4, 5)]
    found = arrange_phases([whole, holed])
    assert not found.timed
    assert found.cycle_ms is None
    assert found.slices[1].missing == (2,)
    assert Code.TIMES_UNKNOWN in codes(found)


def test_several_beats_are_no_cycle() -> None:
    found = arrange_phases(stack([60.0 * n for n in range(20)], cycle_ms=400.0))
    assert found.n_beats == 3.0
    assert found.cycle_ms == 400
    assert found.span_ms == 1200


def test_an_image_a_beat_is_told() -> None:
    images = [[plane(0, n, trigger_ms=500.0, acquired_s=0.9 * n) for n in range(5)]]
    found = arrange_phases(images)
    assert found.is_dynamic
    assert Code.DYNAMIC_SERIES in codes(found)


def test_images_that_cannot_be_told_apart_are_named() -> None:
    images = [plane(0, n, n_phases=4) for n in range(1, 9)]
    found = arrange_phases([images])
    assert found.n_frames == 4
    assert found.unclear
