"""What repeated acquisitions of a scan have in common: distributions, ranges and distances."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.contours import LABELS
from napari_cmr.analysis.reader_variability import LV_EF_READERS, mean_difference_percent
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, Notice, texts_and_details

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

#: Percentiles between which 90 % of the repetitions lie.
RANGE_90 = (5.0, 95.0)


@dataclass(frozen=True, eq=False)
class Repetition:
    """What one acquisition gave.

    Attributes
    ----------
    seed : int
        Of its acquisition.
    function : CardiacFunction
    mean_contour, hausdorff : ndarray of float32, shape (T, Z, 3)
        Distances in mm of the contours of LV, MYO and RV to those of the mean shape, in each
        slice; NaN where one of both lacks the label.
    """

    seed: int
    function: CardiacFunction
    mean_contour: np.ndarray
    hausdorff: np.ndarray

    def volumes_ml(self, label: Label) -> np.ndarray:
        """Volume curve of a ventricle, shape (T,)."""
        return (self.function.lv if label == Label.LV else self.function.rv).volumes_ml

    def ef_percent(self, label: Label) -> float:
        """Ejection fraction of a ventricle; NaN where it is not defined."""
        ef = (self.function.lv if label == Label.LV else self.function.rv).ef_percent
        return float("nan") if ef is None else ef


@dataclass(frozen=True)
class Spread:
    """Distribution of one number over the repetitions.

    Attributes
    ----------
    n : int
        Repetitions in which it is defined.
    median, low, high : float
        Median, 5th and 95th percentile: 90 % of the repetitions lie between the last two.
    mean : float
    sd : float or None
        With n - 1; None for one repetition.
    mean_difference_percent : float or None
        Between two repetitions, see
        :func:`~napari_cmr.analysis.reader_variability.mean_difference_percent`.
    """

    n: int
    median: float
    low: float
    high: float
    mean: float
    sd: float | None
    mean_difference_percent: float | None

    @classmethod
    def of(cls, values: np.ndarray) -> "Spread | None":
        """Spread of values, of which NaN is left out; None if nothing is left."""
        known = values[np.isfinite(values)]
        if not known.size:
            return None
        median, low, high = np.percentile(known, (50.0, *RANGE_90))
        return cls(
            n=int(known.size),
            median=float(median),
            low=float(low),
            high=float(high),
            mean=float(known.mean()),
            sd=float(known.std(ddof=1)) if known.size > 1 else None,
            mean_difference_percent=mean_difference_percent(known),
        )


@dataclass(frozen=True, eq=False)
class Consistency:
    """The repetitions so far, and what they have in common.

    Attributes
    ----------
    acquisition : Acquisition
        Of the first repetition; the others differ in their seed.
    model, preset : str
    wanted : int
        Number of repetitions that were asked for.
    repetitions : tuple of Repetition
    shape : tuple of int
        ``(T, Z, Y, X)`` of the scan.
    rows, columns : slice
        Part of the plane that ``mean`` and ``disagreement`` cover; elsewhere both are zero.
    mean : ndarray of uint8, shape (T, Z, rows, columns)
        Mean shape, see :class:`~napari_cmr.analysis.shapes.ShapeSum`.
    disagreement : ndarray of uint8, shape (T, Z, rows, columns)
        Percent of the repetitions that disagree with the most frequent label of each pixel: the
        band in which contours wander.
    is_settled : bool
        Whether all distances are to the final mean shape. Before, each is to the mean of the
        repetitions up to its own.
    location : HeartLocation
    warnings : tuple of Notice
    """

    acquisition: Acquisition
    model: str
    preset: str
    wanted: int
    repetitions: tuple[Repetition, ...]
    shape: tuple[int, int, int, int]
    rows: slice
    columns: slice
    mean: np.ndarray
    disagreement: np.ndarray
    is_settled: bool
    location: "HeartLocation"
    warnings: tuple[Notice, ...]

    @property
    def n(self) -> int:
        """Number of repetitions so far."""
        return len(self.repetitions)

    def ef_percent(self, label: Label) -> np.ndarray:
        """Ejection fraction of LV or RV in each repetition; NaN where it is not defined."""
        return np.array([one.ef_percent(label) for one in self.repetitions])

    def volumes_ml(self, label: Label) -> np.ndarray:
        """Volume curves of LV or RV, shape (N, T); NaN where the ventricle is missing."""
        return np.stack([one.volumes_ml(label) for one in self.repetitions])

    def volume_range(self, label: Label) -> np.ndarray:
        """5th percentile, median and 95th percentile of the volume in each frame, shape (3, T)."""
        curves = self.volumes_ml(label)
        found = np.full((3, curves.shape[1]), np.nan)
        known = np.isfinite(curves).any(axis=0)
        low, high = RANGE_90
        # Where nothing is missing the plain percentile is far quicker.
        percentile = np.percentile if np.isfinite(curves).all() else np.nanpercentile
        found[:, known] = percentile(curves[:, known], (low, 50.0, high), axis=0)
        return found

    @cached_property
    def mean_contour(self) -> np.ndarray:
        """Mean distance over the repetitions, mm, shape (T, Z, 3) for LV, MYO and RV."""
        return _mean_known([one.mean_contour for one in self.repetitions])

    @cached_property
    def hausdorff(self) -> np.ndarray:
        """Mean Hausdorff distance over the repetitions, mm, shape (T, Z, 3)."""
        return _mean_known([one.hausdorff for one in self.repetitions])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; frames and slices count from 0, unknown numbers are None."""
        record: dict[str, Any] = {
            "model": self.model,
            "preset": self.preset,
            "acquisition": self.acquisition.model_dump(mode="json"),
            "repeats": self.n,
            "seeds": [one.seed for one in self.repetitions],
        }
        for label in (Label.LV, Label.RV):
            efs, curves = self.ef_percent(label), self.volume_range(label)
            spread = Spread.of(efs)
            record[label.name.lower()] = {
                "ef_percent": [_known(ef) for ef in efs],
                "ef": None if spread is None else vars(spread),
                "volumes_ml": {
                    name: [_known(volume) for volume in curve]
                    for name, curve in zip(("low", "median", "high"), curves, strict=True)
                },
            }
        for name in ("mean_contour", "hausdorff"):
            values = getattr(self, name)
            record[f"{name}_mm"] = {
                label.name: {
                    "mean": _known(_mean_known(values[..., i].ravel())),
                    "frames_by_slices": [[_known(one) for one in row] for row in values[..., i]],
                }
                for i, label in enumerate(LABELS)
            }
        return record | {
            "distances_are_final": self.is_settled,
            "readers": vars(LV_EF_READERS),
            "heart_confidence": self.location.confidence,
            **texts_and_details(self.warnings),
        }


def _mean_known(values: Iterable[Any]) -> Any:
    """Mean over the first axis of what is not NaN; NaN where nothing is known."""
    stacked = np.stack(list(values)).astype(float)
    known = np.isfinite(stacked)
    n = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _known(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
