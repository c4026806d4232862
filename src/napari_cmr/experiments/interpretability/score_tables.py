"""Tables of what was read in reconstructions: the score of each class, and errors of volumes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from napari_cmr.analysis.reconstruction.interpretability import Interpretability, interpretability
from napari_cmr.cohort.statistics import FEWEST, holm, paired_difference
from napari_cmr.cohort.tables import markdown_table, number
from napari_cmr.experiments.interpretability.scan_scores import DIRECT, FUNCTION

Rows = Sequence[Mapping[str, Any]]
Sampling = tuple[str, str]
_DICE = "dice_"


def score_of(rows: Rows) -> Interpretability | None:
    """Score of the slices of some rows; None where a slice was not read, or shows no class.

    Slices count alike, whatever scan and draw they are of.
    """
    names = list(dict.fromkeys(key for row in rows for key in row if key.startswith(_DICE)))
    if not names or any("refused" in row for row in rows):
        return None
    found, full = (
        np.array([[_number(row.get(f"{kind}{name}")) for name in names] for row in rows])
        for kind in ("", "full_")
    )
    return interpretability(found, full) if np.isfinite(full).any() else None


def scan_scores(rows: Rows) -> dict[str, float]:
    """Mean score of every scan that has one."""
    found = {}
    for scan in dict.fromkeys(row["scan"] for row in rows):
        score = score_of([row for row in rows if row["scan"] == scan])
        if score is not None and np.isfinite(score.mean):
            found[scan] = score.mean
    return found


def score_sections(
    rows: Rows, methods: Sequence[str], samplings: Sequence[Sampling], reference: str
) -> list[str]:
    """Sections of the page on the semantic interpretability score; none where nothing was read."""
    classes = list(dict.fromkeys(key for row in rows for key in row if key.startswith(_DICE)))
    if not classes:
        return []
    text = [
        "## Semantic interpretability score, mean over scans",
        "Mean Dice of a segmenter that learned from full images alone, over the Dice that it "
        "reaches on the full images; 1 is read as well as those. Slices that do not show a class "
        "do not count for it. Scans without labels are compared with what is read in their own "
        "full images.",
    ]
    for name in (None, *(classes if len(classes) > 1 else ())):
        cell = _mean_score if name is None else _class_score(name)
        if name is not None:
            text.append(f"{name.removeprefix(_DICE).upper()}:")
        text.append(_table(rows, methods, samplings, cell))
    if reference in methods and len(methods) > 1:
        pairs = {
            (method, sampling): _paired(
                scan_scores(chosen(rows, method, sampling)),
                scan_scores(chosen(rows, reference, sampling)),
            )
            for method in methods
            if method != reference
            for sampling in samplings
        }
        text += _differences(pairs, f"Difference of the score to {reference}", "score", 3)
    return text


def function_sections(rows: Rows, samplings: Sequence[Sampling]) -> list[str]:
    """Sections of the page on volumes and ejection fractions; none where nothing was measured."""
    if not rows:
        return []
    ways = list(dict.fromkeys(row["method"] for row in rows))
    ways.sort(key=lambda way: way != DIRECT)
    text = [
        "## Volumes and ejection fraction",
        "Error after segmentation of each reconstruction by the segmenter of full images, beside "
        f"direct segmentation of the same lines without an image (*{DIRECT}*): mean absolute error "
        "over scans, in brackets the bias. Against the scan's labels where it has some at ED and "
        "ES, else against what is read in its full images; volumes are of whole stacks.",
    ]
    for name in FUNCTION:
        text += [f"{name}, {'points' if name.endswith('EF') else 'mL'}:",
                 _table(rows, ways, samplings, _error_cell(name))]  # fmt: skip
    if DIRECT in ways and len(ways) > 1:
        pairs = {
            (way, sampling): _paired(
                _scan_errors(chosen(rows, way, sampling)),
                _scan_errors(chosen(rows, DIRECT, sampling)),
            )
            for way in ways
            if way != DIRECT
            for sampling in samplings
        }
        text += _differences(
            pairs, f"Absolute EF error less that of {DIRECT} segmentation", "points", 1
        )
    return text


def chosen(rows: Rows, method: str, sampling: Sampling) -> list[Mapping[str, Any]]:
    """Rows of one method and sampling."""
    return [
        row
        for row in rows
        if row["method"] == method and (row["pattern"], row["lines"]) == sampling
    ]


def _table(
    rows: Rows,
    methods: Sequence[str],
    samplings: Sequence[Sampling],
    cell: Callable[[Rows], str],
) -> str:
    columns = ["method", *(f"{pattern} {lines}" for pattern, lines in samplings)]
    lines = [
        [method, *(cell(chosen(rows, method, one)) for one in samplings)] for method in methods
    ]
    return markdown_table(columns, lines)


def _mean_score(rows: Rows) -> str:
    scores = list(scan_scores(rows).values())
    return number(float(np.mean(scores)) if scores else None, 3)


def _class_score(name: str) -> Callable[[Rows], str]:
    def cell(rows: Rows) -> str:
        own = [{key: row[key] for key in row if key in ("scan", name, f"full_{name}")}
               for row in rows]  # fmt: skip
        return _mean_score(own)

    return cell


def _error_cell(name: str) -> Callable[[Rows], str]:
    def cell(rows: Rows) -> str:
        errors = [row[f"{name} error"] for row in rows]
        if not errors or any(one is None for one in errors):
            return number(None)
        return f"{np.mean(np.abs(errors)):.1f} ({np.mean(errors):+.1f})"

    return cell


def _scan_errors(rows: Rows) -> dict[str, float]:
    """Mean absolute EF error of every scan."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["EF error"] is not None:
            found.setdefault(row["scan"], []).append(abs(row["EF error"]))
    return {scan: float(np.mean(errors)) for scan, errors in found.items()}


def _paired(
    ours: Mapping[str, float], theirs: Mapping[str, float]
) -> tuple[list[float], list[float]]:
    both = [scan for scan in ours if scan in theirs]
    return [ours[scan] for scan in both], [theirs[scan] for scan in both]


def _differences(
    pairs: Mapping[tuple[str, Sampling], tuple[list[float], list[float]]],
    title: str,
    unit: str,
    digits: int,
) -> list[str]:
    """Means with bootstrap intervals, and tests, of differences scan by scan."""
    found = {key: paired_difference(*both) for key, both in pairs.items() if both[0]}
    corrected = holm({str(key): one.p for key, one in found.items() if one.p is not None})
    lines = [
        [
            method,
            " ".join(sampling),
            f"{one.mean:+.{digits}f} ({one.low:+.{digits}f} to {one.high:+.{digits}f})",
            f"{corrected[str((method, sampling))]:.2g}" if one.p is not None else "-",
            str(one.subjects),
        ]
        for (method, sampling), one in found.items()
    ]
    if not lines:
        return []
    return [
        f"{title}: mean over scans with the 95 % bootstrap interval; Wilcoxon's signed-rank test "
        f"after Holm's correction, from {FEWEST} scans on.",
        markdown_table(["method", "lines", unit, "p", "scans"], lines),
    ]


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
