import numpy as np
import pytest

from napari_cmr.kspace.coils import (
    coil_sensitivities,
    estimate_sensitivities,
    has_calibration_lines,
)


@pytest.mark.parametrize("n_coils", [1, 4, 9])
@pytest.mark.parametrize("seed", [None, 3])
def test_sensitivities_are_smooth_normalised_and_different(n_coils, seed):
    rng = None if seed is None else np.random.default_rng(seed)
    maps = coil_sensitivities(n_coils, (60, 51), rng=rng)
    assert maps.dtype == np.complex64
    np.testing.assert_allclose((np.abs(maps) ** 2).sum(axis=0), 1, atol=1e-5)
    assert max(np.abs(np.diff(maps, axis=axis)).max() for axis in (1, 2)) < 0.2
    brightest = {np.abs(coil).argmax() for coil in maps}
    assert len(brightest) == n_coils or n_coils == 1


def heart_like(shape=(64, 56)):
    """A bright disc in a darker body, with smooth phase; air around both."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    body = np.hypot((y - 32) / 28, (x - 28) / 22) < 1
    heart = np.hypot(y - 30, x - 26) < 9
    return ((0.4 * body + 0.6 * heart) * np.exp(0.04j * y - 0.03j * x)).astype(np.complex64), body


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_estimated_sensitivities_combine_the_coils_to_the_image(noise):
    image, body = heart_like()
    true = coil_sensitivities(6, image.shape, rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    coils = true * image + noise * (
        rng.standard_normal(true.shape) + 1j * rng.standard_normal(true.shape)
    )
    found = estimate_sensitivities(coils)
    np.testing.assert_allclose((np.abs(found) ** 2).sum(axis=0), 1, atol=1e-4)
    combined = (found.conj() * coils).sum(axis=0)
    apart = np.abs(np.abs(combined) - np.abs(image))[body]
    assert apart.mean() < 0.01 + noise
    # each coil is seen where it is: the maps agree but for a phase that they share
    agreement = np.abs((found.conj() * true).sum(axis=0))[body]
    assert agreement.min() > 0.95
    assert np.median(agreement) > 0.995


def test_the_image_keeps_its_phase_but_for_a_smooth_one():
    image, body = heart_like()
    true = coil_sensitivities(6, image.shape, rng=np.random.default_rng(1))
    combined = (estimate_sensitivities(true * image).conj() * true * image).sum(axis=0)
    turned = np.angle(combined * image.conj())
    inside = body[1:] & body[:-1]
    steps = np.abs(np.angle(np.exp(1j * np.diff(turned, axis=0))))[inside]
    assert np.percentile(steps, 99) < 0.2


def test_where_there_is_no_signal_the_maps_are_still_finite_and_normalised():
    coils = np.zeros((3, 32, 32), np.complex64)
    coils[:, 10:20, 10:20] = np.array([1, 1j, 0.5])[:, None, None]
    found = estimate_sensitivities(coils)
    assert np.isfinite(found).all()
    np.testing.assert_allclose((np.abs(found) ** 2).sum(axis=0), 1, atol=1e-4)


def test_too_few_or_too_near_coils_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        coil_sensitivities(0, (11, 15))
    with pytest.raises(ValueError, match="corners"):
        coil_sensitivities(2, (11, 15), distance=1.2)


def test_the_phase_can_be_taken_against_one_coil():
    image, body = heart_like()
    coils = coil_sensitivities(4, image.shape, rng=np.random.default_rng(1)) * image
    found = estimate_sensitivities(coils, reference=2)
    np.testing.assert_allclose(np.angle(found[2][body]), 0, atol=1e-4)
    agreement = np.abs((found.conj() * estimate_sensitivities(coils)).sum(axis=0))
    np.testing.assert_allclose(agreement, 1, atol=1e-4)  # the same but for phases


def test_central_lines_of_all_frames_together_are_what_an_estimate_needs():
    mask = np.zeros((3, 40), bool)
    mask[0, 17:20] = mask[2, 20:23] = True
    assert has_calibration_lines(mask)
    mask[2, 21] = False
    assert not has_calibration_lines(mask)
    assert not has_calibration_lines(mask[:, :4])
