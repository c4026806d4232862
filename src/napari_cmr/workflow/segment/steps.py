"""Segment a stack in steps, for work that the user may want to stop."""

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.analysis.pieces import mend_stack
from napari_cmr.kspace import Measured
from napari_cmr.scan import Notice, joined
from napari_cmr.workflow.segment.chain import Way, segment_by
from napari_cmr.workflow.segment.doubts import NOTHING_SEGMENTED

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation


def segment_stepwise(
    measured: Measured,
    model: Way,
    *,
    location: "HeartLocation",
) -> Generator[None, None, tuple[np.ndarray, tuple[Notice, ...]]]:
    """Segment slice by slice, mend a whole stack; to be called with ``yield from``.

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
    labels = np.zeros(measured.shape, np.uint8)
    warnings: list[Notice] = []
    for place, z in enumerate(measured.slices):
        if place:
            yield
        found = segment_by(measured.select((z,)), model, location=location)
        labels[:, place] = found.labels[:, 0]
        warnings += found.warnings
    if measured.is_complete:
        mended = mend_stack(labels)
        labels, warnings = mended.labels, [*warnings, *mended.notices]
    if measured.is_complete and not labels.any():
        warnings.append(NOTHING_SEGMENTED)
    return labels, joined(warnings)
