import numpy as np
import pytest

from napari_cmr.kspace.fourier import fft2c
from napari_cmr.kspace.noise import complex_noise


def test_noise_is_white_and_as_strong_in_the_image_as_in_k_space():
    noise = complex_noise((256, 255), 0.3, np.random.default_rng(0))
    assert noise.dtype == np.complex64
    for domain in (noise, fft2c(noise)):
        assert domain.std() == pytest.approx(0.3, rel=0.02)
        assert domain.real.std() == pytest.approx(domain.imag.std(), rel=0.02)
        assert abs(np.vdot(domain[1:], domain[:-1])) / np.vdot(domain, domain).real < 0.02
