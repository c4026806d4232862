import numpy as np
import pytest

from napari_cmr.scan import Label
from napari_cmr.training.augment.contraction import contract

SPACING = (1.0, 1.0)


@pytest.fixture
def beating():
    """Cavity of 10, 8 and 6 pixels radius in a wall of 14; a mark outside."""
    y, x = np.mgrid[:48, :48]
    radius = np.hypot(y - 24, x - 24)
    labels = np.zeros((3, 48, 48), np.uint8)
    for frame, cavity in enumerate((10, 8, 6)):
        labels[frame][radius < 14] = Label.MYO
        labels[frame][radius < cavity] = Label.LV
    images = np.where(labels == Label.LV, 1.0, np.where(labels == Label.MYO, 0.3, 0.1))
    images[:, 2:4, 2:4] = 0.9
    return images.astype(np.float32), labels


def cavity(labels):
    return (labels == Label.LV).sum((1, 2))


def test_the_smallest_frame_loses_what_was_asked_for_and_the_largest_nothing(beating):
    images, labels = beating
    moved, found = contract(images, labels, SPACING, 0.5)
    before, after = cavity(labels), cavity(found)
    assert after[0] == before[0]
    assert after[2] == pytest.approx(before[2] / 2, rel=0.1)
    assert before[1] > after[1] > after[2]
    np.testing.assert_array_equal(moved[0], images[0])


def test_nothing_outside_the_wall_moves_and_the_picture_follows_the_labels(beating):
    images, labels = beating
    moved, found = contract(images, labels, SPACING, 0.5)
    outside = labels == 0
    np.testing.assert_array_equal(found[outside], 0)
    np.testing.assert_allclose(moved[:, 2:4, 2:4], 0.9)
    bright = moved[2] > 0.65
    assert (bright & (found[2] == Label.LV)).sum() > 0.85 * cavity(found)[2]


def test_a_heart_that_stands_still_or_is_not_there_stays(beating):
    images, labels = beating
    still = np.repeat(labels[:1], 3, axis=0)
    np.testing.assert_array_equal(contract(images, still, SPACING, 0.5)[1], still)
    empty = np.zeros_like(labels)
    np.testing.assert_array_equal(contract(images, empty, SPACING, 0.5)[0], images)
