"""The wavelet transform is orthonormal and comes back."""

import numpy as np
import pytest
from helpers.beating_discs import random_images

from napari_cmr.solvers.wavelets import _step, analyse, synthesise


@pytest.mark.parametrize("n", [4, 8, 24])
def test_a_wavelet_level_is_orthonormal(n):
    np.testing.assert_allclose(_step(n) @ _step(n).T, np.eye(n), atol=1e-6)


def test_wavelets_have_four_vanishing_moments():
    rows = _step(32)[16:24].astype(np.float64)  # those that do not wrap around
    for power in range(4):
        assert np.abs(rows @ (np.arange(32) / 32) ** power).max() < 1e-6
    assert np.abs(rows @ (np.arange(32) / 32) ** 4).max() > 1e-6


def test_the_wavelet_transform_comes_back():
    image = random_images(2, 24, 16)
    waves = analyse(image, 3)
    np.testing.assert_allclose(np.linalg.norm(waves), np.linalg.norm(image), rtol=1e-5)
    np.testing.assert_allclose(synthesise(waves, 3), image, atol=1e-5)
