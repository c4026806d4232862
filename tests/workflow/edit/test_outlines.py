import numpy as np
import pytest

from napari_cmr.scan import Label
from napari_cmr.workflow.edit.outlines import (
    EPI,
    LV,
    blend,
    labels_of_distances,
    labels_of_sets,
    sets_of,
    signed_distances,
)


@pytest.fixture
def heart():
    """LV in its wall with a scar that holds no-reflow, and an RV beside it; (1, Y, X)."""
    y, x = np.mgrid[:40, :48]
    radius = np.hypot(y - 20, x - 28)
    labels = np.zeros((1, 40, 48), np.uint8)
    labels[0][np.hypot(y - 20, x - 14) < 9] = Label.RV
    labels[0][radius < 12] = Label.MYO
    labels[0][(radius < 12) & (x > 34)] = Label.SCAR
    labels[0][(radius < 12) & (x > 37)] = Label.NO_REFLOW
    labels[0][radius < 6] = Label.LV
    return labels


def test_sets_are_nested_and_give_the_labels_back(heart):
    sets = sets_of(heart)
    assert not (sets[LV] & ~sets[EPI]).any()
    np.testing.assert_array_equal(labels_of_sets(sets), heart)


def test_distances_to_the_rims_give_the_labels_back(heart):
    distances = signed_distances(sets_of(heart), (1.5, 1.5))
    np.testing.assert_array_equal(labels_of_distances(distances), heart)
    inside = distances[LV] > 0
    np.testing.assert_array_equal(inside, heart == Label.LV)
    assert distances[LV].max() == pytest.approx(6 * 1.5, abs=1.5)


def test_a_blend_lies_between_and_leaves_no_gap(heart):
    small = np.where(heart == Label.LV, np.uint8(Label.MYO), heart)
    y, x = np.mgrid[:40, :48]
    small[0][np.hypot(y - 20, x - 28) < 3] = Label.LV
    ends = [signed_distances(sets_of(one), (1.0, 1.0)) for one in (heart, small)]
    areas = [
        int((labels_of_distances(blend(*ends, weight)) == Label.LV).sum()) for weight in (0, 0.5, 1)
    ]
    assert areas[0] == (heart == Label.LV).sum()
    assert areas[0] > areas[1] > areas[2] == (small == Label.LV).sum()
    between = labels_of_distances(blend(*ends, 0.5))
    np.testing.assert_array_equal(between > 0, heart > 0)


def test_what_only_one_shape_has_is_gone_halfway(heart):
    without = np.where(heart == Label.RV, np.uint8(0), heart)
    ends = [signed_distances(sets_of(one), (1.0, 1.0)) for one in (heart, without)]
    areas = [int((labels_of_distances(blend(*ends, w)) == Label.RV).sum()) for w in (0, 0.25, 0.75)]
    assert areas[0] > areas[1] > 0
    assert areas[2] == 0
