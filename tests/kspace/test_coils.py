import numpy as np
import pytest

from napari_cmr.kspace.coils import CoilOperator, coil_sensitivities


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


@pytest.mark.parametrize("axis", [-2, -1])
def test_adjoint_and_normal(complex_images, axis):
    x = complex_images(3, 12, 15)
    mask = np.random.default_rng(0).random((3, x.shape[axis])) < 0.4
    operator = CoilOperator(coil_sensitivities(4, (12, 15)), mask, axis=axis)
    lines = operator.forward(x)
    assert lines.shape[:2] == (3, 4)
    k = complex_images(*lines.shape, seed=2)
    assert np.vdot(k, lines) == pytest.approx(np.vdot(operator.adjoint(k), x), rel=1e-4)
    np.testing.assert_allclose(operator.normal(x), operator.adjoint(lines), atol=1e-5)


def test_all_lines_of_all_coils_give_the_image_back(complex_images):
    x = complex_images(2, 12, 15)
    operator = CoilOperator(coil_sensitivities(4, (12, 15)), np.ones((2, 12), bool))
    np.testing.assert_allclose(operator.normal(x), x, atol=1e-5)


def test_sensitivities_of_another_size_are_refused():
    with pytest.raises(ValueError, match="for a mask of 12"):
        CoilOperator(coil_sensitivities(2, (11, 15)), np.ones((2, 12), bool))
    with pytest.raises(ValueError, match="at least one"):
        coil_sensitivities(0, (11, 15))
    with pytest.raises(ValueError, match="corners"):
        coil_sensitivities(2, (11, 15), distance=1.2)
