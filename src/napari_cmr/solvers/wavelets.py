"""The periodic Daubechies wavelet transform of images, and sparse reconstruction with it."""

from functools import lru_cache

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch
from napari_cmr.solvers.sparsity import fista, from_frequencies, shrink, to_frequencies

DB4 = (
    0.2303778133088964,
    0.7148465705529154,
    0.6308807679298587,
    -0.0279837694168599,
    -0.1870348117190931,
    0.0308413818355607,
    0.0328830116668852,
    -0.0105974017850690,
)
"""Low-pass filter with four vanishing moments: Daubechies, Ten Lectures on Wavelets, table 6.1."""


class WaveletSettings(SolverSettings):
    """Settings of wavelet compressed sensing."""

    iterations: int = Field(default=40, ge=1, le=500, description="FISTA steps")
    threshold: float = Field(default=0.01, ge=0, le=1, description="soft threshold on wavelets")
    levels: int = Field(default=3, ge=1, le=5, description="scales, each twice the last")
    seed: int = Field(default=0, ge=0, description="draws the shifts")


@lru_cache(maxsize=16)
def _step(n: int) -> np.ndarray:
    """One level for an even length: ``n / 2`` rows of the low-pass, then of the high-pass."""
    low = np.array(DB4)
    high = low[::-1] * (-1) ** np.arange(len(low))
    matrix = np.zeros((n, n))
    for row in range(n // 2):
        for tap in range(len(low)):  # a filter longer than the axis wraps around onto itself
            matrix[row, (2 * row + tap) % n] += low[tap]
            matrix[n // 2 + row, (2 * row + tap) % n] += high[tap]
    return matrix.astype(np.float32)


def analyse(image: np.ndarray, levels: int) -> np.ndarray:
    """Orthonormal transform of ``(..., Y, X)``, both multiples of ``2**levels``.

    The coarsest approximation comes in the first corner, as Mallat arranged it.
    """
    result = np.array(image, dtype=np.complex64)
    height, width = image.shape[-2:]
    for level in range(levels):
        h, w = height >> level, width >> level
        result[..., :h, :w] = _step(h) @ result[..., :h, :w] @ _step(w).T
    return result


def synthesise(coefficients: np.ndarray, levels: int) -> np.ndarray:
    """Inverse of :func:`analyse`."""
    result = np.array(coefficients, dtype=np.complex64)
    height, width = coefficients.shape[-2:]
    for level in reversed(range(levels)):
        h, w = height >> level, width >> level
        result[..., :h, :w] = _step(h).T @ result[..., :h, :w] @ _step(w)
    return result


class _Shrinkage:
    """Soft threshold of the wavelets of images, shifted again each time (Coifman and Donoho 1995).

    Images are padded with zeros to a multiple of the coarsest scale; the coarsest approximation is
    not thresholded.
    """

    def __init__(self, shape: tuple[int, ...], settings: WaveletSettings) -> None:
        self.settings = settings
        self.rng = np.random.default_rng(settings.seed)
        block = 1 << settings.levels
        self.padded = tuple(-(-n // block) * block for n in shape[-2:])

    def __call__(self, image: np.ndarray) -> np.ndarray:
        levels, (height, width) = self.settings.levels, image.shape[-2:]
        padded = np.zeros((*image.shape[:-2], *self.padded), np.complex64)
        padded[..., :height, :width] = image
        shift = self.rng.integers(1 << levels, size=2)
        waves = analyse(np.roll(padded, shift, axis=(-2, -1)), levels)
        coarse_height, coarse_width = (n >> levels for n in self.padded)
        kept = shrink(waves, self.settings.threshold)
        kept[..., :coarse_height, :coarse_width] = waves[..., :coarse_height, :coarse_width]
        back = np.roll(synthesise(kept, levels), -shift, axis=(-2, -1))
        return back[..., :height, :width]


def spatial_wavelets(one: MeasuredSlice, settings: WaveletSettings, watch: Watch) -> np.ndarray:
    """Minimum of ``|A x - y|^2 / 2 + threshold |W x|_1`` of each frame alone."""
    start = one.zero_filled()
    prox = _Shrinkage(start.shape, settings)
    return fista(one, prox, start, iterations=settings.iterations, watch=watch)


def wavelets(one: MeasuredSlice, settings: WaveletSettings, watch: Watch) -> np.ndarray:
    """Minimum of ``|A x - y|^2 / 2 + threshold |W F (x - average)|_1``, F along time."""
    average = one.temporal_average
    start = np.repeat(average[None], len(one.mask), axis=0)
    shrinkage = _Shrinkage(start.shape, settings)

    def prox(image: np.ndarray) -> np.ndarray:
        return average + from_frequencies(shrinkage(to_frequencies(image - average)))

    return fista(one, prox, start, iterations=settings.iterations, watch=watch)


SOLVERS = (
    Solver(
        "wavelet-2d",
        "Wavelet sparsity, frame by frame",
        "Lustig et al., Magnetic Resonance in Medicine 58, 2007",
        spatial_wavelets,
        WaveletSettings,
        departs=("FISTA with random shifts rather than conjugate gradients",),
    ),
    Solver(
        "wavelet-2dt",
        "Wavelet and x-f sparsity (k-t SPARSE)",
        "Lustig et al., k-t SPARSE, Proceedings of the ISMRM 14, 2006",
        wavelets,
        WaveletSettings,
        frozenset({"series"}),
        departs=("sparse are the changes of the temporal average", "FISTA with random shifts"),
    ),
)
