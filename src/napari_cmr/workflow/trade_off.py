"""How few lines will do for one heart: accuracy of each model against the lines per frame."""

import zlib
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from napari_cmr.analysis import cardiac_function
from napari_cmr.analysis.contours import LABELS
from napari_cmr.analysis.overlap import dice
from napari_cmr.analysis.reading import AS_LABELLED, Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.workflow.measuring import measure_scan
from napari_cmr.workflow.segmenting import DEFAULT_MODEL, locate_heart
from napari_cmr.workflow.stepwise import segment_stepwise

#: Lines per frame; None is every line.
DEFAULT_LINES: tuple[int | None, ...] = (1, 2, 4, 6, 8, 10, 15, 20, 30, None)
DEFAULT_SEEDS, MAX_SEEDS = 3, 100
TOLERANCE_POINTS = 5.0
"""Largest error of an ejection fraction that :meth:`TradeOff.lines_needed` accepts, in points."""

Against = Literal["labels", "full"]


@dataclass(frozen=True)
class Trial:
    """One acquisition, seen by one model.

    Attributes
    ----------
    model : str
    n_lines : int
        Lines per frame; those of the scan where it is fully sampled.
    seed : int
    acceleration : float
    lv_ef_percent, rv_ef_percent : float or None
        From all frames, with the model's own ED and ES.
    dice : dict of str to float or None
        By label, mean over the frames that are compared; None where both sides lack the label.
    heart_confidence : float
    """

    model: str
    n_lines: int
    seed: int
    acceleration: float
    lv_ef_percent: float | None
    rv_ef_percent: float | None
    dice: dict[str, float | None]
    heart_confidence: float

    @property
    def mean_dice(self) -> float | None:
        """Mean over the labels."""
        known = [score for score in self.dice.values() if score is not None]
        return float(np.mean(known)) if known else None


@dataclass(frozen=True)
class Point:
    """All seeds of one model at one line count.

    Attributes
    ----------
    model : str
    n_lines, n : int
        Lines per frame; trials so far.
    dice : float or None
        Mean over seeds and labels.
    ef_error : float or None
        Mean over seeds of LV EF minus reference, in points.
    ef_errors : tuple of float
        Of each seed whose EF is defined.
    ef_spread : float or None
        Standard deviation (n - 1) of the LV EF over the seeds, in points.
    """

    model: str
    n_lines: int
    n: int
    dice: float | None
    ef_error: float | None
    ef_errors: tuple[float, ...]
    ef_spread: float | None


@dataclass(frozen=True, eq=False)
class TradeOff:
    """The trials so far.

    Attributes
    ----------
    acquisition : Acquisition
        What all have in common; lines and seeds differ.
    models : tuple of str
    lines : tuple of int
        Lines per frame, from all of them downwards.
    n_seeds : int
    n_phase_encodes : int
    dice_against, ef_against : {"labels", "full"}
        What is compared with: the reference labels of the scan (in the frames that have them), or
        what the same model made of the fully sampled scan.
    labels_ef_percent : float or None
        LV EF of the reference labels.
    trials : tuple of Trial
    is_whole : bool
    warnings : tuple of str
    """

    acquisition: Acquisition
    models: tuple[str, ...]
    lines: tuple[int, ...]
    n_seeds: int
    n_phase_encodes: int
    dice_against: Against
    ef_against: Against
    labels_ef_percent: float | None
    trials: tuple[Trial, ...] = ()
    is_whole: bool = False
    warnings: tuple[str, ...] = ()

    def of(self, model: str, n_lines: int) -> list[Trial]:
        """Trials of a model at a line count."""
        return [one for one in self.trials if (one.model, one.n_lines) == (model, n_lines)]

    def reference_ef(self, model: str) -> float | None:
        """LV EF that a model's are compared with."""
        if self.ef_against == "labels":
            return self.labels_ef_percent
        full = self.of(model, self.n_phase_encodes)
        return full[0].lv_ef_percent if full else None

    def errors(self, model: str, n_lines: int) -> list[float | None]:
        """LV EF minus reference of each trial, in points; None where the EF is not defined."""
        reference = self.reference_ef(model)
        return [
            None
            if reference is None or one.lv_ef_percent is None
            else one.lv_ef_percent - reference
            for one in self.of(model, n_lines)
        ]

    def points(self, model: str) -> list[Point]:
        """What has been measured of a model, from one line upwards."""
        found = []
        for n_lines in sorted(self.lines):
            trials = self.of(model, n_lines)
            if not trials:
                continue
            scores = [one.mean_dice for one in trials if one.mean_dice is not None]
            efs = [one.lv_ef_percent for one in trials if one.lv_ef_percent is not None]
            errors = [error for error in self.errors(model, n_lines) if error is not None]
            found.append(
                Point(
                    model=model,
                    n_lines=n_lines,
                    n=len(trials),
                    dice=float(np.mean(scores)) if scores else None,
                    ef_error=float(np.mean(errors)) if errors else None,
                    ef_errors=tuple(errors),
                    ef_spread=float(np.std(efs, ddof=1)) if len(efs) > 1 else None,
                )
            )
        return found

    def lines_needed(self, model: str, tolerance: float = TOLERANCE_POINTS) -> int | None:
        """Fewest lines per frame down to which the LV EF stays within a tolerance.

        That is the smallest line count n of the sweep for which, at n and at every larger line
        count of the sweep including full sampling, the LV EF of *every* seed is defined and
        differs from the reference by at most ``tolerance`` points. Line counts between those of
        the sweep are not looked at. None if the EF is too far off from all lines already.
        """
        needed = None
        for n_lines in self.lines:
            errors = self.errors(model, n_lines)
            if not errors or any(error is None or abs(error) > tolerance for error in errors):
                break
            needed = n_lines
        return needed

    def sentence(self, model: str) -> str:
        """:meth:`lines_needed` in words, with "so far" until all trials are there."""
        so_far = "" if self.is_whole else " so far"
        if not self.of(model, self.n_phase_encodes):
            return ""
        if self.reference_ef(model) is None:
            return "There is no ejection fraction to compare with"
        needed = self.lines_needed(model)
        if needed is None:
            return f"EF is more than {TOLERANCE_POINTS:.0f} points off with every line measured"
        if needed == self.n_phase_encodes:
            return f"EF stays within ±{TOLERANCE_POINTS:.0f} points only with every line{so_far}"
        lines = "1 line" if needed == 1 else f"{needed} lines"
        return f"EF stays within ±{TOLERANCE_POINTS:.0f} points down to {lines}{so_far}"

    def rows(self) -> list[dict[str, Any]]:
        """One flat row for each trial, for a spreadsheet."""
        return [
            {
                "model": one.model,
                "n_lines": one.n_lines,
                "acceleration": one.acceleration,
                "seed": one.seed,
                "lv_ef_percent": one.lv_ef_percent,
                "lv_ef_error_points": error,
                "rv_ef_percent": one.rv_ef_percent,
                **{f"dice_{name.lower()}": score for name, score in one.dice.items()},
                "heart_confidence": one.heart_confidence,
            }
            for model in self.models
            for n_lines in sorted(self.lines)
            for one, error in zip(self.of(model, n_lines), self.errors(model, n_lines), strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; unknown numbers are None."""
        return {
            "acquisition": self.acquisition.model_dump(mode="json"),
            "n_phase_encodes": self.n_phase_encodes,
            "lines": sorted(self.lines),
            "seeds": self.n_seeds,
            "dice_against": self.dice_against,
            "ef_against": self.ef_against,
            "tolerance_points": TOLERANCE_POINTS,
            "models": {
                model: {
                    "reference_ef_percent": self.reference_ef(model),
                    "lines_needed": self.lines_needed(model),
                    "sentence": self.sentence(model),
                    "points": [asdict(point) for point in self.points(model)],
                }
                for model in self.models
            },
            "trials": self.rows(),
            "warnings": list(self.warnings),
        }


def line_counts(lines: Sequence[int | None], n_phase_encodes: int) -> tuple[int, ...]:
    """Distinct line counts that a scan has, all of its lines among them, from many to few.

    Raises
    ------
    ScanError
        If a count is below 1.
    """
    if any(n is not None and n < 1 for n in lines):
        raise ScanError("a frame needs at least one line", remedy="ask for 1 line or more")
    fitting = {n for n in lines if n is not None and n < n_phase_encodes}
    return (n_phase_encodes, *sorted(fitting, reverse=True))


def n_steps(scan: Scan, lines: Sequence[int | None], n_seeds: int, n_models: int) -> int:
    """How many times :func:`sweep` yields."""
    few = len(line_counts(lines, scan.n_phase_encodes)) - 1
    return (1 + few * n_seeds) * n_models * scan.n_slices


def sweep(
    scan: Scan,
    *,
    models: Sequence[str] = (DEFAULT_MODEL,),
    lines: Sequence[int | None] = DEFAULT_LINES,
    n_seeds: int = DEFAULT_SEEDS,
    acquisition: Acquisition | None = None,
    against: Against | None = None,
    reading: Reading = AS_LABELLED,
    preset: str = "live",
    device: str = "auto",
) -> Generator[TradeOff | None, None, None]:
    """Acquire a scan with ever fewer lines, several times each, and segment what is left.

    Each acquisition is what a person would get who chose its lines and its seed: the heart is
    located anew on what was measured. All models see the same acquisitions. The fully sampled scan
    comes first, and once, as there is one way only to keep all lines. Then one seed of every line
    count from many to few, then the next seed.

    Parameters
    ----------
    scan : Scan
    models : sequence of str
    lines : sequence of int or None
        Lines per frame. Counts that the scan does not have are left out; full sampling is added.
    n_seeds : int
        1 to 100.
    acquisition : Acquisition, optional
        Pattern, central lines, phase, noise and first seed; lines edited by hand are left out.
    against : {"labels", "full"}, optional
        What to compare with, see :class:`TradeOff`. By default the reference labels where there
        are any. An EF is compared with theirs only if they are at ED and at ES.
    reading : Reading
        How a person reads the labels, reference and model's alike.
    preset, device : str

    Yields
    ------
    TradeOff or None
        All trials so far, after each; None in between, after each slice.

    Raises
    ------
    ScanError
        If there are no labels to compare with although they were asked for, or a model cannot be
        run.
    """
    if not 1 <= n_seeds <= MAX_SEEDS or not models:
        raise ScanError(
            f"{n_seeds} seeds of {len(models)} models were asked for",
            remedy=f"ask for a model, and for 1 to {MAX_SEEDS} seeds",
        )
    counts = line_counts(lines, scan.n_phase_encodes)
    base = (acquisition or Acquisition()).model_copy(update={"toggled": frozenset()})
    reference = _Reference(scan, against, reading)
    result = TradeOff(
        acquisition=base,
        models=tuple(dict.fromkeys(models)),
        lines=counts,
        n_seeds=n_seeds,
        n_phase_encodes=scan.n_phase_encodes,
        dice_against=reference.of_dice,
        ef_against=reference.of_ef,
        labels_ef_percent=reference.ef_percent,
    )
    wanted = [(counts[0], 0), *((n, s) for s in range(n_seeds) for n in counts[1:])]
    for n_lines, number in wanted:
        n = None if n_lines == scan.n_phase_encodes else n_lines
        one = base.model_copy(update={"n_lines": n, "seed": base.seed + number})
        location = locate_heart(scan, one, device=device)
        for model in result.models:
            labels, said = yield from segment_stepwise(
                scan, one, model=model, preset=preset, device=device, location=location
            )
            if n is None:
                reference.keep_full(model, labels)
            function = cardiac_function(labels, scan.geometry, reading=reading)
            trial = Trial(
                model=model,
                n_lines=n_lines,
                seed=one.seed,
                acceleration=scan.n_phase_encodes / n_lines,
                lv_ef_percent=function.lv.ef_percent,
                rv_ef_percent=function.rv.ef_percent,
                dice=reference.dice(model, labels),
                heart_confidence=location.confidence,
            )
            trials = (*result.trials, trial)
            result = replace(
                result,
                trials=trials,
                is_whole=len(trials) == len(wanted) * len(result.models),
                warnings=_merged(result.warnings, said if n is None else ()),
            )
            yield result


def trade_off_of(scan: Scan, **options: Any) -> TradeOff:
    """Return the last result of :func:`sweep`, whose options these are."""
    *_, last = sweep(scan, **options)
    assert last is not None
    return last


def trade_off_record(scan: Scan, result: TradeOff) -> dict[str, Any]:
    """Put a result and what it was made from into one JSON-ready dictionary."""
    return {
        "scan": scan.name,
        "synthetic": scan.synthetic,
        **result.to_dict(),
        "use": "research only",
    }


class _Reference:
    """What labels are compared with; full results are kept compressed."""

    def __init__(self, scan: Scan, against: Against | None, reading: Reading) -> None:
        has_labels = scan.labels is not None and bool(scan.labels.any())
        if against == "labels" and not has_labels:
            raise ScanError(
                "there are no reference labels to compare with",
                source=scan.source or scan.name,
                remedy="compare with the fully sampled result",
            )
        self.ef_percent: float | None = None
        self.of_dice: Against = "full"
        self.of_ef: Against = "full"
        self._frames = list(range(scan.n_frames))
        self._labels: np.ndarray | None = None
        self._full: dict[str, bytes] = {}
        self._shape = scan.shape
        if has_labels and against != "full":
            assert scan.labels is not None
            self.of_dice = "labels"
            self._frames = list(scan.labelled_frames)
            chosen = scan.labels[self._frames]
            self._labels = np.where(chosen > Label.RV, np.uint8(Label.MYO), chosen)
            self.ef_percent = measure_scan(scan, reading=reading).lv.ef_percent
            if self.ef_percent is not None:
                self.of_ef = "labels"

    def keep_full(self, model: str, labels: np.ndarray) -> None:
        if self._labels is None:
            self._full[model] = zlib.compress(np.ascontiguousarray(labels).data, level=1)

    def dice(self, model: str, labels: np.ndarray) -> dict[str, float | None]:
        if self._labels is None:
            content = zlib.decompress(self._full[model])
            reference = np.frombuffer(content, np.uint8).reshape(self._shape)
        else:
            reference = self._labels
        scores = dice(labels[self._frames], reference)
        found: dict[str, float | None] = {}
        for i, label in enumerate(LABELS):
            known = scores[:, i][np.isfinite(scores[:, i])]
            found[label.name] = float(known.mean()) if known.size else None
        return found


def _merged(*texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for some in texts for text in some))
