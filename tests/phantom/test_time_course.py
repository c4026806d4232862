import numpy as np
import pytest

from napari_cmr.phantom.time_course import end_systole_ms, filled_fraction


@pytest.mark.parametrize("heart_rate", [45, 64, 90, 130])
def test_volume_curve_falls_then_rises(heart_rate):
    cycle = 60_000 / heart_rate
    times = np.linspace(0, cycle, 801)
    curve = filled_fraction(times, cycle)
    assert curve[0] == pytest.approx(1.0)
    assert curve[-1] == pytest.approx(1.0)
    lowest = end_systole_ms(cycle)
    assert curve.min() == pytest.approx(0.0, abs=1e-3)
    falling = np.diff(curve)[times[:-1] < lowest - 1]
    rising = np.diff(curve)[times[:-1] > lowest + 1]
    assert (falling <= 1e-12).all()
    assert (rising >= -1e-12).all()


def test_filling_has_a_rapid_phase_a_pause_and_an_atrial_kick():
    cycle = 1000.0
    times = np.linspace(0, cycle, 1001)
    rate = np.gradient(filled_fraction(times, cycle), times)
    systole = end_systole_ms(cycle)
    rapid = rate[(times > systole + 50) & (times < systole + 300)].max()
    pause = rate[(times > 750) & (times < 850)].min()
    kick = rate[times > 880].max()
    assert rapid > kick > 2 * pause


def test_systole_shortens_less_than_diastole_in_a_fast_heart():
    slow, fast = end_systole_ms(1000.0), end_systole_ms(600.0)
    assert fast < slow
    assert fast / 600.0 > slow / 1000.0
