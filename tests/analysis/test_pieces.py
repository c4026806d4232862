import numpy as np
import pytest

from napari_cmr.analysis.pieces import largest_piece


def test_the_largest_of_several_is_kept_whole():
    mask = np.zeros((6, 8), bool)
    mask[0:2, 0:2] = mask[3:6, 4:7] = True
    expected = np.zeros_like(mask)
    expected[3:6, 4:7] = True
    np.testing.assert_array_equal(largest_piece(mask), expected)


@pytest.mark.parametrize(("connectivity", "n"), [(None, 8), (2, 8), (1, 4)])
def test_corners_connect_unless_only_sides_do(connectivity, n):
    mask = np.zeros((5, 5), bool)
    mask[0:2, 0:2] = mask[2:4, 2:4] = True
    assert largest_piece(mask, connectivity).sum() == n


def test_one_piece_or_none_is_left_as_it_is():
    mask = np.zeros((2, 3, 4), bool)
    assert not largest_piece(mask).any()
    mask[1, 1, 1:3] = True
    np.testing.assert_array_equal(largest_piece(mask), mask)
