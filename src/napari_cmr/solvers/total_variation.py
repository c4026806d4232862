"""Total variation: images that change little from pixel to pixel, and from frame to frame."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch

Penalties = Sequence[tuple[tuple[int, ...], float]]
"""Axes whose differences are taken together, and their weight."""


class SpatialTVSettings(SolverSettings):
    """Settings of total variation in the plane."""

    iterations: int = Field(default=120, ge=1, le=1000, description="primal-dual steps")
    space: float = Field(default=0.01, ge=0, le=1, description="weight of changes in the plane")


class TVSettings(SpatialTVSettings):
    """Settings of total variation in the plane and in time."""

    space: float = Field(default=0.001, ge=0, le=1, description="weight of changes in the plane")
    time: float = Field(default=0.01, ge=0, le=1, description="weight of changes in time")


def gradient(image: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Forward differences of ``(T, Y, X)`` along some axes, wrapping around."""
    return np.stack([np.roll(image, -1, axis) - image for axis in axes])


def divergence(field: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Minus the adjoint of :func:`gradient`."""
    total: np.ndarray = sum(
        part - np.roll(part, 1, axis) for part, axis in zip(field, axes, strict=True)
    )
    return total


def spatial_tv(one: MeasuredSlice, settings: SpatialTVSettings, watch: Watch) -> np.ndarray:
    """Minimum of ``|A x - y|^2 / 2 + space TV(x)`` of each frame alone."""
    penalties = [((-2, -1), settings.space)]
    return _primal_dual(one, one.zero_filled(), penalties, settings.iterations, watch)


def tv(one: MeasuredSlice, settings: TVSettings, watch: Watch) -> np.ndarray:
    """Minimum of ``|A x - y|^2 / 2 + space TV(x) + time |dx/dt|_1``."""
    penalties = [((-2, -1), settings.space), ((0,), settings.time)]
    average = np.broadcast_to(one.temporal_average, (len(one.mask), *one.temporal_average.shape))
    start = one.encoding.dc(average, one.lines)
    return _primal_dual(one, start, penalties, settings.iterations, watch)


def _primal_dual(
    one: MeasuredSlice,
    start: np.ndarray,
    penalties: Penalties,
    iterations: int,
    watch: Watch,
) -> np.ndarray:
    """Minimise by the primal-dual splitting of Condat, J. Optim. Theory Appl. 158, 2013.

    The data term enters by its gradient, so that several coils need no inner solver. The dual step
    is one over the squared norm of the differences, 4 for each axis; the primal step follows from
    eq. 21 there, with 1 for the norm of the encoding.
    """
    duals = [np.zeros((len(axes), *start.shape), np.complex64) for axes, _ in penalties]
    dual_step = np.float32(1 / (4 * sum(len(axes) for axes, _ in penalties)))
    step = np.float32(1 / (0.5 + 1))
    x = start
    for i in range(iterations):
        watch(i / iterations)
        pull = sum(divergence(dual, axes) for dual, (axes, _) in zip(duals, penalties, strict=True))
        before = x
        x = x + step * (one.encoding.dc(x, one.lines) - x + pull)
        ahead = 2 * x - before
        for k, (axes, weight) in enumerate(penalties):
            dual = duals[k] + dual_step * gradient(ahead, axes)
            length = np.sqrt((dual.real**2 + dual.imag**2).sum(axis=0))
            duals[k] = dual * (weight / np.maximum(length, max(weight, 1e-30)))
    return x


SOLVERS = (
    Solver(
        "tv-2d",
        "Total variation, frame by frame",
        "Block et al., Magnetic Resonance in Medicine 57, 2007",
        spatial_tv,
        SpatialTVSettings,
        departs=("Cartesian lines, and a primal-dual solver",),
    ),
    Solver(
        "tv-2dt",
        "Total variation in space and time",
        "Feng et al., Magnetic Resonance in Medicine 70, 2013",
        tv,
        TVSettings,
        frozenset({"series"}),
        departs=("Cartesian lines, a spatial term beside the temporal one, a primal-dual solver",),
    ),
)
