"""The heart between ED and ES: signed distances, exact counts, and both ends reproduced."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_cmr.phantom.in_between import Between, Borders, _highest, _shrinkage
from napari_cmr.scan import Label

PIXEL = (2.0, 1.6)


def heart(lv_mm: float, wall_mm: float) -> np.ndarray:
    """Labels of one slice: a round LV in its wall, and an RV beside it."""
    y, x = np.mgrid[:48, :56]
    y, x = (y - 24) * PIXEL[0], (x - 32) * PIXEL[1]
    labels = np.zeros(y.shape, np.uint8)
    labels[np.hypot(y, x + 24) < 8 + lv_mm / 2] = Label.RV
    labels[np.hypot(y, x) < lv_mm + wall_mm] = Label.MYO
    labels[np.hypot(y, x) < lv_mm] = Label.LV
    return labels


def picture(labels: np.ndarray) -> np.ndarray:
    signal = np.array([60, 300, 90, 280], np.float32)[labels]
    return np.asarray(gaussian_filter(signal, (0, 0.6, 0.6)))


ED = np.stack([heart(20, 7), heart(18, 7)])
ES = np.stack([np.zeros((48, 56), np.uint8), heart(11, 11)])  # the first slice is left


@pytest.fixture(scope="module")
def between() -> Between:
    borders = (Borders.of(ED, PIXEL), Borders.of(ES, PIXEL))
    return Between(*borders, picture(ED), picture(ES), PIXEL)


def test_distances_are_in_mm_positive_inside_and_zero_without_the_tissue() -> None:
    labels = np.zeros((2, 9, 11), np.uint8)
    labels[1, 2:7, 3:8] = Label.LV
    borders = Borders.of(labels, (2.0, 1.0))
    assert borders.present[:, :, 0, 0].tolist() == [
        [False, True],
        [False, True],
        [False, False],
        [False, True],
    ]
    lv = borders.distance[0]
    assert not lv[0].any()
    assert lv[1, 4, 5] == 2.5  # to the left and right, in columns of 1 mm
    assert lv[1, 4, 2] == -0.5
    assert lv[1, 0, 5] == -3.5  # two rows of 2 mm above
    assert ((lv[1] > 0) == (labels[1] == Label.LV)).all()


def test_both_ends_are_as_they_came(between) -> None:
    for s, wanted in ((0.0, ED), (1.0, ES)):
        labels = between.at(s, s, 10_000)[1]
        staying = between.staying
        assert staying.tolist() == [False, True]
        assert (labels[staying] == wanted[staying]).mean() > 0.98


def test_the_cavity_has_exactly_the_voxels_it_should(between) -> None:
    n_ed, n_es = ((one[1] == Label.LV).sum() for one in (ED, ES))
    for emptied in (0.25, 0.6):
        labels = between.at(0.5, emptied, 10_000)[1]
        assert (labels[1] == Label.LV).sum() == round(n_ed + (n_es - n_ed) * emptied)


def test_a_slice_that_is_left_holds_no_more_than_it_may_and_is_empty_in_the_end(between) -> None:
    assert (between.at(0.2, 0.2, 7)[1][0] == Label.LV).sum() == 7
    assert not between.at(1.0, 1.0, 10_000)[1][0].any()


def test_places_go_with_the_volume_that_is_lost(between) -> None:
    places = between.places(np.linspace(0, 1, 6))
    assert places[0] == pytest.approx(0, abs=0.01)
    assert places[-1] == pytest.approx(1, abs=0.01)
    assert (np.diff(places) > 0).all()


def test_the_highest_are_found_and_infinities_are_not() -> None:
    values = np.array([[3.0, -np.inf], [5.0, 1.0]])
    assert _highest(values, 2).tolist() == [[True, False], [True, False]]
    assert _highest(values, 4).sum() == 3
    assert not _highest(values, 0).any()


def test_vanishing_tissue_shrinks_ever_faster_until_it_is_gone() -> None:
    distance = np.full((1, 1, 2, 2), 8.0)
    leaves = np.zeros((1, 1, 1, 1), bool)
    assert _shrinkage(distance, leaves, 0.5).item() == pytest.approx(1.0)
    assert _shrinkage(distance, ~leaves, 0.5).item() == pytest.approx(5 / 8)
    assert _shrinkage(distance, leaves, 1.0) == np.inf
