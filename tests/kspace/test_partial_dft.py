import numpy as np
import pytest

from napari_cmr.kspace.fourier import fft1c, fft2c, ifft2c
from napari_cmr.kspace.partial_dft import LineTransform, pack_lines

SHAPES = [(4, 31, 20), (3, 2, 16, 17), (1, 9, 8), (2, 1, 5), (3, 2, 2)]


def random_mask(shape, axis, fraction, seed=1):
    return np.random.default_rng(seed).random((shape[0], shape[axis])) < fraction


def beside(mask, image, axis):
    line = (-1, 1) if axis == -2 else (1, -1)
    return np.stack([frame.reshape(*[1] * (image.ndim - 3), *line) for frame in mask])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("method", ["matmul", "fft"])
def test_zero_filling_is_that_of_the_centred_2d_form(complex_images, shape, axis, fraction, method):
    x = complex_images(*shape)
    mask = random_mask(shape, axis, fraction)
    transform = LineTransform(mask, axis=axis, method=method)
    expected = ifft2c(fft2c(x) * beside(mask, x, axis))
    np.testing.assert_allclose(transform.zero_filled(x), expected, atol=1e-5)
    np.testing.assert_allclose(transform.adjoint(transform.forward(x)), expected, atol=1e-5)


@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("method", ["matmul", "fft"])
def test_lines_are_the_rows_of_the_centred_transform(complex_images, axis, method):
    x = complex_images(3, 14, 11)
    mask = random_mask(x.shape, axis, 0.4)
    transform = LineTransform(mask, axis=axis, method=method)
    lines = transform.forward(x)
    k = fft1c(x, axis)
    k = k if axis == -2 else k.swapaxes(-1, -2)
    for frame, index in enumerate(transform.index):
        used = index >= 0
        np.testing.assert_allclose(lines[frame, used], k[frame, index[used]], atol=1e-5)
        assert not lines[frame, ~used].any()


@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("method", ["matmul", "fft"])
def test_adjoint(complex_images, axis, method):
    x = complex_images(3, 2, 12, 15)
    transform = LineTransform(random_mask(x.shape, axis, 0.4), axis=axis, method=method)
    lines = transform.forward(x)
    k = complex_images(*lines.shape, seed=5)
    assert np.vdot(k, lines) == pytest.approx(np.vdot(transform.adjoint(k), x), rel=1e-4)


def test_far_lines_of_a_long_axis_stay_exact(complex_images):
    x = complex_images(1, 1024, 3)
    mask = np.zeros((1, 1024), bool)
    mask[0, [0, 1, 1023]] = True
    error = LineTransform(mask, method="matmul").forward(x) - fft1c(x, -2)[:, mask[0]]
    assert np.abs(error).max() < 1e-5


@pytest.mark.parametrize(("n_lines", "method"), [(9, "matmul"), (10, "fft"), (100, "fft")])
def test_few_lines_take_the_product_and_many_the_fft(n_lines, method):
    mask = np.zeros((2, 208), bool)
    mask[:, :n_lines] = True
    assert LineTransform(mask).method == method


@pytest.mark.parametrize("axis", [-2, -1])
def test_tensors_give_what_arrays_give(complex_images, axis):
    torch = pytest.importorskip("torch")
    x = complex_images(3, 2, 12, 9)
    transform = LineTransform(random_mask(x.shape, axis, 0.4), axis=axis)
    zero_filled = transform.zero_filled(torch.from_numpy(x.copy()))
    np.testing.assert_allclose(zero_filled.numpy(), transform.zero_filled(x), atol=1e-5)
    lines = transform.forward(torch.from_numpy(x.copy()).to(torch.complex128))
    np.testing.assert_allclose(lines.numpy(), transform.forward(x), atol=1e-5)


def test_packed_lines_are_ascending_and_padded():
    mask = np.array([[0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)
    np.testing.assert_array_equal(pack_lines(mask), [[1, 3], [-1, -1], [0, -1]])


def test_a_mask_of_another_shape_is_refused(complex_images):
    with pytest.raises(ValueError, match="for a mask of"):
        LineTransform(np.ones((3, 8), bool)).forward(complex_images(3, 9, 8))
    with pytest.raises(ValueError, match="neither"):
        LineTransform(np.ones((3, 8), bool), axis=0)
