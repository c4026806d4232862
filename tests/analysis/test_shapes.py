"""Mean shapes, against what geometry says."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from napari_cmr.analysis.shapes import DISTANCE_CAP_MM, ShapeSum, mean_shape
from napari_cmr.scan import Label

ROWS, COLUMNS = np.mgrid[:80, :80]


def ring(radius: float, wall: float, column: float = 40.0) -> np.ndarray:
    labels = np.zeros((80, 80), np.uint8)
    distance = np.hypot(ROWS - 40, COLUMNS - column)
    labels[distance < radius + wall] = Label.MYO
    labels[distance < radius] = Label.LV
    return labels


def test_the_mean_of_equal_shapes_is_that_shape() -> None:
    one = ring(12, 5)
    assert np.array_equal(mean_shape(np.stack([one] * 3), (1.5, 1.5)), one)


def test_the_mean_of_rings_keeps_the_wall_that_a_vote_would_break() -> None:
    """Walls of 3 at radii of 8 and 14 do not overlap; their mean is a wall at a radius of 11."""
    mean = mean_shape(np.stack([ring(8, 3), ring(14, 3)]), (1.0, 1.0))
    area = {label: int((mean == label).sum()) for label in (Label.LV, Label.MYO)}
    assert area[Label.LV] == pytest.approx(np.pi * 11**2, rel=0.06)
    assert area[Label.MYO] == pytest.approx(np.pi * (14**2 - 11**2), rel=0.1)


def test_a_tissue_that_most_maps_lack_is_not_in_the_mean() -> None:
    empty = np.zeros((80, 80), np.uint8)
    assert not mean_shape(np.stack([ring(12, 5), empty, empty]), (1, 1)).any()
    assert np.array_equal(
        mean_shape(np.stack([ring(12, 5), ring(12, 5), empty]), (1, 1)), ring(12, 5)
    )
    assert not mean_shape(np.stack([empty, empty]), (1, 1)).any()


def test_sums_that_grow_give_the_mean_of_all_at_once() -> None:
    maps = np.stack([[ring(10 + n, 4), ring(8, 3 + n)] for n in range(4)])
    total = ShapeSum(maps.shape[1:], (1.2, 1.4), 100)
    for one in maps:
        total.add(one)
    assert total.n == 4
    assert np.array_equal(total.mean(), mean_shape(maps, (1.2, 1.4)))
    assert np.array_equal(total.mean()[1], mean_shape(maps[:, 1], (1.2, 1.4)))


def test_the_mean_is_that_of_distances_over_the_whole_plane() -> None:
    """The surroundings of a label are enough, as distances are capped."""
    spacing = (1.0, 1.7)
    discs = [np.hypot(ROWS - 40, COLUMNS - c) < r for c, r in ((30, 9), (45, 14), (38, 6))]
    signed = [
        np.clip(
            np.where(
                disc,
                distance_transform_edt(disc, sampling=spacing) - 0.5,
                0.5 - distance_transform_edt(~disc, sampling=spacing),
            ),
            -DISTANCE_CAP_MM,
            DISTANCE_CAP_MM,
        )
        for disc in discs
    ]
    exact = np.mean(signed, axis=0)
    found = mean_shape(np.stack(discs).astype(np.uint8) * np.uint8(Label.RV), spacing)
    clear = np.abs(exact) > 1 / 16  # what rounding to steps could turn
    assert np.array_equal((found == Label.RV)[clear], (exact > 0)[clear])


def test_many_maps_do_not_overflow() -> None:
    one = ring(12, 5)[15:65, 15:65]
    total = ShapeSum(one.shape, (1.5, 1.5), 210)
    for _ in range(210):
        total.add(one)
    assert np.array_equal(total.mean(), one)
