"""The chest around the heart: air outside, lungs dark, fat as thick as the person is stout."""

import numpy as np
import pytest

from napari_cmr.phantom.thorax import Thorax
from napari_cmr.phantom.tissue import cine_signals

SIGNALS = cine_signals(3.0, 60.0)
Y, X = np.mgrid[-150:160:3, -160:200:3].astype(np.float32)


def thorax(seed: int = 0, **more) -> Thorax:
    return Thorax(X, Y, SIGNALS, seed, **more)


def test_air_is_outside_and_the_lung_is_dark() -> None:
    image = thorax().render(50.0)
    assert image.dtype == np.complex64
    assert not image[:, :3].any()
    lung = np.abs(image[(np.abs(X - 90) < 15) & (np.abs(Y + 20) < 15)])
    fat = abs(SIGNALS["fat"])
    assert np.median(lung) < 0.25 * fat
    assert np.quantile(np.abs(image), 0.95) > 0.6 * fat


def test_a_stout_person_has_more_fat() -> None:
    def fat(stoutness: float) -> int:
        image = np.abs(thorax(stoutness=stoutness).render(50.0))
        return int((np.abs(image - abs(SIGNALS["fat"])) < 0.15 * abs(SIGNALS["fat"])).sum())

    assert fat(1.5) > 1.2 * fat(0.7)


def test_the_diaphragm_is_high_under_the_apex_and_below_the_heart() -> None:
    chest = thorax(heart_floor_mm=40.0)
    apex, base = (float(np.median(chest.diaphragm_mm(z))) for z in (0.0, 70.0))
    assert apex < base - 5
    low = thorax(heart_floor_mm=60.0)
    assert np.median(low.diaphragm_mm(70.0)) - base == pytest.approx(20, abs=1)


def test_one_seed_is_one_person() -> None:
    np.testing.assert_array_equal(thorax(5).render(40.0), thorax(5).render(40.0))
    assert (thorax(5).render(40.0) != thorax(6).render(40.0)).mean() > 0.5
