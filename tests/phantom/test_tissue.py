import numpy as np
import pytest

from napari_cmr.phantom.tissue import (
    TISSUES,
    Tissue,
    bssfp_signal,
    cine_signals,
    inversion_recovery_signal,
    lge_signals,
    nulling_time_ms,
)


def test_bssfp_on_resonance_agrees_with_the_short_repetition_limit():
    tissue = Tissue(1000.0, 100.0, 1.0, 500.0)
    flip = np.deg2rad(60.0)
    limit = np.sin(flip) / ((1 + np.cos(flip)) + (1 - np.cos(flip)) * 10.0)
    signal = bssfp_signal(tissue, repetition_time_ms=0.5, flip_angle_deg=60.0)
    assert float(signal) == pytest.approx(limit, rel=0.01)


def test_bssfp_agrees_with_a_bloch_simulation():
    tissue, tr, flip, precession = Tissue(800.0, 60.0, 1.0, 500.0), 4.0, np.deg2rad(50), 0.7
    e1, e2 = np.exp(-tr / 800.0), np.exp(-tr / 60.0)
    turn = np.array([[1, 0, 0], [0, np.cos(flip), np.sin(flip)], [0, -np.sin(flip), np.cos(flip)]])
    angle = precession + np.pi  # alternating pulses in the frame that turns with them
    spin = np.array(
        [[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    m = np.array([0.0, 0.0, 1.0])
    for _ in range(5000):
        m = turn @ m
        after_pulse = m
        m = np.diag([e2, e2, e1]) @ (spin @ m) + [0, 0, 1 - e1]
    expected = np.hypot(*after_pulse[:2]) * np.exp(-tr / 2 / 60.0)
    signal = bssfp_signal(
        tissue, repetition_time_ms=tr, flip_angle_deg=50.0, precession_rad=precession
    )
    assert float(signal) == pytest.approx(expected, rel=1e-4)


def test_bssfp_is_dark_at_half_a_turn_off_resonance():
    blood = TISSUES["blood"]
    at = {"repetition_time_ms": 3.0, "flip_angle_deg": 60.0}
    pass_band, dark = bssfp_signal(blood, **at, precession_rad=np.array([0.0, np.pi]))
    assert dark < 0.1 * pass_band


def test_cine_contrast_is_that_of_bssfp():
    s = {name: abs(value) for name, value in cine_signals(3.0, 60.0).items()}
    assert s["fat"] > 0.8 * s["blood"]
    assert 2.0 < s["blood"] / s["myocardium"] < 4.5
    assert s["lung"] < 0.15 * s["myocardium"] * 2


def test_lge_nulls_the_myocardium_and_shows_the_scar():
    time = nulling_time_ms(TISSUES["myocardium"])
    assert inversion_recovery_signal(
        TISSUES["myocardium"], inversion_time_ms=time
    ) == pytest.approx(0.0, abs=1e-12)
    s = {name: abs(value) for name, value in lge_signals().items()}
    assert s["scar"] > s["blood"] > 5 * max(s["myocardium"], 0.05)
    assert s["no_reflow"] < 0.4 * s["scar"]
