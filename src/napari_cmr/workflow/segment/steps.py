"""Segment a stack in steps, for work that a person may want to stop."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Notice, Scan, joined
from napari_cmr.workflow.segment.cine import segment
from napari_cmr.workflow.segment.doubts import NOTHING_SEGMENTED

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation


def segment_stepwise(
    scan: Scan,
    acquisition: Acquisition,
    *,
    model: str,
    preset: str,
    device: str,
    location: "HeartLocation",
    slices: Sequence[int] | None = None,
) -> Generator[None, None, tuple[np.ndarray, tuple[Notice, ...]]]:
    """Segment slice by slice; to be called with ``yield from``.

    Parameters
    ----------
    slices : sequence of int, optional
        All by default.

    See Also
    --------
    napari_cmr.workflow.segment.cine.segment : for the other parameters and the errors.

    Yields
    ------
    None
        Between two slices.

    Returns
    -------
    labels : ndarray of uint8, shape (T, Z', Y, X)
    warnings : tuple of Notice
    """
    chosen = range(scan.n_slices) if slices is None else slices
    n_frames, _, *plane = scan.shape
    labels = np.zeros((n_frames, len(chosen), *plane), np.uint8)
    warnings: list[Notice] = []
    for place, z in enumerate(chosen):
        if place:
            yield
        found = segment(
            scan,
            acquisition,
            model=model,
            preset=preset,
            device=device,
            slices=(z,),
            location=location,
        )
        labels[:, place] = found.labels[:, 0]
        warnings += found.warnings
    if len(chosen) == scan.n_slices and not labels.any():
        warnings.append(NOTHING_SEGMENTED)
    return labels, joined(warnings)
