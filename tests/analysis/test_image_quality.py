import numpy as np
import pytest
from helpers.beating_discs import disc_image
from skimage.metrics import peak_signal_noise_ratio

from napari_cmr.analysis.image_quality import error_map, image_quality, moving_pixels


def noisy(image, sd=0.05):
    rng = np.random.default_rng(0)
    return image + sd * (rng.normal(size=image.shape) + 1j * rng.normal(size=image.shape))


def test_psnr_is_that_of_scikit_image():
    true = disc_image()
    other = noisy(true)
    found = image_quality(other, true)
    expected = peak_signal_noise_ratio(np.abs(true), np.abs(other), data_range=np.abs(true).max())
    assert found.psnr == pytest.approx(expected, abs=1e-3)


def test_the_same_image_is_perfect():
    found = image_quality(disc_image(), disc_image())
    assert (found.psnr, found.psnr_moving, found.nrmse) == (np.inf, np.inf, 0)
    assert found.ssim == pytest.approx(1)


def test_an_error_of_a_tenth_of_the_peak_is_20_db():
    true = disc_image()
    found = image_quality(true + 0.1 * np.abs(true).max() * np.exp(1j * np.angle(true)), true)
    assert found.psnr == pytest.approx(20, abs=1e-3)


def test_the_still_average_is_worst_where_it_moves():
    true = disc_image()
    still = np.repeat(true.mean(axis=0, keepdims=True), len(true), axis=0)
    found = image_quality(still, true)
    assert found.psnr_moving < found.psnr - 5


def test_the_moving_pixels_are_a_tenth_and_lie_on_the_wall():
    true = np.abs(disc_image())
    moving = moving_pixels(true)
    assert moving.sum() == round(0.1 * moving.size)
    assert true.std(axis=0)[moving].min() >= true.std(axis=0)[~moving].max()


def test_a_wrong_phase_is_an_error_of_the_complex_image_only():
    found = image_quality(-disc_image(), disc_image())
    assert found.psnr == np.inf
    assert found.nrmse == pytest.approx(2)


def test_a_still_image_has_no_moving_pixels():
    assert np.isnan(image_quality(noisy(disc_image(1)), disc_image(1)).psnr_moving)


def test_other_shapes_and_black_references_are_refused():
    with pytest.raises(ValueError, match="beside a reference"):
        image_quality(disc_image(3), disc_image(4))
    with pytest.raises(ValueError, match="black"):
        image_quality(disc_image(), np.zeros_like(disc_image()))


def test_the_error_map_and_psnr_say_the_same():
    true = disc_image()
    other, peak = noisy(true), float(np.abs(true).max())
    share = error_map(other, true, peak)
    rms = float(np.sqrt(np.mean(share.astype(float) ** 2)))
    assert -20 * np.log10(rms) == pytest.approx(image_quality(other, true).psnr, abs=1e-3)


def test_the_error_map_knows_no_phase_no_unit_and_no_direction():
    true = disc_image()
    other, peak = noisy(true), float(np.abs(true).max())
    share = error_map(other, true, peak)
    assert not error_map(true * np.exp(1j), true, peak).max() > 1e-6
    np.testing.assert_allclose(error_map(7 * other, 7 * true, 7 * peak), share, atol=1e-5)
    np.testing.assert_array_equal(error_map(true, other, peak), share)


def test_the_error_map_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="beside a reference"):
        error_map(np.ones((2, 3)), np.ones((3, 2)), 1.0)
    with pytest.raises(ValueError, match="peak"):
        error_map(np.ones(3), np.ones(3), 0.0)
