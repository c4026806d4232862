"""Other scanners' pictures of the same slice: contrast, coil shading and sharpness."""

import numpy as np

#: Share of the slices that are blurred, and of those whose coils shade them strongly.
BLURRED, SHADED = 0.3, 0.25
#: Standard deviation of the blur in mm, at most.
MOST_BLUR_MM = 1.2


def vary_appearance(
    image: np.ndarray, spacing: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Redraw contrast, shading and sharpness of the frames of a slice.

    Parameters
    ----------
    image : ndarray of float32, shape (T, Y, X)
        Magnitude.
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (T, Y, X)
    """
    from scipy.ndimage import gaussian_filter

    gamma = np.float32(np.exp(rng.normal(0, 0.2)))
    shading = bias_field((image.shape[1], image.shape[2]), rng)
    varied = np.maximum(image, 0) ** gamma * shading
    if rng.random() < BLURRED:
        sigma_mm = rng.uniform(0.3, MOST_BLUR_MM)
        varied = gaussian_filter(varied, (0.0, sigma_mm / spacing[0], sigma_mm / spacing[1]))
    return np.asarray(varied, dtype=np.float32)


def bias_field(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Smooth coil shading, mostly between 0.7 and 1.4, in some slices between 0.4 and 2.5."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in shape), indexing="ij")
    strength = 0.35 if rng.random() < SHADED else 0.15
    a, b, c, d, e = rng.normal(0, strength, 5).astype(np.float32)
    field: np.ndarray = np.exp(a * y + b * x + c * x * y + d * y**2 + e * x**2)
    return field
