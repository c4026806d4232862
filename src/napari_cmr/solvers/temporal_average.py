"""The average over the heart cycle, each frame with its own lines put back."""

import numpy as np

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch


def average_with_own_lines(
    one: MeasuredSlice, _settings: SolverSettings, _watch: Watch
) -> np.ndarray:
    """Temporal average made consistent with the lines of each frame."""
    average = np.broadcast_to(one.temporal_average, (len(one.mask), *one.temporal_average.shape))
    image: np.ndarray = one.encoding.dc(average, one.lines)
    return image


SOLVERS = (
    Solver(
        "average",
        "Temporal average with own lines",
        "Schlemper et al., IEEE Transactions on Medical Imaging 37, 2018, Fig. 3",
        average_with_own_lines,
    ),
)
