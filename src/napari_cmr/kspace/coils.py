"""Receive coils: sensitivities simulated, and estimated from measured lines."""

import numpy as np

from napari_cmr.kspace.fourier import fft2c, ifft2c

CALIBRATION_LINES = 24
"""Central lines that sensitivities are estimated from, at most; they are smooth."""
FEWEST_CALIBRATION_LINES = 6
"""Lines around the centre without a gap, in all frames together, that an estimate needs."""
_BLOCK = 5
"""Side in pixels of the neighbourhood whose signal tells the sensitivities at its middle."""
_POWER_ITERATIONS = 12


def coil_sensitivities(
    n_coils: int,
    shape: tuple[int, int],
    *,
    distance: float = 1.8,
    radius: float = 0.7,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Simulate smooth sensitivities of loops spaced evenly around the field of view.

    Each loop is seen as a current loop facing the centre. Its magnitude falls off as that on the
    axis of a circular loop by the law of Biot and Savart, ``(1 + (d / radius)^2)^(-3/2)`` with
    ``d`` the distance from the loop; its phase is the angle under which the loop is seen, as the
    transverse field turns around it.

    Parameters
    ----------
    n_coils : int
    shape : (Y, X)
    distance, radius : float
        Distance of the loops from the centre, and their radius, in half fields of view. The loops
        lie outside the image, corners included: the distance exceeds the square root of 2.
    rng : numpy Generator, optional
        Moves and turns the loops a little; without it they are regular.

    Returns
    -------
    ndarray, shape (n_coils, Y, X), complex64
        Normalised so that the sum of the squared magnitudes over the coils is 1 everywhere.

    Raises
    ------
    ValueError
        If there is no coil, or a coil would lie in the image.
    """
    if n_coils < 1:
        raise ValueError(f"{n_coils} receive coils, at least one is needed")
    if distance <= np.sqrt(2):
        raise ValueError(f"coils at {distance} half fields of view lie in the corners of the image")
    angle = 2 * np.pi * np.arange(n_coils) / n_coils
    turn = np.zeros(n_coils)
    if rng is not None:
        angle = angle + rng.uniform(-0.2, 0.2, n_coils) * 2 * np.pi / n_coils
        turn = rng.uniform(0, 2 * np.pi, n_coils)
    y, x = np.meshgrid(*((np.arange(n) - n // 2) / (n / 2) for n in shape), indexing="ij")
    dy = y - distance * np.sin(angle)[:, None, None]
    dx = x - distance * np.cos(angle)[:, None, None]
    magnitude = (1 + (dy**2 + dx**2) / radius**2) ** -1.5
    # The angle relative to the loop's axis stays within half a turn over the image: no wraps.
    seen = np.angle((dx + 1j * dy) * np.exp(-1j * (angle + np.pi))[:, None, None])
    maps = magnitude * np.exp(1j * (seen + turn[:, None, None]))
    maps /= np.sqrt((np.abs(maps) ** 2).sum(axis=0))
    return maps.astype(np.complex64)


def estimate_sensitivities(average: np.ndarray, reference: int | None = None) -> np.ndarray:
    """Estimate sensitivities from coil images of the central lines.

    The adaptive combination of Walsh et al. (Magnetic Resonance in Medicine 43:682-690, 2000): at
    every pixel the sensitivities are the dominant eigenvector of the coils' signal covariance in a
    small neighbourhood, here of images of the central lines alone, as sensitivities are smooth.
    Their phase is that against the combination of coils with the most signal, so that the
    reconstructed image keeps the phase of the object.

    Parameters
    ----------
    average : ndarray, shape (C, Y, X), complex
        Coil images, zero-filled from the lines of all frames pooled.
    reference : int, optional
        Coil that the phase is taken against instead, for coils that are sorted by their signal.

    Returns
    -------
    ndarray, shape (C, Y, X), complex64
        With ``sum |S|^2 = 1``.
    """
    from scipy.ndimage import uniform_filter  # late: most scans have one coil

    low = _low_pass(average)
    products = low[:, None] * low.conj()[None]  # (C, C, Y, X)
    size = (1, 1, _BLOCK, _BLOCK)
    covariance = np.empty_like(products)
    covariance.real = uniform_filter(products.real, size, mode="nearest")
    covariance.imag = uniform_filter(products.imag, size, mode="nearest")
    total = np.einsum("cdyx->cd", products)
    strongest = np.linalg.eigh(total)[1][:, -1]
    maps = np.broadcast_to(strongest[:, None, None], low.shape).astype(np.complex64)
    for _ in range(_POWER_ITERATIONS):
        maps = np.einsum("cdyx,dyx->cyx", covariance, maps)
        maps /= np.sqrt((np.abs(maps) ** 2).sum(axis=0)) + 1e-20
    seen = (
        maps[reference] if reference is not None else np.einsum("c,cyx->yx", strongest.conj(), maps)
    )
    maps = maps * np.exp(-1j * np.angle(seen))
    # Where there is no signal at all there is no direction either: any unit vector will do.
    length = np.sqrt((np.abs(maps) ** 2).sum(axis=0))
    maps = np.where(length > 0.5, maps, strongest[:, None, None])
    found: np.ndarray = maps / np.sqrt((np.abs(maps) ** 2).sum(axis=0))
    return found.astype(np.complex64)


def has_calibration_lines(mask: np.ndarray) -> bool:
    """Whether enough central lines were measured to estimate sensitivities from.

    Parameters
    ----------
    mask : ndarray of bool, shape (T, N)
    """
    taken = np.asarray(mask.any(axis=0))
    first = mask.shape[1] // 2 - FEWEST_CALIBRATION_LINES // 2
    return bool(taken[max(first, 0) : first + FEWEST_CALIBRATION_LINES].all())


def _low_pass(images: np.ndarray) -> np.ndarray:
    """Coil images of their central :data:`CALIBRATION_LINES`, with a Hann window both ways."""
    spectrum = fft2c(images)
    for along in (-2, -1):
        n = images.shape[along]
        width = min(CALIBRATION_LINES, n)
        window = np.zeros(n, np.float32)
        first = n // 2 - width // 2
        window[first : first + width] = np.hanning(width + 2)[1:-1]
        spectrum = spectrum * (window[:, None] if along == -2 else window[None, :])
    low: np.ndarray = ifft2c(spectrum).astype(np.complex64)
    return low
