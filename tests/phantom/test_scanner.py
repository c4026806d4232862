import numpy as np
import pytest

from napari_cmr.phantom.scanner import add_noise, band_window, blur, point_spread_matrix


def test_point_spread_matrix_is_the_window_in_k_space():
    rng = np.random.default_rng(0)
    image = (rng.standard_normal((2, 24, 20)) + 1j).astype(np.complex64)
    rows, columns = band_window(24, 16), band_window(20, 14)
    expected = np.fft.ifft2(np.fft.fft2(image) * rows[:, None] * columns)
    found = blur(image, point_spread_matrix(rows), point_spread_matrix(columns))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_point_spread_keeps_the_mean():
    matrix = point_spread_matrix(band_window(30, 20))
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-5)


def test_noise_is_rician_and_stays_in_the_band():
    windows = band_window(64, 48), band_window(64, 48)
    empty = np.zeros((6, 64, 64), np.complex64)
    noise = add_noise(empty, 2.0, windows, [1])
    assert noise.mean() == pytest.approx(2.0 * np.sqrt(np.pi / 2), rel=0.03)
    bright = add_noise(empty + 100, 2.0, windows, [1])
    assert bright.std() == pytest.approx(2.0, rel=0.05)
    spectrum = np.abs(np.fft.fft2(bright - bright.mean())).mean(axis=0)
    outside = np.flatnonzero(windows[0] == 0)
    assert spectrum[np.ix_(outside, outside)].max() < 0.2 * spectrum[:10, :10].mean()


def test_noise_follows_its_seed():
    windows = band_window(16, 12), band_window(16, 12)
    flat = np.ones((1, 16, 16), np.complex64)
    np.testing.assert_array_equal(
        add_noise(flat, 0.1, windows, [3, 1]), add_noise(flat, 0.1, windows, [3, 1])
    )
    assert (add_noise(flat, 0.1, windows, [3, 2]) != add_noise(flat, 0.1, windows, [3, 1])).any()
