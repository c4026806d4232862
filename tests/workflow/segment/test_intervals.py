"""Intervals of ejection fractions from sure and possible pixels."""

import numpy as np
import pytest

from napari_cmr.analysis import cardiac_function
from napari_cmr.scan import Geometry, Label
from napari_cmr.workflow.segment.intervals import ef_interval, ef_intervals


def test_interval_of_the_ejection_fraction_follows_from_the_bounds() -> None:
    bounds = np.zeros((3, 2, 2), dtype=np.int64)
    bounds[0] = [[40, 50], [50, 60]]  # ED: surely 90, possibly 110
    bounds[1] = [[10, 20], [20, 25]]  # ES: surely 30, possibly 45
    low, high = ef_interval(bounds, 0, 1)
    assert low == pytest.approx(50.0)
    assert high == pytest.approx(100 * (1 - 30 / 110))
    assert ef_interval(bounds, None, 1) is None
    assert ef_interval(bounds, 0, 0) is None
    assert ef_interval(np.zeros((3, 2, 2)), 0, 1) is None


def test_a_slice_that_loses_its_cavity_makes_the_interval_reach_lower() -> None:
    bounds = np.zeros((2, 4, 2), dtype=np.int64)
    bounds[0] = [[50, 60], [60, 70], [40, 50], [10, 15]]
    bounds[1] = [[20, 30], [20, 30], [10, 20], [5, 8]]
    kept = ef_interval(bounds, 0, 1, base_leaves_at_once=True)
    assert kept == pytest.approx((100 * (1 - 88 / 160), 100 * (1 - 55 / 195)))
    bounds[1, 0] = [0, 2]  # the base has gone: a reader may fill what the next slice has
    gone = ef_interval(bounds, 0, 1, base_leaves_at_once=True)
    assert gone == pytest.approx((100 * (1 - 88 / 160), 100 * (1 - 35 / 195)))
    slanted = ef_interval(bounds, 0, 1)  # as the RV's base is
    assert slanted == pytest.approx((100 * (1 - 60 / 160), 100 * (1 - 35 / 195)))
    bounds[0, 0] = [0, 3]  # it was not there at end-diastole either
    never = ef_interval(bounds, 0, 1, base_leaves_at_once=True)
    assert never == pytest.approx((100 * (1 - 60 / 110), 100 * (1 - 35 / 138)))


def test_an_ejection_fraction_lies_in_its_interval_though_its_base_was_completed() -> None:
    labels = np.zeros((2, 4, 20, 20), dtype=np.uint8)
    labels[0, :, :10] = int(Label.RV)
    labels[1, :, :5] = int(Label.RV)
    function = cardiac_function(labels, Geometry.regular((10.0, 2.0, 2.0), 4))
    assert function.rv.ef_percent == pytest.approx(50.0)
    # Of the pixels one by one, a tenth at most is possible at end-systole.
    bounds = np.tile(np.array([[[190, 210]], [[10, 20]]]), (1, 4, 1))
    assert ef_intervals({"RV": bounds}, function)["RV"] == pytest.approx(
        (50.0, 100 * (1 - 10 / 210))
    )
