import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cmr.kspace.fourier import fft1c, fft2c, ifft1c, ifft2c

sizes = st.integers(1, 24)


@settings(max_examples=30, deadline=None)
@given(sizes, sizes, st.integers(0, 1000))
def test_transforms_keep_the_norm_and_are_inverse_to_each_other(n_y, n_x, seed):
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((2, n_y, n_x)) + 1j * rng.standard_normal((2, n_y, n_x))).astype("c8")
    for forward, inverse in ((fft2c, ifft2c), (fft1c, ifft1c)):
        k = forward(x)
        assert k.dtype == np.complex64
        assert np.linalg.norm(k) == pytest.approx(np.linalg.norm(x), rel=1e-5)
        np.testing.assert_allclose(inverse(k), x, atol=1e-5)


@pytest.mark.parametrize("n", [8, 9])
def test_a_point_at_the_centre_is_flat_in_k_space(n):
    x = np.zeros((n, n), np.complex64)
    x[n // 2, n // 2] = 1
    np.testing.assert_allclose(fft2c(x), np.full((n, n), 1 / n), atol=1e-6)


@pytest.mark.parametrize("n", [8, 9])
def test_a_point_off_the_centre_is_a_plane_wave_in_k_space(n):
    x = np.zeros(n, np.complex64)
    x[n // 2 + 2] = 1
    k = np.arange(n) - n // 2
    np.testing.assert_allclose(fft1c(x), np.exp(-2j * np.pi * 2 * k / n) / np.sqrt(n), atol=1e-6)


@pytest.mark.parametrize("n", [8, 9])
def test_a_plane_wave_is_a_point_in_k_space(n):
    nu = np.arange(n) - n // 2
    k = fft1c(np.exp(2j * np.pi * -3 * nu / n).astype(np.complex64))
    expected = np.zeros(n)
    expected[n // 2 - 3] = np.sqrt(n)
    np.testing.assert_allclose(k, expected, atol=1e-5)


def test_two_axes_are_one_after_the_other(complex_images):
    x = complex_images(3, 10, 7)
    np.testing.assert_allclose(fft2c(x, axes=(0, 2)), fft1c(fft1c(x, 0), 2), atol=1e-5)


def test_a_tensor_gives_what_an_array_gives_and_keeps_its_gradient(complex_images):
    torch = pytest.importorskip("torch")
    x = complex_images(2, 9, 8)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    for transform in (fft2c, ifft2c, fft1c, ifft1c):
        np.testing.assert_allclose(transform(tensor).detach().numpy(), transform(x), atol=1e-5)
    fft2c(tensor).abs().square().sum().backward()
    np.testing.assert_allclose(tensor.grad.numpy(), 2 * x, atol=1e-4)


def test_the_room_loads_without_torch_or_scipy():
    code = "import sys, napari_cmr.kspace; print({'torch', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
