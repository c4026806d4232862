"""Intervals of ejection fractions from sure and possible pixels."""

import numpy as np
import pytest

from napari_cmr.analysis import cardiac_function
from napari_cmr.scan import Geometry, Label
from napari_cmr.workflow.segment.intervals import ef_doubt, ef_intervals
from napari_cmr.zoo.cavity_bounds import CavityBounds


def test_doubt_in_the_ejection_fraction_follows_from_the_bounds() -> None:
    pixels = np.zeros((3, 2, 2), dtype=np.int64)
    pixels[0] = [[40, 50], [50, 60]]  # ED: surely 90, possibly 110
    pixels[1] = [[10, 20], [20, 25]]  # ES: surely 30, possibly 45
    doubt = ef_doubt(pixels, 0, 1, 60.0)
    highest = 100 * (1 - 30 / 110)
    assert doubt == pytest.approx((60.0 - 50.0, highest - 60.0, 0.0))
    assert doubt.interval(60.0, 1.0) == pytest.approx((50.0, highest))
    assert doubt.interval(60.0, 2.0) == pytest.approx((40.0, 2 * highest - 60))
    assert doubt.interval(60.0, 99.0) == (0.0, 100.0)
    assert ef_doubt(pixels, None, 1, 60.0) is None
    assert ef_doubt(pixels, 0, 0, 60.0) is None
    assert ef_doubt(np.zeros((3, 2, 2)), 0, 1, 60.0) is None


@pytest.mark.parametrize("reference", [2.0, 45.0, 57.0, 60.0, 63.0, 99.0])
def test_the_smallest_widening_just_holds_the_reference(reference) -> None:
    doubt = ef_doubt(np.array([[[90, 110]], [[30, 45]]]), 0, 1, 60.0)._replace(base=5.0)
    widening = doubt.widening(60.0, reference)
    low, high = doubt.interval(60.0, widening)
    assert low - 1e-9 <= reference <= high + 1e-9
    if widening:
        low, high = doubt.interval(60.0, 0.99 * widening)
        assert not low <= reference <= high
    else:
        assert 55.0 <= reference <= 60.0


def test_a_slice_that_loses_its_cavity_makes_the_interval_reach_lower() -> None:
    pixels = np.zeros((2, 4, 2), dtype=np.int64)
    pixels[0] = [[50, 60], [60, 70], [40, 50], [10, 15]]
    pixels[1] = [[20, 30], [20, 30], [10, 20], [5, 8]]
    ef = 65.0
    kept = ef_doubt(pixels, 0, 1, ef, base_leaves_at_once=True)
    assert kept == pytest.approx((ef - 100 * (1 - 88 / 160), 100 * (1 - 55 / 195) - ef, 0.0))
    pixels[1, 0] = [0, 2]  # the base has gone: a reader may fill what the next slice has
    gone = ef_doubt(pixels, 0, 1, ef, base_leaves_at_once=True)
    around = ef - 100 * (1 - 60 / 160), 100 * (1 - 35 / 195) - ef
    assert gone == pytest.approx((*around, 100 * 28 / 160))
    # That counts once, however much the border is in doubt.
    for widening in (1.0, 2.0):
        low, _ = gone.interval(ef, widening)
        assert low == pytest.approx(max(ef - widening * gone.below - gone.base, 0))
    slanted = ef_doubt(pixels, 0, 1, ef)  # as the RV's base is
    assert slanted == pytest.approx((*around, 0.0))
    pixels[0, 0] = [0, 3]  # it was not there at end-diastole either
    assert ef_doubt(pixels, 0, 1, ef, base_leaves_at_once=True).base == 0


def test_an_ejection_fraction_lies_in_its_interval_though_its_base_was_completed() -> None:
    labels = np.zeros((2, 4, 20, 20), dtype=np.uint8)
    labels[0, :, :10] = int(Label.RV)
    labels[1, :, :5] = int(Label.RV)
    function = cardiac_function(labels, Geometry.regular((10.0, 2.0, 2.0), 4))
    assert function.rv.ef_percent == pytest.approx(50.0)
    # Of the pixels one by one, a tenth at most is possible at end-systole.
    pixels = np.tile(np.array([[[190, 210]], [[10, 20]]]), (1, 4, 1))
    for widening, high in ((1.0, 100 * (1 - 10 / 210)), (0.5, 50 + 50 * (0.5 - 10 / 210))):
        bounds = {"RV": CavityBounds(pixels, widening)}
        assert ef_intervals(bounds, function)["RV"] == pytest.approx((50.0, high))
