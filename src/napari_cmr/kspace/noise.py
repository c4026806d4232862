"""Thermal noise of the receiver: complex, white and Gaussian in k-space."""

import numpy as np


def complex_noise(shape: tuple[int, ...], sd: float, rng: np.random.Generator) -> np.ndarray:
    """Draw complex white Gaussian noise.

    Under an orthonormal transform the noise has the same standard deviation in k-space and in the
    image, whatever the matrix size.

    Parameters
    ----------
    shape : tuple of int
    sd : float
        Standard deviation of the complex number, ``sqrt(E|n|^2)``; the real and the imaginary part
        have ``sd / sqrt(2)`` each.
    rng : numpy Generator

    Returns
    -------
    ndarray, complex64
    """
    parts = rng.standard_normal((*shape, 2), dtype=np.float32)
    parts *= np.float32(sd / np.sqrt(2.0))
    return parts.view(np.complex64)[..., 0]
