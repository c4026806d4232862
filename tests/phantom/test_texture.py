import numpy as np
import pytest

from napari_cmr.phantom.texture import smooth_noise


def test_noise_has_mean_0_and_deviation_1_and_is_as_smooth_as_asked_for():
    field = smooth_noise(np.random.default_rng(0), (64, 64), (4.0, 0.0))
    assert field.dtype == np.float32
    assert field.mean() == pytest.approx(0, abs=1e-5)
    assert field.std() == pytest.approx(1, rel=1e-4)
    down, across = (np.abs(np.diff(field, axis=axis)).mean() for axis in (0, 1))
    assert down < 0.3 * across


def test_the_generator_decides():
    first, again, other = (smooth_noise(np.random.default_rng(s), (8, 8), 2) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
