"""K-space of smooth images of several coils."""

import numpy as np

from helpers.scan_files import coil_images, forward

SHAPE = (6, 3, 24, 32)


def make_kspace(n_coils: int = 4, shape: tuple[int, int, int, int] = SHAPE) -> np.ndarray:
    """K-space (T, Z, C, Y, X) of smooth images, its energy in the middle."""
    y, x = np.indices(shape[2:]) - np.array(shape[2:])[:, None, None] / 2
    disc = np.exp(-(y**2 + x**2) / 30)
    coils = coil_images((*shape[:2], 1, 1), n_coils)
    return forward(coils * disc).astype(np.complex64)


def magnitude(kspace: np.ndarray) -> np.ndarray:
    shifted = np.fft.ifftshift(kspace, axes=(-2, -1))
    images = np.fft.fftshift(np.fft.ifft2(shifted, norm="ortho"), axes=(-2, -1))
    return np.sqrt((np.abs(images) ** 2).sum(axis=2))
