"""Thermal noise of the receiver: complex, white and Gaussian in k-space; what it refers to."""

from weakref import WeakKeyDictionary

import numpy as np

from napari_cmr.scan import Scan

_BRIGHTNESS_VOXELS = 1_000_000
_brightness: WeakKeyDictionary[Scan, float] = WeakKeyDictionary()


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


def brightness(scan: Scan) -> float:
    """99th percentile of the magnitude of a scan, which noise levels refer to.

    Taken over every k-th voxel of large scans, about a million in all, and remembered.
    """
    if scan not in _brightness:
        step = max(1, scan.image.size // _BRIGHTNESS_VOXELS)
        _brightness[scan] = float(np.percentile(np.abs(scan.image.reshape(-1)[::step]), 99))
    return _brightness[scan]
