"""Total variation: images that change little from pixel to pixel, and from frame to frame."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import conjugate_gradients
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch

_REACH = 0.08
"""How far an image may move in one step, in its unit: what makes the steps long or short."""
_INNER_ITERATIONS = 4
"""Of conjugate gradients, which start from the last image; more change nothing that is seen."""

Penalties = Sequence[tuple[tuple[int, ...], float]]
"""Axes whose differences are taken together, and their weight."""


class SpatialTVSettings(SolverSettings):
    """Settings of total variation in the plane."""

    iterations: int = Field(default=100, ge=1, le=1000, description="primal-dual steps")
    space: float = Field(default=0.01, ge=0, le=1, description="weight of changes in the plane")


class TVSettings(SpatialTVSettings):
    """Settings of total variation in the plane and in time."""

    space: float = Field(default=0.001, ge=0, le=1, description="weight of changes in the plane")
    time: float = Field(default=0.005, ge=0, le=1, description="weight of changes in time")


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
    """Minimise by Chambolle and Pock, Journal of Mathematical Imaging and Vision 40, 2011, alg. 1.

    The product of the steps is one over the squared norm of the differences, which is 4 for each
    axis. What the penalties pull in one iteration is the primal step times their weight, so that
    small weights take long steps.
    """
    duals = [np.zeros((len(axes), *start.shape), np.complex64) for axes, _ in penalties]
    step = _REACH / max(1e-6, *(weight for _, weight in penalties))
    dual_step = np.float32(1 / (step * 4 * sum(len(axes) for axes, _ in penalties)))
    filled = one.zero_filled()
    x = start
    for i in range(iterations):
        watch(i / iterations)
        pull = sum(divergence(dual, axes) for dual, (axes, _) in zip(duals, penalties, strict=True))
        before, x = x, _fitted(one, x + np.float32(step) * pull, step, x, filled)
        ahead = 2 * x - before
        for k, (axes, weight) in enumerate(penalties):
            dual = duals[k] + dual_step * gradient(ahead, axes)
            length = np.sqrt((dual.real**2 + dual.imag**2).sum(axis=0))
            duals[k] = dual * (weight / np.maximum(length, max(weight, 1e-30)))
    return x


def _fitted(
    one: MeasuredSlice, image: np.ndarray, step: float, last: np.ndarray, filled: np.ndarray
) -> np.ndarray:
    """Proximal step of the data: in closed form for one coil, by a few steps for several."""
    if one.encoding.n_coils == 1:
        fitted: np.ndarray = one.encoding.prox(image, one.lines, step / (1 + step))
        return fitted
    weight = np.float32(step)
    solved: np.ndarray = conjugate_gradients(
        lambda x: weight * one.encoding.normal(x) + x,
        weight * filled + image,
        last,
        iterations=_INNER_ITERATIONS,
    )
    return solved


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
