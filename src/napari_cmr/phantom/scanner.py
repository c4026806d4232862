"""What the scanner does to the signal: resolution, coil shading, noise."""

import numpy as np

from napari_cmr.phantom.parameters import Protocol


def band_window(n: int, kept: int) -> np.ndarray:
    """Weight of each of ``n`` spatial frequencies (zero first) when ``kept`` were measured.

    Flat up to 70 % of the band, then a cosine roll-off, as scanners filter against ringing.
    """
    distance = np.abs(np.fft.fftfreq(n, 1.0 / n)) / (kept / 2.0)
    roll_off = 0.5 * (1.0 + np.cos(np.pi * (distance - 0.7) / 0.45))
    window = np.where(distance <= 0.7, 1.0, roll_off) * (distance <= 1.0)
    return window.astype(np.float32)


def point_spread_matrix(window: np.ndarray) -> np.ndarray:
    """Matrix (N, N) that applies a :func:`band_window` along one axis of an image."""
    n = window.size
    response = np.fft.ifft(window).real
    return response[(np.arange(n)[:, None] - np.arange(n)[None]) % n].astype(np.float32)


def blur(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Apply one matrix along the rows and one along the columns of complex images."""
    real = rows @ image.real @ columns
    return np.asarray(real + 1j * (rows @ image.imag @ columns), dtype=np.complex64)


def coil_shading(x_mm: np.ndarray, y_mm: np.ndarray) -> np.ndarray:
    """Sensitivity of a chest array and a spine array together, 1 at the heart."""
    front = 1.0 / (1.0 + (((x_mm + 130.0) / 100.0) ** 2 + ((y_mm + 10.0) / 170.0) ** 2))
    back = 1.0 / (1.0 + (((x_mm - 175.0) / 95.0) ** 2 + ((y_mm - 20.0) / 170.0) ** 2))
    # Scanners even out most of the coils' fall-off, but never all of it.
    shading = np.sqrt(front**2 + (0.9 * back) ** 2) ** 0.45
    heart = shading[np.hypot(x_mm, y_mm) < 30.0]
    return np.asarray(shading / float(heart.mean()), dtype=np.float32)


def add_noise(
    signal: np.ndarray, sigma: float, windows: tuple[np.ndarray, np.ndarray], seed: list[int]
) -> np.ndarray:
    """Magnitude of the signal with complex noise of the band that was measured.

    The noise is white and Gaussian in k-space, so the magnitude is Rician (Gudbjartsson and Patz,
    MRM 34, 1995).

    Parameters
    ----------
    signal : ndarray of complex64, shape (T, Y, X)
    sigma : float
        Standard deviation of the noise in each channel.
    windows : pair of ndarray
        :func:`band_window` along rows (Y,) and columns (X,).
    seed : list of int

    Returns
    -------
    ndarray of float32, shape (T, Y, X)
    """
    from scipy.fft import ifft2

    rng = np.random.default_rng(seed)
    window = windows[0][:, None] * windows[1]
    rows, columns = np.flatnonzero(windows[0]), np.flatnonzero(windows[1])
    gain = sigma / np.sqrt(float((window**2).mean()))
    drawn = rng.standard_normal((len(signal), rows.size, 2 * columns.size), dtype=np.float32)
    spectrum = np.zeros(signal.shape, np.complex64)
    measured = drawn.view(np.complex64) * (gain * window[np.ix_(rows, columns)])
    spectrum[:, rows[:, None], columns] = measured
    noise = ifft2(spectrum, norm="ortho", overwrite_x=True)
    return np.asarray(np.abs(noise + signal), dtype=np.float32)


def acquired_samples(protocol: Protocol) -> tuple[int, int]:
    """Samples measured along rows and columns."""
    scale = protocol.pixel_mm / protocol.acquired_pixel_mm
    return round(protocol.n_rows * scale), round(protocol.n_columns * scale)
