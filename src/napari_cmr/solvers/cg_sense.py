"""CG-SENSE: the least-squares image of each frame, by conjugate gradients."""

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.encoding import conjugate_gradients
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch


class CGSenseSettings(SolverSettings):
    """Settings of CG-SENSE."""

    iterations: int = Field(default=20, ge=1, le=200, description="conjugate gradient steps")
    damping: float = Field(
        default=0.01, gt=0, le=1, description="weight of the image's energy beside the data's"
    )


def cg_sense(one: MeasuredSlice, settings: CGSenseSettings, watch: Watch) -> np.ndarray:
    """Minimum of ``|A x - y|^2 + damping |x|^2``."""
    done = 0

    def normal(x: np.ndarray) -> np.ndarray:
        nonlocal done
        watch(done / (settings.iterations + 1))
        done += 1
        return one.encoding.normal(x) + np.float32(settings.damping) * x

    right = one.zero_filled()
    image: np.ndarray = conjugate_gradients(
        normal, right, np.zeros_like(right), iterations=settings.iterations
    )
    return image


SOLVERS = (
    Solver(
        "cg-sense",
        "CG-SENSE",
        "Pruessmann et al., Magnetic Resonance in Medicine 46, 2001",
        cg_sense,
        CGSenseSettings,
        departs=(
            "damped; of a single coil it is the zero-filled image but for the factor "
            "1 / (1 + damping)",
        ),
    ),
)
