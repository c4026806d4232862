"""The laws of the x-t picture."""

import numpy as np
import pytest

from napari_cmr.scan import ScanError
from napari_cmr.workflow.reconstruct.line_profile import line_profile, line_through_motion

RNG = np.random.default_rng(0)
IMAGE = RNG.random((5, 20, 24), dtype=np.float32)


def test_along_a_row_or_a_column_it_is_the_pixels_themselves() -> None:
    np.testing.assert_allclose(line_profile(IMAGE, [[7, 3], [7, 15]]), IMAGE[:, 7, 3:16].T)
    np.testing.assert_allclose(line_profile(IMAGE, [[2, 9], [18, 9]]), IMAGE[:, 2:19, 9].T)


def test_it_is_as_many_places_as_the_line_is_long() -> None:
    assert line_profile(IMAGE, [[3, 4], [15, 20]]).shape == (21, 5)  # a 12, 16, 20 triangle


def test_turned_round_it_is_upside_down() -> None:
    there, back = line_profile(IMAGE, [[2, 3], [14, 20]]), line_profile(IMAGE, [[14, 20], [2, 3]])
    np.testing.assert_allclose(back, there[::-1], atol=1e-6)


def test_it_is_linear_in_the_image() -> None:
    other, ends = RNG.random(IMAGE.shape, dtype=np.float32), [[2.5, 3.2], [14.1, 20.7]]
    both = line_profile(2 * IMAGE + 3 * other, ends)
    alone = 2 * line_profile(IMAGE, ends) + 3 * line_profile(other, ends)
    np.testing.assert_allclose(both, alone, atol=1e-5)


def test_what_stands_still_is_stripes_and_what_moves_along_the_line_is_a_slope() -> None:
    still = np.repeat(IMAGE[:1], 5, axis=0)
    profile = line_profile(still, [[2, 3], [14, 20]])
    np.testing.assert_array_equal(profile, np.repeat(profile[:, :1], 5, axis=1))
    moving = np.zeros((5, 20, 24), np.float32)
    moving[np.arange(5), 8, 6 + 2 * np.arange(5)] = 1  # two pixels a frame
    bright = line_profile(moving, [[8, 0], [8, 23]]).argmax(axis=0)
    np.testing.assert_array_equal(bright, 6 + 2 * np.arange(5))


def test_an_average_over_time_wipes_the_motion_out() -> None:
    moving = np.zeros((5, 20, 24), np.float32)
    moving[np.arange(5), 8, 6 + 2 * np.arange(5)] = 1
    blurred = np.repeat(moving.mean(axis=0, keepdims=True), 5, axis=0)
    profile = line_profile(blurred, [[8, 0], [8, 23]])
    assert profile.std(axis=1).max() == 0
    assert profile.max() == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([[-1, 3], [5, 9]], "leaves the image"),
        ([[2, 3], [2, 24]], "leaves the image"),
        ([[5, 5], [5, 5.5]], "shorter than a pixel"),
    ],
)
def test_a_line_that_is_none_is_refused(ends, said) -> None:
    with pytest.raises(ScanError, match=said):
        line_profile(IMAGE, ends)


def test_the_first_line_goes_through_what_moves_and_stays_inside() -> None:
    image = np.zeros((4, 40, 60), np.float32)
    image[::2, 10:14, 50:58] = 1  # beats near a side
    start, end = line_through_motion(image)
    assert start[0] == end[0]
    assert 10 <= start[0] <= 13
    assert 0 <= start[1] < end[1] <= 59
    assert start[1] < 50 < end[1]
    line_profile(image, np.stack([start, end]))


def test_a_still_image_has_a_line_as_well() -> None:
    ends = line_through_motion(IMAGE[:1])
    assert line_profile(IMAGE[:1], ends).shape[1] == 1
