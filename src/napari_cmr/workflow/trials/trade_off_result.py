"""What a sweep over lines per frame found: trials, points of the curves, and how few lines do."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Notice, texts_and_details

TOLERANCE_POINTS = 5.0
"""Largest error of an ejection fraction that :meth:`TradeOff.lines_needed` accepts, in points."""

CLOSE = 0.9
"""A count that fails and is so large a part of one that will do leaves nothing to try between."""

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
    warnings : tuple of Notice
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
    warnings: tuple[Notice, ...] = ()

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
        the sweep are not looked at: :meth:`lines_failing` tells how near the next one is. None if
        the EF is too far off from all lines already.
        """
        return self._around(model, tolerance)[0]

    def lines_failing(self, model: str, tolerance: float = TOLERANCE_POINTS) -> int | None:
        """Most lines per frame, of those tried, that fail by :meth:`lines_needed`; None if none."""
        return self._around(model, tolerance)[1]

    def _around(self, model: str, tolerance: float) -> tuple[int | None, int | None]:
        """Last line count that will do, and the first after it that will not."""
        needed = None
        for n_lines in self.lines:
            errors = self.errors(model, n_lines)
            if any(error is None or abs(error) > tolerance for error in errors):
                return needed, n_lines
            if not errors:
                break
            needed = n_lines
        return needed, None

    def between(self, model: str) -> int | None:
        """Line count to try next, halfway from the first that fails to the last that will do.

        Halfway in their ratio, as accuracy changes with the logarithm of the lines. None if there
        is no such pair, or if they lie close (:data:`CLOSE`).
        """
        needed, failing = self._around(model, TOLERANCE_POINTS)
        if needed is None or failing is None or failing >= CLOSE * needed:
            return None
        middle = round((needed * failing) ** 0.5)
        return middle if failing < middle < needed else None

    def sentence(self, model: str) -> str:
        """Which line counts will do and which not, with "so far" until all trials are there."""
        so_far = "" if self.is_whole else " so far"
        if not self.of(model, self.n_phase_encodes):
            return ""
        if self.reference_ef(model) is None:
            return "There is no ejection fraction to compare with"
        needed, failing = self._around(model, TOLERANCE_POINTS)
        if needed is None:
            return f"EF is more than {TOLERANCE_POINTS:.0f} points off with every line measured"
        lines = "1 line" if needed == 1 else f"{needed} lines"
        reach = "with every line" if needed == self.n_phase_encodes else f"down to {lines}"
        limit = "" if failing is None else f", not with {failing}"
        return f"EF stays within ±{TOLERANCE_POINTS:.0f} points {reach}{limit}{so_far}"

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
                    "lines_failing": self.lines_failing(model),
                    "sentence": self.sentence(model),
                    "points": [asdict(point) for point in self.points(model)],
                }
                for model in self.models
            },
            "trials": self.rows(),
            **texts_and_details(self.warnings),
        }
