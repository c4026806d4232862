import numpy as np
import pytest
from skimage.morphology import convex_hull_image

from napari_cmr.analysis.papillary import _hull, fill_cavity
from napari_cmr.scan import Label


def ring_with_papillaries() -> np.ndarray:
    """A round cavity in a wall, with two muscles in it and one that grows out of the wall."""
    rows, columns = np.indices((40, 40)) - 20
    radius = np.hypot(rows, columns)
    plane = np.where(radius < 10, Label.LV, np.where(radius < 14, Label.MYO, 0)).astype(np.uint8)
    plane[15:18, 16:18] = Label.MYO
    plane[22:24, 23:26] = Label.SCAR
    plane[24:30, 19:21] = Label.MYO
    plane[20, 35] = Label.RV
    return plane[None, None]


def test_muscle_inside_the_hull_of_the_cavity_becomes_blood():
    labels = ring_with_papillaries()
    before = labels.copy()
    filled = fill_cavity(labels)
    rows, columns = np.indices((40, 40)) - 20
    round_cavity = np.hypot(rows, columns) < 10
    np.testing.assert_array_equal((filled[0, 0] == Label.LV), round_cavity)
    outside = ~round_cavity
    np.testing.assert_array_equal(filled[0, 0][outside], before[0, 0][outside])
    np.testing.assert_array_equal(labels, before)
    np.testing.assert_array_equal(fill_cavity(filled), filled)


def test_background_and_the_right_ventricle_are_never_taken():
    labels = np.zeros((1, 1, 12, 12), np.uint8)
    labels[0, 0, 2:10, 2:4] = Label.LV
    labels[0, 0, 8:10, 2:10] = Label.LV  # an L, whose hull holds other things
    labels[0, 0, 6, 5] = Label.RV
    labels[0, 0, 7, 5] = Label.MYO
    filled = fill_cavity(labels)
    assert filled[0, 0, 7, 5] == Label.LV
    labels[0, 0, 7, 5] = Label.LV
    np.testing.assert_array_equal(filled, labels)


@pytest.mark.parametrize("seed", range(6))
def test_the_hull_is_that_of_an_independent_package(seed):
    inside = np.random.default_rng(seed).random((17, 23)) < 0.04 * (seed + 1)
    inside[3, 4] = inside[9, 8] = True
    np.testing.assert_array_equal(
        _hull(inside), convex_hull_image(inside, offset_coordinates=False)
    )
