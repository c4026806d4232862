"""L+S: a background of low rank in time plus changes with few temporal frequencies."""

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch
from napari_cmr.solvers.sparsity import from_frequencies, shrink, to_frequencies

_UNTHREADED_PRODUCT = 25_000
"""Multiplications of a product that BLAS keeps on one thread: where cores are busy, its threads
wait for each other, which took five times as long as one thread alone."""


class LowRankSparseSettings(SolverSettings):
    """Settings of L+S."""

    iterations: int = Field(default=50, ge=1, le=500, description="steps")
    low_rank: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="soft threshold on singular values, as a share of the largest",
    )
    sparse: float = Field(
        default=0.01, ge=0, le=1, description="soft threshold on temporal frequencies"
    )


def low_rank(image: np.ndarray, threshold: float) -> np.ndarray:
    """Soft threshold the singular values of ``(T, Y, X)`` seen as a matrix of T rows.

    By the eigenvectors of the T x T Gram matrix.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X), complex64
    threshold : float
        As a share of the largest singular value.
    """
    n_frames = len(image)
    matrix = image.reshape(n_frames, -1)
    width = max(1, _UNTHREADED_PRODUCT // n_frames**2)
    padded = np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % width)))
    blocks = padded.reshape(n_frames, -1, width).swapaxes(0, 1)  # (blocks, T, pixels)
    gram = (blocks @ blocks.conj().swapaxes(-1, -2)).sum(axis=0)
    power, vectors = np.linalg.eigh(gram.astype(np.complex128))
    values = np.sqrt(np.maximum(power, 0))
    kept = np.maximum(values - threshold * values[-1], 0) / np.maximum(values, 1e-30)
    smoother = ((vectors * kept) @ vectors.conj().T).astype(np.complex64)
    smooth = (smoother @ blocks).swapaxes(0, 1).reshape(n_frames, -1)
    return smooth[:, : matrix.shape[1]].reshape(image.shape)


def separate(
    one: MeasuredSlice, settings: LowRankSparseSettings, watch: Watch
) -> tuple[np.ndarray, np.ndarray]:
    """Background and changes, each ``(T, Y, X)``: Otazo et al. 2015, algorithm 1."""
    image = one.zero_filled()
    background, changes = image, np.zeros_like(image)
    for i in range(settings.iterations):
        watch(i / settings.iterations)
        last, background = background, low_rank(image - changes, settings.low_rank)
        changes = from_frequencies(shrink(to_frequencies(image - last), settings.sparse))
        image = one.encoding.dc(background + changes, one.lines)
    return background, changes


def low_rank_sparse(
    one: MeasuredSlice, settings: LowRankSparseSettings, watch: Watch
) -> np.ndarray:
    """Sum of background and changes."""
    background, changes = separate(one, settings, watch)
    return background + changes


SOLVERS = (
    Solver(
        "low-rank-sparse",
        "L+S",
        "Otazo et al., Magnetic Resonance in Medicine 73, 2015",
        low_rank_sparse,
        LowRankSparseSettings,
        frozenset({"series", "incoherence"}),
    ),
)
