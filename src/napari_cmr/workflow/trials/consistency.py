"""How far labels and numbers wander when a scan is acquired again with other random lines.

Memory stays small however many repetitions there are. Mean shapes and the frequency of each label
at each pixel are running sums over the part of the plane that the network sees; of a repetition's
label maps only a compressed copy is kept (about a fiftieth of their size), from which its
distances to the final mean shape are measured once that is known.
"""

import zlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.analysis import CardiacFunction, cardiac_function
from napari_cmr.analysis.contours import LABELS, label_distances
from napari_cmr.analysis.interpretation import AS_LABELLED, Reading
from napari_cmr.analysis.reader_variability import LV_EF_READERS, mean_difference_percent
from napari_cmr.analysis.shapes import ShapeSum
from napari_cmr.kspace import Acquisition, line_mask, undersample
from napari_cmr.scan import Code, Label, Notice, Scan, ScanError, joined, texts_and_details
from napari_cmr.workflow.segment.cine import DEFAULT_MODEL, locate_heart
from napari_cmr.workflow.segment.steps import segment_stepwise
from napari_cmr.zoo import ModelCard, ModelChoice, find_weights, read_card

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

DEFAULT_REPEATS, MAX_REPEATS = 20, 100
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


def n_steps(scan: Scan, repeats: int) -> int:
    """How many times :func:`repeat_acquisition` yields."""
    return repeats * (scan.n_slices + 1)


def repeat_acquisition(
    scan: Scan,
    acquisition: Acquisition,
    model: ModelChoice | None = None,
    *,
    repeats: int = DEFAULT_REPEATS,
    location: "HeartLocation | None" = None,
    reading: Reading = AS_LABELLED,
) -> Generator[Consistency | None, None, None]:
    """Acquire and segment a scan again and again, each time with the next seed.

    New lines, new synthetic phase and new noise; of a fully sampled scan only phase and noise.
    Lines that were edited by hand are left out, as they belong to the lines of one seed. The heart
    is located once, on the lines of the first repetition, so that what wanders is the labels, not
    the field of view (:mod:`napari_cmr.experiments.consistency` locates it anew each time).

    Parameters
    ----------
    scan : Scan
    acquisition : Acquisition
        Of the first repetition; the seed counts up from it.
    model : ModelChoice, optional
    repeats : int
        1 to 100.
    location : HeartLocation, optional
        Where the heart is, if it is known.
    reading : Reading
        How a person reads the labels: ED and ES, slices that count, papillary muscles.

    Yields
    ------
    Consistency or None
        All repetitions so far, whenever one is whole; None in between, after each slice, so that
        whoever waits can stop. Then None for each repetition whose distances are measured anew to
        the final mean shape, and the settled result last.

    Raises
    ------
    ScanError
        If the acquisition does not fit the scan, or the model cannot be run.
    """
    scan.check_volumes()
    if not 1 <= repeats <= MAX_REPEATS:
        raise ScanError(
            f"{repeats} repetitions were asked for", remedy=f"ask for 1 to {MAX_REPEATS}"
        )
    base = acquisition.model_copy(update={"toggled": frozenset()})
    first = undersample(scan, base)
    model = model or ModelChoice(name=DEFAULT_MODEL)
    where = location or locate_heart(first, device=model.device)
    card = read_card(find_weights(model.name, model.preset))
    rows, columns = _field_of_view(scan, where, card)
    spacing = scan.spacing[1], scan.spacing[2]
    shape = (*scan.shape[:2], rows.stop - rows.start, columns.stop - columns.start)
    shapes = ShapeSum(shape, spacing, repeats)
    counts = np.zeros((len(LABELS), *shape), np.uint8)  # up to MAX_REPEATS
    packed: list[bytes] = []
    warnings: tuple[Notice, ...] = ()
    if acquisition.toggled:
        text = "Lines edited by hand are left out: every repetition draws its own."
        warnings = (Notice(Code.EDITED_LINES_LEFT_OUT, text, "lines"),)
    result: Consistency | None = None
    for number in range(repeats):
        one = base.model_copy(update={"seed": base.seed + number})
        measured = undersample(scan, one) if number else first
        whole, said = yield from segment_stepwise(measured, model, location=where)
        warnings = joined(warnings, said)
        labels = np.ascontiguousarray(whole[:, :, rows, columns])
        shapes.add(labels)
        for place, label in enumerate(LABELS):
            counts[place] += labels == label
        packed.append(zlib.compress(labels.data, level=1))
        mean = shapes.mean()
        function = cardiac_function(
            labels,
            scan.geometry,
            cycle_ms=scan.cycle_ms,
            subject=scan.subject,
            marked_ed=scan.ed_frame,
            marked_es=scan.es_frame,
            reading=reading,
        )
        before = () if result is None else result.repetitions
        result = Consistency(
            acquisition=acquisition,
            model=model.name,
            preset=model.preset,
            wanted=repeats,
            repetitions=(*before, Repetition(one.seed, function, *_apart(labels, mean, spacing))),
            shape=scan.shape,
            rows=rows,
            columns=columns,
            mean=mean,
            disagreement=_disagreement(counts, number + 1),
            is_settled=False,
            location=where,
            warnings=warnings,
        )
        yield result
    assert result is not None
    settled: list[Repetition] = []
    for one_before, content in zip(result.repetitions, packed, strict=True):
        if settled:
            yield None
        labels = np.frombuffer(zlib.decompress(content), np.uint8).reshape(shape)
        distances = _apart(labels, result.mean, spacing)
        settled.append(Repetition(one_before.seed, one_before.function, *distances))
    if not result.mean.any():
        text = "Most repetitions found no heart at all."
        warnings = joined(warnings, (Notice(Code.NOTHING_SEGMENTED, text, "heart"),))
    yield replace(result, repetitions=tuple(settled), is_settled=True, warnings=warnings)


def consistency_of(
    scan: Scan, acquisition: Acquisition, model: ModelChoice | None = None, **options: Any
) -> Consistency:
    """Return the settled result of :func:`repeat_acquisition`, whose options these are."""
    *_, last = repeat_acquisition(scan, acquisition, model, **options)
    assert last is not None
    return last


def consistency_record(scan: Scan, result: Consistency) -> dict[str, Any]:
    """Put a result and what it was made from into one JSON-ready dictionary."""
    mask = line_mask(
        result.acquisition.model_copy(update={"toggled": frozenset()}),
        scan.n_frames,
        scan.n_phase_encodes,
    )
    return {
        "scan": scan.name,
        "synthetic": scan.synthetic,
        "n_lines": int(mask.n_lines[0]),
        "n_phase_encodes": scan.n_phase_encodes,
        "acceleration": mask.acceleration,
        **result.to_dict(),
        "use": "research only",
    }


def _field_of_view(scan: Scan, location: "HeartLocation", card: ModelCard) -> tuple[slice, slice]:
    """Rows and columns that a model can label around a heart: no others need to be kept."""
    half = card.size * card.spacing_mm / 2
    parts = []
    for middle, step, length in zip(location[:2], scan.spacing[1:], scan.shape[2:], strict=True):
        first = int(np.clip(np.floor(middle - half / step), 0, length - 1))
        last = int(np.clip(np.ceil(middle + half / step), first, length - 1))
        parts.append(slice(first, last + 1))
    return parts[0], parts[1]


def _apart(
    labels: np.ndarray, mean: np.ndarray, spacing: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean contour and Hausdorff distance of each slice."""
    distances = label_distances(labels, mean, spacing)
    return distances.mean_contour.astype(np.float32), distances.hausdorff.astype(np.float32)


def _disagreement(counts: np.ndarray, n: int) -> np.ndarray:
    """Percent of ``n`` label maps that do not have the most frequent label of each pixel."""
    background = np.uint8(n) - counts.sum(axis=0, dtype=np.uint8)
    most = np.maximum(counts.max(axis=0), background)
    percent = np.rint(100.0 * (n - np.arange(n + 1)) / n).astype(np.uint8)
    found: np.ndarray = percent[most]
    return found


def _mean_known(values: Iterable[Any]) -> Any:
    """Mean over the first axis of what is not NaN; NaN where nothing is known."""
    stacked = np.stack(list(values)).astype(float)
    known = np.isfinite(stacked)
    n = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _known(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
