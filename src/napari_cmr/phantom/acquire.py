"""What the scanner does to the signal: resolution, coil shading, off-resonance, noise."""

import numpy as np

from napari_cmr.phantom.parameters import Protocol


def point_spread_matrix(n: int, kept: int) -> np.ndarray:
    """Matrix that keeps the ``kept`` lowest of ``n`` spatial frequencies, gently apodised.

    Multiplying an image by it along both axes is what zero-filling an acquisition of ``kept``
    samples to ``n`` pixels does.
    """
    k = np.fft.fftfreq(n, 1.0 / n)
    edge = kept / 2.0
    distance = np.abs(k) / edge
    window = np.where(
        distance <= 0.7, 1.0, 0.5 * (1.0 + np.cos(np.pi * (distance - 0.7) / 0.45))
    ) * (distance <= 1.0)
    response = np.fft.ifft(window).real
    shift = (np.arange(n)[:, None] - np.arange(n)[None]) % n
    return response[shift].astype(np.float32)


def coil_shading(x_mm: np.ndarray, y_mm: np.ndarray) -> np.ndarray:
    """Sensitivity of a chest array and a spine array together, 1 at the heart."""
    front = 1.0 / (1.0 + (((x_mm + 135.0) / 95.0) ** 2 + ((y_mm + 15.0) / 170.0) ** 2))
    back = 1.0 / (1.0 + (((x_mm - 165.0) / 95.0) ** 2 + ((y_mm - 20.0) / 170.0) ** 2))
    shading = np.sqrt(front**2 + (0.9 * back) ** 2)
    heart = shading[np.hypot(x_mm, y_mm) < 30.0]
    return (shading / float(heart.mean())).astype(np.float32)


def add_noise(
    signal: np.ndarray, sigma: float, spread: tuple[np.ndarray, np.ndarray], seed: int
) -> np.ndarray:
    """Magnitude of the signal with complex noise of the band that was acquired (Rician).

    Gudbjartsson and Patz, MRM 34 (1995).

    Parameters
    ----------
    signal : ndarray of float32, shape (T, Y, X)
        Signed signal.
    sigma : float
        Standard deviation of the noise in each channel.
    spread : pair of ndarray
        :func:`point_spread_matrix` along rows (Y, Y) and columns (X, X).
    seed : int
    """
    rng = np.random.default_rng(seed)
    rows, columns = spread
    # Band-limiting takes out part of the noise's power; put the wanted power in beforehand.
    gain = sigma / np.sqrt((rows**2).sum(axis=1).mean() * (columns**2).sum(axis=1).mean())
    real = rng.standard_normal(signal.shape, dtype=np.float32)
    imaginary = rng.standard_normal(signal.shape, dtype=np.float32)
    real = signal + gain * (rows @ real @ columns)
    imaginary = gain * (rows @ imaginary @ columns)
    return np.asarray(np.hypot(real, imaginary), dtype=np.float32)


def acquired_samples(protocol: Protocol) -> tuple[int, int]:
    """Samples measured along rows and columns."""
    scale = protocol.pixel_mm / protocol.acquired_pixel_mm
    return round(protocol.n_rows * scale), round(protocol.n_columns * scale)
