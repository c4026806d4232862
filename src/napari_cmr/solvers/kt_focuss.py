"""k-t FOCUSS: frames as changes of their average that are sparse in temporal frequency."""

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import conjugate_gradients
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch
from napari_cmr.solvers.sparsity import from_frequencies, to_frequencies


class KTFocussSettings(SolverSettings):
    """Settings of k-t FOCUSS."""

    rounds: int = Field(default=3, ge=1, le=20, description="times that the weights are renewed")
    iterations: int = Field(
        default=20, ge=1, le=200, description="conjugate gradient steps in each round"
    )
    power: float = Field(
        default=0.5, gt=0, le=1, description="power of the last estimate that weighs the next"
    )
    damping: float = Field(
        default=1e-3, gt=0, le=1, description="weight of the changes' energy beside the data's"
    )


def kt_focuss(one: MeasuredSlice, settings: KTFocussSettings, watch: Watch) -> np.ndarray:
    """Jung et al. 2009, eq. 13 to 17: ``x = average + F^-1 W q`` with the smallest ``|q|``."""
    encoding = one.encoding
    average = np.broadcast_to(one.temporal_average, (len(one.mask), *one.temporal_average.shape))
    right = encoding.adjoint(one.lines - encoding.forward(average))
    changes = to_frequencies(right)
    total, done = settings.rounds * (settings.iterations + 1), 0
    for _ in range(settings.rounds):
        weights = np.abs(changes) ** np.float32(settings.power)
        weights /= weights.max(initial=0) or 1

        def normal(q: np.ndarray, weights: np.ndarray = weights) -> np.ndarray:
            nonlocal done
            watch(done / total)
            done += 1
            image = encoding.normal(from_frequencies(weights * q))
            return weights * to_frequencies(image) + np.float32(settings.damping) * q

        q = conjugate_gradients(
            normal,
            weights * to_frequencies(right),
            np.zeros_like(right),
            iterations=settings.iterations,
        )
        changes = weights * q
    return average + from_frequencies(changes)


SOLVERS = (
    Solver(
        "kt-focuss",
        "k-t FOCUSS",
        "Jung et al., Magnetic Resonance in Medicine 61, 2009",
        kt_focuss,
        KTFocussSettings,
        frozenset({"series"}),
        departs=("the baseline is the temporal average, without motion compensation",),
    ),
)
