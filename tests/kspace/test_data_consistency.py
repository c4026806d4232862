import numpy as np
import pytest

from napari_cmr.kspace.coils import coil_sensitivities
from napari_cmr.kspace.data_consistency import data_consistency, multi_coil_data_consistency
from napari_cmr.kspace.fourier import fft1c
from napari_cmr.kspace.partial_dft import LineTransform


@pytest.fixture(params=[-2, -1])
def measured(request, complex_images):
    """Phase-encode axis, mask, true image, zero-filled image, and a guess."""
    axis = request.param
    truth = complex_images(3, 12, 15)
    mask = np.random.default_rng(0).random((3, truth.shape[axis])) < 0.4
    zero_filled = LineTransform(mask, axis=axis).zero_filled(truth)
    return axis, mask, truth, zero_filled, complex_images(3, 12, 15, seed=9)


def test_hard_consistency_keeps_measured_lines_and_the_guess_elsewhere(measured):
    axis, mask, truth, zero_filled, guess = measured
    result = data_consistency(guess, zero_filled, mask, axis=axis)
    keep = mask[:, :, None] if axis == -2 else mask[:, None, :]
    expected = np.where(keep, fft1c(truth, axis), fft1c(guess, axis))
    np.testing.assert_allclose(fft1c(result, axis), expected, atol=1e-5)
    assert result.dtype == np.complex64


def test_hard_consistency_is_idempotent_and_leaves_the_truth_alone(measured):
    axis, mask, truth, zero_filled, guess = measured
    once = data_consistency(guess, zero_filled, mask, axis=axis)
    twice = data_consistency(once, zero_filled, mask, axis=axis)
    np.testing.assert_allclose(twice, once, atol=1e-5)
    np.testing.assert_allclose(
        data_consistency(truth, zero_filled, mask, axis=axis), truth, atol=1e-5
    )


def test_weighted_consistency_averages(measured):
    axis, mask, truth, zero_filled, guess = measured
    result = data_consistency(guess, zero_filled, mask, axis=axis, weight=3.0)
    keep = mask[:, :, None] if axis == -2 else mask[:, None, :]
    mean = (fft1c(guess, axis) + 3 * fft1c(truth, axis)) / 4
    np.testing.assert_allclose(
        fft1c(result, axis), np.where(keep, mean, fft1c(guess, axis)), atol=1e-5
    )
    assert result.dtype == np.complex64
    none = data_consistency(guess, zero_filled, mask, axis=axis, weight=0.0)
    np.testing.assert_allclose(none, guess, atol=1e-6)


def test_coils_agree_on_the_truth_and_one_flat_coil_is_no_coil(measured):
    axis, mask, truth, zero_filled, guess = measured
    maps = coil_sensitivities(4, (12, 15))
    transform = LineTransform(mask, axis=axis)
    coil_zero_filled = np.stack([transform.zero_filled(coil * truth) for coil in maps])
    result = multi_coil_data_consistency(truth, coil_zero_filled, mask, maps, axis=axis)
    np.testing.assert_allclose(result, truth, atol=1e-5)
    flat = np.ones((1, 12, 15), np.complex64)
    np.testing.assert_allclose(
        multi_coil_data_consistency(guess, zero_filled[None], mask, flat, axis=axis, weight=2.0),
        data_consistency(guess, zero_filled, mask, axis=axis, weight=2.0),
        atol=1e-5,
    )


def test_tensors_give_what_arrays_give_and_the_weight_learns(measured):
    torch = pytest.importorskip("torch")
    axis, mask, _, zero_filled, guess = measured
    weight = torch.tensor(0.5, requires_grad=True)
    result = data_consistency(
        torch.from_numpy(guess.copy()),
        torch.from_numpy(zero_filled.copy()),
        mask,
        axis=axis,
        weight=weight,
    )
    expected = data_consistency(guess, zero_filled, mask, axis=axis, weight=0.5)
    np.testing.assert_allclose(result.detach().numpy(), expected, atol=1e-5)
    result.abs().square().sum().backward()
    assert weight.grad.abs() > 0
    maps = coil_sensitivities(3, (12, 15))
    coils = np.repeat(zero_filled[None], 3, axis=0)
    tensors = [torch.from_numpy(a.copy()) for a in (guess, coils, maps)]
    np.testing.assert_allclose(
        multi_coil_data_consistency(tensors[0], tensors[1], mask, tensors[2], axis=axis).numpy(),
        multi_coil_data_consistency(guess, coils, mask, maps, axis=axis),
        atol=1e-5,
    )
