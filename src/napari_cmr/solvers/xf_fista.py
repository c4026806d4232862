"""Compressed sensing in x-f space: changes of the average have few temporal frequencies."""

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch
from napari_cmr.solvers.sparsity import fista, from_frequencies, shrink, to_frequencies


class XFFistaSettings(SolverSettings):
    """Settings of x-f compressed sensing."""

    iterations: int = Field(default=40, ge=1, le=500, description="FISTA steps")
    threshold: float = Field(
        default=0.01, ge=0, le=1, description="soft threshold on temporal frequencies"
    )


def xf_fista(one: MeasuredSlice, settings: XFFistaSettings, watch: Watch) -> np.ndarray:
    """Minimum of ``|A x - y|^2 / 2 + threshold |F (x - average)|_1``, F along time."""
    average = one.temporal_average

    def prox(image: np.ndarray) -> np.ndarray:
        changes = shrink(to_frequencies(image - average), settings.threshold)
        return average + from_frequencies(changes)

    start = np.repeat(average[None], len(one.mask), axis=0)
    return fista(one, prox, start, iterations=settings.iterations, watch=watch)


SOLVERS = (
    Solver(
        "xf-fista",
        "x-f sparsity (FISTA)",
        "Lustig et al., Magnetic Resonance in Medicine 58, 2007",
        xf_fista,
        XFFistaSettings,
        frozenset({"series"}),
        departs=("sparse are the changes of the temporal average, and in x-f space",),
    ),
)
