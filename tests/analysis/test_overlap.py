import numpy as np
import pytest

from napari_cmr.analysis.overlap import dice
from napari_cmr.scan import Label, ScanError


def maps() -> tuple[np.ndarray, np.ndarray]:
    first = np.zeros((1, 3, 6, 6), np.uint8)
    second = np.zeros_like(first)
    first[0, 0, :2, :3] = Label.LV  # 6 voxels
    second[0, 0, :2, 1:5] = Label.LV  # 8 voxels, 4 in common
    first[0, 1, 4, 4] = Label.LV  # 1 voxel, alone
    first[0, 2, 0, :3] = Label.MYO
    return first, second


def test_dice_by_hand():
    stack = dice(*maps())
    assert stack.shape == (1, 3)
    assert stack[0, 0] == pytest.approx(2 * 4 / (7 + 8))
    assert stack[0, 1] == 0  # only one map has it
    assert np.isnan(stack[0, 2])  # neither has it


def test_dice_of_every_slice():
    scores = dice(*maps(), per_slice=True)
    assert scores.shape == (1, 3, 3)
    assert scores[0, 0, 0] == pytest.approx(8 / 14)
    assert scores[0, 1, 0] == 0
    assert np.isnan(scores[0, 2, 0])


def test_dice_is_symmetric_and_one_for_equals():
    first, second = maps()
    np.testing.assert_array_equal(dice(first, second), dice(second, first))
    assert dice(first, first)[0, :2].tolist() == [1, 1]


def test_maps_must_share_a_grid():
    first, second = maps()
    with pytest.raises(ScanError, match="cannot be compared"):
        dice(first, second[:, :2])
