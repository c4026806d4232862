"""How large the right ventricle is drawn from few lines, and the offset that makes it right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.cohort.subjects import LabelledCine
from napari_cmr.experiments.certainty.calibration_runs import OFFSETS
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Label

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.segmentation import Segmenter


@dataclass(frozen=True, eq=False)
class RvSize:
    """Pixels in the RV of one acquisition, at ED and ES of the reference together.

    Attributes
    ----------
    subject : str
    n_lines : int or None
        Lines per frame.
    labelled : ndarray of int, shape (len(OFFSETS),)
        With each offset of its log-probability.
    reference : int
    """

    subject: str
    n_lines: int | None
    labelled: np.ndarray
    reference: int


def rv_size(
    cine: LabelledCine, segmenter: "Segmenter", n_lines: int | None, settings: EvaluationSettings
) -> RvSize:
    """Label the reference's two frames of one acquisition with every offset that is tried."""
    acquisition = settings.acquisition(cine.name, n_lines)
    location = cine.locate(acquisition, str(segmenter.device))
    measured = cine.measured(acquisition)
    offsets = segmenter.offsets(measured)
    labelled = np.zeros(len(OFFSETS), np.int64)
    for z in range(cine.scan.n_slices):
        for frame in cine.frames:
            probabilities, _, _ = segmenter.probabilities(measured, z, location, frames=[frame])
            for index, offset in enumerate(OFFSETS):
                label = segmenter.decide(
                    probabilities, measured.geometry, {**offsets, "RV": float(offset)}
                )
                labelled[index] += int((label == int(Label.RV)).sum())
    reference = sum(int((one == int(Label.RV)).sum()) for one in cine.reference)
    return RvSize(cine.name, n_lines, labelled, reference)


def fit_rv_offsets(sizes: Sequence[RvSize]) -> dict[int | None, float]:
    """For each line count the offset with which the RV is as large as the reference on average.

    A heart without an RV in the reference does not count.
    """
    seen = [one for one in sizes if one.reference]
    found: dict[int | None, float] = {}
    for n in dict.fromkeys(one.n_lines for one in seen):
        parts = [one.labelled / one.reference for one in seen if one.n_lines == n]
        error = np.abs(np.mean(parts, axis=0) - 1)
        found[n] = float(OFFSETS[int(error.argmin())])
    return found
