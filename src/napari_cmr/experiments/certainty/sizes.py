"""How large cavities are drawn from few lines, and the offset that makes them right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.cohort.subjects import LabelledCine
from napari_cmr.experiments.certainty.calibration_runs import OFFSETS, Run
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Label

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.segmentation import Segmenter


@dataclass(frozen=True, eq=False)
class CavitySize:
    """Pixels in a cavity of one acquisition, at ED and ES of the reference together.

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
) -> CavitySize:
    """Of the RV, in the reference's two frames as they are labelled, its base completed."""
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
    return CavitySize(cine.name, n_lines, labelled, reference)


def lv_size(run: Run) -> CavitySize:
    """Of the LV of a run, which nothing completes."""
    frames = list(run.frames)
    labelled = np.array([run.volumes(offset)[frames].sum() for offset in OFFSETS])
    return CavitySize(run.subject, run.n_lines, labelled, sum(run.reference_pixels))


def right_offsets(sizes: Sequence[CavitySize]) -> dict[int | None, float]:
    """For each line count the offset with which it is as large as the reference on average.

    A heart without the cavity in the reference does not count. Of equals, the nearest to none.
    """
    seen = [one for one in sizes if one.reference]
    found: dict[int | None, float] = {}
    for n in dict.fromkeys(one.n_lines for one in seen):
        parts = [one.labelled / one.reference for one in seen if one.n_lines == n]
        error = np.abs(np.mean(parts, axis=0) - 1)
        found[n] = float(OFFSETS[np.lexsort((np.abs(OFFSETS), error))[0]])
    return found
