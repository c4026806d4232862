import numpy as np
import pytest

from napari_cmr.phantom.volume_curve import VolumeCurve
from napari_cmr.scan import ScanError


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n_frames", [12, 25, 50])
def test_empties_to_end_systole_and_fills_again(seed, n_frames):
    curve = VolumeCurve.sample(seed)
    emptying = curve.emptying(n_frames)
    es = curve.es_frame(n_frames)
    assert emptying[0] == 0
    assert emptying[es] == 1
    assert (np.diff(emptying[: es + 1]) > 0).all()
    assert (np.diff(emptying[es:]) < 0).all()
    # The last frame flows into the first: no larger a step than elsewhere in the cycle.
    assert 0 < emptying[-1] <= np.abs(np.diff(emptying)).max()


def test_three_frames_are_enough_and_two_are_not():
    np.testing.assert_equal(VolumeCurve().emptying(3)[[0, 1]], [0, 1])
    with pytest.raises(ScanError, match="2 frames"):
        VolumeCurve().emptying(2)


def test_fast_hearts_spend_more_of_the_cycle_in_systole():
    slow, fast = VolumeCurve(cycle_ms=1200), VolumeCurve(cycle_ms=600)
    assert fast.es_frame(50) > slow.es_frame(50)


def test_a_larger_atrial_kick_leaves_more_to_the_end_of_diastole():
    weak, strong = VolumeCurve(atrial_kick=0.1), VolumeCurve(atrial_kick=0.4)
    late = 40  # of 50 frames: diastasis
    assert strong.emptying(50)[late] > weak.emptying(50)[late] + 0.2


def test_seeds_differ_and_a_known_cycle_is_kept():
    assert VolumeCurve.sample(1) == VolumeCurve.sample(1)
    assert VolumeCurve.sample(1) != VolumeCurve.sample(2)
    assert VolumeCurve.sample(1, cycle_ms=812.0).cycle_ms == 812


@pytest.mark.parametrize("wrong", [{"cycle_ms": 0.0}, {"cycle_ms": 9e9}, {"atrial_kick": 0.9}])
def test_impossible_hearts_are_refused(wrong):
    with pytest.raises(ScanError):
        VolumeCurve(**wrong)
