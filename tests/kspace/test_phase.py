import numpy as np
import pytest

from napari_cmr.kspace.fourier import fft2c
from napari_cmr.kspace.phase import smooth_phase, with_phase


def asymmetry(image):
    """Relative distance of a k-space from its conjugate mirror image (odd sizes)."""
    k = fft2c(image)
    return np.linalg.norm(k - k[::-1, ::-1].conj()) / np.linalg.norm(k)


@pytest.mark.parametrize("seed", range(5))
def test_phase_breaks_the_conjugate_symmetry_and_keeps_the_magnitude(seed):
    rng = np.random.default_rng(seed)
    image = rng.random((31, 33), dtype=np.float32)
    complex_image = with_phase(image, rng)
    assert complex_image.dtype == np.complex64
    np.testing.assert_allclose(np.abs(complex_image), image, rtol=1e-5)
    assert asymmetry(image) < 1e-5
    assert asymmetry(complex_image) > 0.2


@pytest.mark.parametrize("seed", range(5))
def test_phase_is_smooth_and_seeded(seed):
    phase = smooth_phase((100, 100), np.random.default_rng(seed))
    assert max(np.abs(np.diff(phase, axis=a)).max() for a in (0, 1)) < 0.4
    np.testing.assert_array_equal(phase, smooth_phase((100, 100), np.random.default_rng(seed)))
    assert (phase != smooth_phase((100, 100), np.random.default_rng(seed + 1))).any()
