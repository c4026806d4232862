"""Table, JSON and page of a tuning: mean and standard deviation over folds of each variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import napari_cmr
from napari_cmr.cohort.tables import markdown_table, write_csv
from napari_cmr.experiments.tuning.search import shown_changes
from napari_cmr.scan import atomic_path, save_json

_LEADING = "psnr"
"""What variants are ranked by, where it is measured; Dice otherwise."""
_LOSS = "loss"


@dataclass(frozen=True)
class Tuning:
    """What :func:`napari_cmr.experiments.tuning.cross_validation.tune` found.

    Attributes
    ----------
    settings : mapping
        As JSON.
    trials : list of dict
        ``changes``, ``recipe``, and ``folds``, the record of each training; those that were trained
        on all folds.
    folds : list of tuple of str
        Patients of each.
    failures : list of (str, str)
        Trainings that failed, and why.
    command : str or None
    """

    settings: Mapping[str, Any]
    trials: list[dict[str, Any]]
    folds: list[tuple[str, ...]]
    failures: list[tuple[str, str]]
    command: str | None = None

    @property
    def ranked(self) -> list[dict[str, Any]]:
        """Trials, best first; where none has a score, in their order."""
        return sorted(self.trials, key=lambda one: -_ranking(mean_of(scores(one))))

    @property
    def best(self) -> dict[str, Any]:
        """The trial with the highest score."""
        return self.ranked[0]


def score(numbers: Mapping[str, float | None]) -> float:
    """One number of a fold, more of which is better: PSNR in dB, or the mean of the Dice scores."""
    if _LEADING in numbers:
        found = [numbers[_LEADING]]
    else:
        found = [value for name, value in numbers.items() if name.startswith("dice")]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else float("nan")


def scores(trial: Mapping[str, Any]) -> list[float]:
    """Score of each fold of a trial."""
    return [score(fold["numbers"]) for fold in trial["folds"]]


def mean_of(values: Sequence[float]) -> float:
    """Mean of what is known."""
    known = [one for one in values if np.isfinite(one)]
    return float(np.mean(known)) if known else float("nan")


def spread_of(values: Sequence[float]) -> float:
    """Standard deviation of what is known, of a sample."""
    known = [one for one in values if np.isfinite(one)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else float("nan")


def write_tuning(tuning: Tuning, out: Path) -> None:
    """Write ``tuning.json``, ``tuning.csv``, a row for each training, and ``tuning.md``."""
    rows = [
        {
            "variant": shown_changes(trial["changes"]),
            "fold": fold["fold"] + 1,
            "seed": fold["seed"],
            "score": _known(score(fold["numbers"])),
            **fold["numbers"],
            "parameters": fold["parameters"],
            "seconds": fold["seconds"],
        }
        for trial in tuning.trials
        for fold in trial["folds"]
    ]
    write_csv(out / "tuning.csv", rows)
    save_json(out / "tuning.json", tuning_record(tuning))
    with atomic_path(out / "tuning.md") as temporary:
        Path(temporary).write_text(tuning_page(tuning), encoding="utf-8")


def tuning_record(tuning: Tuning) -> dict[str, Any]:
    """Describe a tuning, JSON-ready: enough to run it again."""
    trials = []
    for trial in tuning.ranked:
        numbers = {
            name: {"mean": _known(mean_of(values)), "sd": _known(spread_of(values))}
            for name, values in _by_name(trial).items()
        }
        trials.append({**trial, "numbers": numbers})
    return {
        "version": napari_cmr.__version__,
        "settings": dict(tuning.settings),
        "folds": [list(fold) for fold in tuning.folds],
        "best": tuning.best["changes"],
        "trials": trials,
        "failures": [{"training": told, "reason": why} for told, why in tuning.failures],
        "command": tuning.command,
    }


def tuning_page(tuning: Tuning) -> str:
    """Page with variants, best first, and what each is against the recipe as it is."""
    settings, first = tuning.settings, tuning.trials[0]
    names = [name for name in _by_name(first) if name != "score" and _LOSS not in name]
    base = next((trial for trial in tuning.trials if not trial["changes"]), None)
    columns = ["variant", *names]
    if base is not None:
        columns.append("against the recipe")
    columns += ["parameters", "minutes"]
    lines = []
    for trial in tuning.ranked:
        values = _by_name(trial)
        line = [shown_changes(trial["changes"]), *(_beside(values[name]) for name in names)]
        if base is not None:
            apart = [a - b for a, b in zip(scores(trial), scores(base), strict=True)]
            line.append("–" if trial is base else _beside(apart, sign=True))
        minutes = sum(fold["seconds"] for fold in trial["folds"]) / 60
        lines.append([*line, f"{trial['folds'][0]['parameters']:,}", f"{minutes:.1f}"])
    patients = sum(map(len, tuning.folds))
    steps = sorted({trial["recipe"]["steps"] for trial in tuning.trials})
    text = [
        f"# {settings['search'].capitalize()} search over the recipe of {settings['model']} "
        f"({settings['preset']})",
        f"Mean ± standard deviation over {len(tuning.folds)} folds of {patients} patients, each "
        f"trained for {' or '.join(map(str, steps))} steps with seed {settings['seed']} on the "
        f"other folds. Variants are ranked by {_ranked_by(names)}.",
    ]
    if tuning.command:
        text.append(f"```sh\n{tuning.command}\n```")
    text += [
        markdown_table(columns, lines),
        "## Folds",
        "\n".join(f"{k}. {', '.join(fold)}" for k, fold in enumerate(tuning.folds, start=1)),
    ]
    if tuning.failures:
        failed = "\n".join(f"- {told}: {why}" for told, why in tuning.failures)
        text.append(f"## Failed\n\n{failed}")
    return "\n\n".join(text) + "\n"


def _by_name(trial: Mapping[str, Any]) -> dict[str, list[float]]:
    """Numbers of the folds by name, the score first."""
    folds = [fold["numbers"] for fold in trial["folds"]]
    found = {"score": scores(trial)}
    for name in folds[0]:
        values = [fold.get(name) for fold in folds]
        found[name] = [float("nan") if value is None else float(value) for value in values]
    return found


def _ranked_by(names: Sequence[str]) -> str:
    return "PSNR" if _LEADING in names else "mean Dice"


def _beside(values: Sequence[float], *, sign: bool = False) -> str:
    mean, spread = mean_of(values), spread_of(values)
    if not np.isfinite(mean):
        return "–"
    digits = 2 if abs(mean) >= 2 else 3
    shown = f"{mean:+.{digits}f}" if sign else f"{mean:.{digits}f}"
    return f"{shown} ± {spread:.{digits}f}" if np.isfinite(spread) else shown


def _known(value: float) -> float | None:
    return round(value, 5) if np.isfinite(value) else None


def _ranking(value: float) -> float:
    return value if np.isfinite(value) else -np.inf
