import numpy as np
import pytest

from napari_cmr.kspace.partial_dft import LineTransform
from napari_cmr.kspace.pooling import pool_lines


@pytest.fixture
def moving(complex_images):
    images = complex_images(6, 12, 9)
    mask = np.zeros((6, 12), bool)
    for frame in range(6):
        mask[frame, frame % 3 :: 3] = True
    return images, LineTransform(mask)


def test_a_still_object_comes_back_once_the_window_holds_every_line(moving):
    images, transform = moving
    still = np.repeat(images[:1], 6, axis=0)
    lines = transform.forward(still)
    np.testing.assert_allclose(pool_lines(lines, transform), images[0], atol=1e-5)
    np.testing.assert_allclose(pool_lines(lines, transform, 3), still, atol=1e-5)
    assert np.abs(pool_lines(lines, transform, 1) - still).max() > 0.1


def test_a_line_that_was_taken_twice_is_averaged(moving):
    images, transform = moving
    pooled = pool_lines(transform.forward(images), transform)
    whole = LineTransform(np.ones((6, 12), bool)).forward(images)
    means = [whole[transform.mask[:, k], k].mean(axis=0) for k in range(12)]
    back = LineTransform(np.ones((1, 12), bool)).forward(pooled[None])[0]
    np.testing.assert_allclose(back, means, atol=1e-5)


def test_axes_between_frames_and_planes_are_kept(moving):
    images, transform = moving
    both = np.stack([images, 2 * images], axis=1)
    pooled = pool_lines(transform.forward(both), transform, 3)
    assert pooled.shape == (6, 2, 12, 9)
    np.testing.assert_allclose(pooled[:, 1], 2 * pooled[:, 0], atol=1e-4)


@pytest.mark.parametrize("window", [0, 2, -1])
def test_a_window_without_a_centre_is_refused(moving, window):
    images, transform = moving
    with pytest.raises(ValueError, match="odd"):
        pool_lines(transform.forward(images), transform, window)
