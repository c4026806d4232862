import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from napari_cmr.motion.registration import (
    exponential,
    jacobian_determinant,
    register,
    resize,
    resize_field,
    spline_coefficients,
    warp,
    warp_spline,
)


@pytest.fixture
def stack() -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=(3, 40, 36))
    return gaussian_filter(noise, (0, 2, 2)).astype(np.float32)


def smooth_field(shape, size, seed=1) -> np.ndarray:
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(2, *shape)), (0, 0, 6, 6))
    return (field * size / np.abs(field).max()).astype(np.float32)


def test_no_displacement_changes_nothing(stack):
    still = np.zeros((2, *stack.shape), np.float32)
    np.testing.assert_allclose(warp(stack, still), stack, atol=1e-6)
    np.testing.assert_allclose(warp_spline(spline_coefficients(stack), still), stack, atol=1e-6)


def test_a_shift_by_whole_pixels_is_exact_and_the_border_repeats(stack):
    shift = np.zeros((2, *stack.shape), np.float32)
    shift[0], shift[1] = 3, -2
    expected = stack[:, np.minimum(np.arange(40) + 3, 39)][:, :, np.maximum(np.arange(36) - 2, 0)]
    np.testing.assert_allclose(warp(stack, shift), expected, atol=1e-6)


def test_warp_agrees_with_scipy_on_every_channel(stack):
    field = smooth_field(stack.shape, 5.0)
    channels = np.stack([stack, stack**2])
    warped = warp(channels, field)
    y, x = np.mgrid[:40, :36]
    for c in range(2):
        for z in range(3):
            places = (y + field[0, z], x + field[1, z])
            expected = map_coordinates(channels[c, z], places, order=1, mode="nearest")
            np.testing.assert_allclose(warped[c, z], expected, atol=1e-5)


def test_backward_flow_undoes_forward_flow(stack):
    velocity = smooth_field(stack.shape, 6.0)
    forwards, backwards = exponential(velocity), exponential(-velocity)
    there_and_back = forwards + warp(backwards, forwards)
    inner = np.s_[:, :, 8:-8, 8:-8]
    assert np.abs(there_and_back[inner]).max() < 0.05
    assert jacobian_determinant(forwards).min() > 0


def test_two_halves_of_a_flow_make_the_whole(stack):
    velocity = smooth_field(stack.shape, 6.0)
    half = exponential(velocity / 2)
    np.testing.assert_allclose(
        (half + warp(half, half))[:, :, 8:-8, 8:-8],
        exponential(velocity)[:, :, 8:-8, 8:-8],
        atol=0.03,
    )


def test_no_velocity_is_no_motion():
    assert not exponential(np.zeros((2, 1, 8, 8))).any()


def test_determinant_is_the_change_of_area():
    y, x = np.mgrid[:10, :10].astype(float)
    field = np.stack([0.5 * y, -0.2 * x])[:, None]
    np.testing.assert_allclose(jacobian_determinant(field), 1.5 * 0.8)


def test_registration_recovers_a_known_motion(stack):
    velocity = smooth_field(stack.shape, 4.0)
    moved = warp(stack, exponential(velocity))
    scale = 10 / np.ptp(stack)
    found = register(stack[None] * scale, moved[None] * scale)
    inner = np.s_[:, 8:-8, 8:-8]
    before = np.abs(stack - moved)[inner].mean()
    after = np.abs(warp(stack, exponential(found)) - moved)[inner].mean()
    back = np.abs(warp(moved, exponential(-found)) - stack)[inner].mean()
    assert after < 0.25 * before
    assert back < 0.25 * before


def test_a_slice_without_weight_stays_at_rest(stack):
    moved = np.roll(stack, 2, axis=1)
    found = register(stack[None], moved[None], weights=np.array([[1.0, 0.0, 1.0]]))
    assert np.abs(found[:, 0]).max() > 0.5
    assert not found[:, 1].any()


def test_resizing_keeps_linear_ramps_and_scales_fields():
    ramp = np.broadcast_to((np.arange(30) + 0.5) / 30, (1, 20, 30))
    small = resize(ramp, (10, 15))
    np.testing.assert_allclose(small[0, 0, 1:-1], ((np.arange(15) + 0.5) / 15)[1:-1], rtol=1e-5)
    field = np.ones((2, 1, 20, 30), np.float32)
    np.testing.assert_allclose(resize_field(field, (10, 15)), 0.5)
