"""Total variation: its gradient, and the image that scikit-image finds."""

import numpy as np
import pytest
from helpers.beating_discs import error, random_images
from skimage.restoration import denoise_tv_chambolle

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.solvers import find_solver
from napari_cmr.solvers.total_variation import divergence, gradient


def full(image):
    encoding = Encoding(np.ones(image.shape[:2], dtype=bool))
    return MeasuredSlice(0, encoding.forward(image), encoding)


@pytest.mark.parametrize("axes", [(-2, -1), (0,), (0, -2, -1)])
def test_the_divergence_is_minus_the_adjoint_of_the_gradient(axes):
    image, field = random_images(3, 5, 4), random_images(len(axes), 3, 5, 4)
    np.testing.assert_allclose(
        np.vdot(gradient(image, axes), field), -np.vdot(image, divergence(field, axes)), rtol=1e-4
    )


def test_spatial_tv_of_all_lines_is_that_of_scikit_image():
    rng = np.random.default_rng(0)
    image = np.zeros((1, 32, 32))
    image[:, 9:23, 8:20] = 1.0
    noisy = (image + rng.normal(0, 0.1, image.shape)).astype(np.complex64)
    one = full(noisy)
    unit = np.percentile(np.abs(one.temporal_average), 99)
    found = find_solver("tv-2d").run(one, {"space": 0.15 / unit, "iterations": 1000}).image.real
    # Theirs minimises |x - y|^2 / 2 + weight TV(x) too, but does not wrap around the edges.
    tiled = np.pad(noisy.real[0], 16, mode="wrap")
    theirs = denoise_tv_chambolle(tiled, weight=0.15, max_num_iter=2000, eps=1e-9)
    np.testing.assert_allclose(found[0], theirs[16:-16, 16:-16], atol=0.01)
    assert error(found, image) < 0.5 * error(noisy, image)
