"""What calibration needs of one acquisition: pixels in the cavity by log-odds and sharpening."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.cohort.subjects import LabelledCine
from napari_cmr.experiments.accuracy import clinical_parameters
from napari_cmr.experiments.certainty.temperature import tempered
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Label, Ventricle
from napari_cmr.workflow.segment.intervals import EfDoubt, ef_doubt

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.segmentation import Segmenter

VENTRICLES: tuple[Ventricle, ...] = ("LV", "RV")
#: Amounts of sharpening in time that are tried: with more of it the EF from few lines gains a
#: little still, but outlines lose.
SHARPENINGS = (0.0, 0.1, 0.2, 0.3)
#: Offsets of a cavity's log-probability that are tried.
OFFSETS = np.linspace(-0.6, 1.2, 37)
#: Log-odds of the cavity for which pixels are counted.
LEADS = np.linspace(-12.0, 12.0, 1201)
PIXELS_OF_A_SLICE = 500
#: Share of the odds that bounds of a cavity are drawn at. Near a half they are as far apart as the
#: border is soft, and calibration says how many times that an interval has to reach; how near
#: matters little: from 0.475 to 0.38 the median widths of intervals differ by about a point.
QUANTILE = 0.46


@dataclass(frozen=True, eq=False)
class Run:
    """What one acquisition of one subject tells, with one amount of sharpening.

    Attributes
    ----------
    subject : str
    n_lines : int or None
        Lines per frame.
    beat_lines : int
        Lines of all frames.
    reference_ef : dict of float
        Of each ventricle that has one, in percent.
    counts : dict of ndarray of int, shape (T, Z, len(LEADS))
        For each ventricle the pixels whose log-odds against the next likeliest label are larger
        than minus each of :data:`LEADS`.
    frames : tuple of 2 ints
        ED and ES of the reference.
    reference_pixels : tuple of 2 ints
        Pixels in the LV cavity there.
    pixels : ndarray, shape (N, 4)
        Log-probabilities of pixels drawn at the reference's ED and ES frames.
    truth : ndarray of int, shape (N,)
        Reference labels of these pixels.
    sharpening : float
    """

    subject: str
    n_lines: int | None
    beat_lines: int
    reference_ef: Mapping[Ventricle, float]
    counts: Mapping[Ventricle, np.ndarray]
    frames: tuple[int, int]
    reference_pixels: tuple[int, int]
    pixels: np.ndarray
    truth: np.ndarray
    sharpening: float = 0.0

    def at(self, temperature: float) -> "Run":
        """The run of a network whose logits are divided by a temperature."""
        nearest = np.abs(LEADS[:, None] - LEADS * temperature).argmin(axis=0)
        return replace(
            self,
            counts={name: counts[..., nearest] for name, counts in self.counts.items()},
            pixels=tempered(self.pixels, temperature),
        )

    def volumes(self, offset: float, name: Ventricle = "LV") -> np.ndarray:
        """Pixels in a cavity (T, Z) with an offset of its log-probability."""
        return np.asarray(self.counts[name][..., int(np.abs(LEADS - offset).argmin())])

    def ejection_fraction(self, offset: float, name: Ventricle = "LV") -> float:
        """Largest to smallest volume, in percent; NaN without a cavity."""
        volumes = self.volumes(offset, name).sum(axis=1)
        return float(100 * (1 - volumes.min() / volumes.max())) if volumes.max() else float("nan")

    def doubt(self, offset: float, name: Ventricle = "LV") -> EfDoubt | None:
        """Of the ejection fraction, by the bounds that :class:`.Segmenter` gives.

        That of the RV is between the frames of its likeliest labels, before its base is completed.
        """
        margin = float(np.log(1 / QUANTILE - 1))
        volumes = self.volumes(offset, name).sum(axis=1)
        pixels = np.stack(
            [self.volumes(offset - margin, name), self.volumes(offset + margin, name)], axis=-1
        )
        ed, es = int(volumes.argmax()), int(volumes.argmin())
        ef = self.ejection_fraction(offset, name)
        return ef_doubt(pixels, ed, es, ef, base_leaves_at_once=name == "LV")


def acquisition_runs(
    cine: LabelledCine, segmenter: "Segmenter", n_lines: int | None, settings: EvaluationSettings
) -> list[Run]:
    """Segment one acquisition and keep what calibration needs of it, for each sharpening."""
    import torch

    from napari_cmr.zoo.time_filter import sharpened

    scan = cine.scan
    acquisition = settings.acquisition(cine.name, n_lines)
    location = cine.locate(acquisition, str(segmenter.device))
    measured = cine.measured(acquisition)
    rng = np.random.default_rng(acquisition.seed)
    shape = (len(SHARPENINGS), scan.n_frames, scan.n_slices, len(LEADS))
    counts = {name: np.zeros(shape, dtype=np.int32) for name in VENTRICLES}
    pixels: list[list[np.ndarray]] = [[] for _ in SHARPENINGS]
    truth = []
    for z in range(scan.n_slices):
        values, rows, columns = segmenter.probabilities(measured, z, location)
        logits = values.clamp(min=1e-9).log()
        wanted = [reference[z, rows, columns].ravel() for reference in cine.reference]
        chosen = []
        for frame, labels in zip(cine.frames, wanted, strict=True):
            heart = np.flatnonzero((labels > 0) | (logits[frame].argmax(0).numpy().ravel() > 0))
            some = rng.choice(heart, min(PIXELS_OF_A_SLICE, len(heart)), replace=False)
            chosen.append(some)
            truth.append(labels[some].astype(np.int64))
        for index, amount in enumerate(SHARPENINGS):
            log = torch.log_softmax(sharpened(logits, amount), 1).numpy()
            for name, own in counts.items():
                own[index, :, z] = _pixels_by_lead(log, Label[name])
            pixels[index] += [
                log[frame].reshape(len(log[frame]), -1).T[some]
                for frame, some in zip(cine.frames, chosen, strict=True)
            ]
    known = clinical_parameters(cine.reference, scan.geometry)
    efs = {"LV": known["EF"], "RV": known["RV EF"]}
    reference_ef = {name: ef for name in VENTRICLES if (ef := efs[name]) is not None}
    ed, es = ((one == int(Label.LV)).sum() for one in cine.reference)
    return [
        Run(
            subject=cine.name,
            n_lines=n_lines,
            beat_lines=int(measured.mask.n_lines.sum()),
            reference_ef=reference_ef,
            counts={name: own[index] for name, own in counts.items()},
            frames=(int(cine.frames[0]), int(cine.frames[1])),
            reference_pixels=(int(ed), int(es)),
            pixels=np.concatenate(pixels[index]),
            truth=np.concatenate(truth),
            sharpening=amount,
        )
        for index, amount in enumerate(SHARPENINGS)
    ]


def _pixels_by_lead(log: np.ndarray, label: Label) -> np.ndarray:
    """Pixels (T, len(LEADS)) that a label gets with each offset, of logs (T, 4, ...)."""
    others = np.delete(log, int(label), axis=1).max(axis=1)
    behind = np.sort((others - log[:, int(label)]).reshape(len(log), -1), axis=1)
    return np.stack([np.searchsorted(row, LEADS, side="left") for row in behind])


def least_widening(run: Run, offset: float, name: Ventricle = "LV") -> float:
    """Widening of the narrowest interval that holds the reference EF; infinite if none does."""
    doubt = run.doubt(offset, name)
    if doubt is None:
        return float("inf")
    return doubt.widening(run.ejection_fraction(offset, name), run.reference_ef[name])
