"""View sharing: a line that a frame lacks comes from the nearest frame that took it."""

import numpy as np

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.kspace.partial_dft import LineTransform
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch


def nearest_frames(mask: np.ndarray) -> np.ndarray:
    """Frame that each frame takes each line from.

    The nearest in the heart cycle, which wraps around; of two that are equally near the earlier.

    Parameters
    ----------
    mask : ndarray of bool, shape (T, N)

    Returns
    -------
    ndarray of intp, shape (T, N)
        Any frame for lines that no frame took.
    """
    n_frames = len(mask)
    back = np.subtract.outer(np.arange(n_frames), np.arange(n_frames)) % n_frames  # (t, source)
    distance = np.where(back <= n_frames / 2, back, n_frames - back + 0.5)
    return np.stack([np.where(mask.T, away, np.inf).argmin(axis=1) for away in distance])


def share_views(one: MeasuredSlice, _settings: SolverSettings, _watch: Watch) -> np.ndarray:
    """Images from own lines and those of the nearest frames; a single coil keeps its own lines."""
    mask, transform = one.mask, one.encoding.transform
    taken = mask.any(axis=0)
    source = nearest_frames(mask)[:, taken]
    row = (mask.cumsum(axis=1) - 1)[:, taken]
    place = np.take_along_axis(row, source, axis=0)
    shared = one.lines[source, :, place].swapaxes(1, 2)  # (T, C, lines, read-out)
    every = LineTransform(np.broadcast_to(taken, mask.shape), axis=transform.axis)
    image: np.ndarray = one.encoding.combine(every.adjoint(shared))
    return image


SOLVERS = (
    Solver(
        "view-sharing",
        "View sharing",
        "Markl and Hennig, Magnetic Resonance Imaging 19, 2001",
        share_views,
        departs=("a missing line comes whole from the nearest frame, nothing is interpolated",),
    ),
)
