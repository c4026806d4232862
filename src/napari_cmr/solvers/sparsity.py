"""Steps that sparse solvers share: temporal frequencies, soft thresholds, FISTA."""

from collections.abc import Callable

import numpy as np
from scipy import fft

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Watch


def to_frequencies(image: np.ndarray) -> np.ndarray:
    """Orthonormal transform of ``(T, Y, X)`` along time; a cine is one period."""
    result: np.ndarray = fft.fft(image, axis=0, norm="ortho")
    return result


def from_frequencies(spectrum: np.ndarray) -> np.ndarray:
    """Inverse of :func:`to_frequencies`."""
    result: np.ndarray = fft.ifft(spectrum, axis=0, norm="ortho")
    return result


def shrink(values: np.ndarray, threshold: float) -> np.ndarray:
    """Soft threshold: magnitudes less ``threshold``, at least 0; phases stay."""
    magnitude = np.abs(values)
    kept = np.maximum(magnitude - np.float32(threshold), 0)
    return values * (kept / np.maximum(magnitude, np.finfo(np.float32).tiny))


def fista(
    one: MeasuredSlice,
    prox: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    *,
    iterations: int,
    watch: Watch,
) -> np.ndarray:
    """Minimum of ``|A x - y|^2 / 2`` and a penalty, by accelerated proximal gradients.

    Beck and Teboulle, SIAM Journal on Imaging Sciences 2, 2009. The step is 1, as the encoding
    has norm 1; a gradient step of that length is data consistency.

    Parameters
    ----------
    one : MeasuredSlice
    prox : callable
        Proximal map of the penalty, ``(T, Y, X)`` to the same.
    start : ndarray, shape (T, Y, X), complex64
    iterations : int
    watch : callable

    Returns
    -------
    ndarray, shape (T, Y, X), complex64
    """
    x = ahead = start
    momentum = 1.0
    for i in range(iterations):
        watch(i / iterations)
        before, x = x, prox(one.encoding.dc(ahead, one.lines))
        last, momentum = momentum, (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = x + np.float32((last - 1) / momentum) * (x - before)
    return x
