"""Smooth random fields: tissue texture, warps and shading that no formula gives."""

from collections.abc import Sequence

import numpy as np


def smooth_noise(
    rng: np.random.Generator, shape: Sequence[int], sigma: float | Sequence[float]
) -> np.ndarray:
    """Gaussian noise smoothed with ``sigma`` pixels, to mean 0 and standard deviation 1.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : sequence of int
    sigma : float or sequence of float
        Standard deviation of the smoothing along every axis; 0 leaves an axis alone.

    Returns
    -------
    ndarray of float32
    """
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(rng.standard_normal(shape).astype(np.float32), sigma, mode="wrap")
    field -= field.mean()
    return np.asarray(field / max(float(field.std()), 1e-12), dtype=np.float32)
