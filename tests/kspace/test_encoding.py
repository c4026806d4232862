import numpy as np
import pytest

from napari_cmr.kspace.coils import coil_sensitivities
from napari_cmr.kspace.encoding import Encoding, conjugate_gradients
from napari_cmr.kspace.fourier import fft1c


@pytest.fixture(params=[(-2, 1), (-1, 1), (-2, 4), (-1, 4)], ids=str)
def encoding(request):
    axis, n_coils = request.param
    mask = np.random.default_rng(0).random((3, (12, 15)[axis])) < 0.4
    maps = None if n_coils == 1 else coil_sensitivities(n_coils, (12, 15))
    return Encoding(mask, axis=axis, sensitivities=maps)


@pytest.fixture
def truth(complex_images):
    return complex_images(3, 12, 15)


@pytest.fixture
def guess(complex_images):
    return complex_images(3, 12, 15, seed=9)


def test_the_adjoint_is_the_adjoint(encoding, truth, complex_images):
    lines = encoding.forward(truth)
    assert lines.shape[:2] == (3, encoding.n_coils)
    other = complex_images(*lines.shape, seed=2)
    one, two = np.vdot(other, lines), np.vdot(encoding.adjoint(other), truth)
    assert one == pytest.approx(two, rel=1e-4)
    np.testing.assert_allclose(encoding.normal(truth), encoding.adjoint(lines), atol=1e-5)


@pytest.mark.parametrize("n_coils", [1, 4])
def test_all_lines_give_the_image_back(truth, n_coils):
    maps = None if n_coils == 1 else coil_sensitivities(n_coils, (12, 15))
    every = Encoding(np.ones((3, 12), bool), sensitivities=maps)
    np.testing.assert_allclose(every.normal(truth), truth, atol=1e-5)


def test_the_truth_is_consistent_whatever_the_trust(encoding, truth):
    lines = encoding.forward(truth)
    for trust in (0.0, 0.3, 1.0):
        np.testing.assert_allclose(encoding.dc(truth, lines, trust), truth, atol=1e-5)


def test_no_trust_leaves_the_image_alone(encoding, truth, guess):
    lines = encoding.forward(truth)
    np.testing.assert_allclose(encoding.dc(guess, lines, 0.0), guess, atol=1e-6)
    np.testing.assert_allclose(encoding.prox(guess, lines, 0.0), guess, atol=1e-6)


@pytest.mark.parametrize("axis", [-2, -1])
@pytest.mark.parametrize("trust", [0.25, 1.0])
def test_a_measured_line_of_one_coil_becomes_the_share_that_is_trusted(axis, trust, truth, guess):
    mask = np.random.default_rng(0).random((3, truth.shape[axis])) < 0.4
    encoding = Encoding(mask, axis=axis)
    result = encoding.dc(guess, encoding.forward(truth), trust)
    keep = mask[:, :, None] if axis == -2 else mask[:, None, :]
    mixed = trust * fft1c(truth, axis) + (1 - trust) * fft1c(guess, axis)
    np.testing.assert_allclose(
        fft1c(result, axis), np.where(keep, mixed, fft1c(guess, axis)), atol=1e-5
    )
    assert result.dtype == np.complex64
    again = encoding.dc(result, encoding.forward(truth), 1.0)
    np.testing.assert_allclose(encoding.dc(again, encoding.forward(truth)), again, atol=1e-5)


def test_coils_are_made_consistent_one_by_one_and_combined(truth, guess):
    maps = coil_sensitivities(4, (12, 15))
    mask = np.random.default_rng(1).random((3, 12)) < 0.5
    together = Encoding(mask, sensitivities=maps)
    alone = Encoding(mask)
    lines = together.forward(truth)
    expected = sum(
        coil.conj() * alone.dc(coil * guess, lines[:, [c]], 0.7) for c, coil in enumerate(maps)
    )
    np.testing.assert_allclose(together.dc(guess, lines, 0.7), expected, atol=1e-5)


@pytest.mark.parametrize("trust", [0.2, 0.8])
def test_the_proximal_step_solves_its_normal_equations(encoding, truth, guess, trust):
    lines = encoding.forward(truth)
    x = encoding.prox(guess, lines, trust)
    weight = trust / (1 - trust)
    left = weight * encoding.normal(x) + x
    np.testing.assert_allclose(left, weight * encoding.adjoint(lines) + guess, atol=1e-4)


def test_conjugate_gradients_solve_a_small_system():
    rng = np.random.default_rng(3)
    root = rng.standard_normal((6, 6)) + 1j * rng.standard_normal((6, 6))
    matrix = root @ root.conj().T + np.eye(6)
    right = rng.standard_normal(6) + 0j
    x = conjugate_gradients(lambda v: matrix @ v, right, np.zeros(6, complex), tolerance=1e-10)
    np.testing.assert_allclose(matrix @ x, right, atol=1e-6)


def test_tensors_give_what_arrays_give_and_the_trust_learns(encoding, truth, guess):
    torch = pytest.importorskip("torch")
    maps = encoding.sensitivities
    twin = Encoding(
        encoding.transform.mask,
        axis=encoding.transform.axis,
        sensitivities=None if maps is None else torch.from_numpy(maps),
    )
    x, z = torch.from_numpy(truth), torch.from_numpy(guess)
    lines = twin.forward(x)
    np.testing.assert_allclose(lines.numpy(), encoding.forward(truth), atol=1e-5)
    trust = torch.tensor(0.5, requires_grad=True)
    result = twin.dc(z, lines, trust)
    expected = encoding.dc(guess, encoding.forward(truth), 0.5)
    np.testing.assert_allclose(result.detach().numpy(), expected, atol=1e-5)
    (result - x).abs().square().sum().backward()
    assert trust.grad < 0  # the truth is nearer with more trust


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="for a mask of 12"):
        Encoding(np.ones((2, 12), bool), sensitivities=coil_sensitivities(2, (11, 15)))
    coils = Encoding(np.ones((1, 12), bool), sensitivities=coil_sensitivities(2, (12, 15)))
    image = np.ones((1, 12, 15), np.complex64)
    for trust in (-0.1, 1.0):
        with pytest.raises(ValueError, match="proximal"):
            coils.prox(image, coils.forward(image), trust)
