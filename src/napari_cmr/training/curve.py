"""Curve of a training: its losses and validation numbers by step, from the logs of its runs."""

import csv
from pathlib import Path

import numpy as np

#: Points that a curve has at most.
MOST_POINTS = 40

#: A column of the step, from 1, and one of each number by its name; None where there is none.
Curve = dict[str, tuple[float | None, ...]]


def read_curve(log: Path) -> Curve:
    """Curve of a training from the CSV files that Lightning has logged, one for each run.

    A training that was stopped and went on has several, of which a later one counts where steps
    were done twice. Of many steps, means over equal parts of the training are given.

    Parameters
    ----------
    log : Path
        Folder with ``version_0/metrics.csv`` and so on.

    Returns
    -------
    dict of str to tuple
        Empty where nothing was logged.
    """
    runs = sorted(log.glob("version_*/metrics.csv"), key=lambda path: int(path.parent.name[8:]))
    rows: dict[int, dict[str, float]] = {}
    for path in runs:
        one = _rows(path)
        rows = {step: row for step, row in rows.items() if step < min(one, default=step + 1)} | one
    if not rows:
        return {}
    steps = np.array(sorted(rows))
    parts = np.array_split(steps, min(MOST_POINTS, len(steps)))
    names = sorted({name for row in rows.values() for name in row})
    curve: Curve = {"step": tuple(int(part[-1]) for part in parts)}
    for name in names:
        curve[name] = tuple(_mean([rows[step].get(name) for step in part]) for part in parts)
    return curve


def _rows(path: Path) -> dict[int, dict[str, float]]:
    """Finite numbers by step, from 1, of one log."""
    rows: dict[int, dict[str, float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            numbers = {
                name: float(text)
                for name, text in row.items()
                if name not in ("step", "epoch") and text and np.isfinite(float(text))
            }
            rows.setdefault(int(row["step"]) + 1, {}).update(numbers)
    return rows


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(f"{np.mean(known):.4g}") if known else None
