"""How far labels wander under other random lines: Table 2 of schlemper2018."""

from itertools import combinations
from typing import Any

import numpy as np

from napari_cmr.analysis.shapes import mean_shape
from napari_cmr.cohort.store import Result
from napari_cmr.cohort.subjects import LabelledCine
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.experiments.shape_distances import (
    GRID_SPACING_MM,
    SHAPE_LABELS,
    ShapeDistance,
    distances_to_mean,
    to_common_frame,
)

METRICS = {"HD": "hausdorff", "MD": "mean_contour"}


def measure_consistency(
    cine: LabelledCine, model: str, settings: EvaluationSettings
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Within-subject distances of one subject, and its mean shapes in the common frame.

    ED and ES of the slices at a quarter, half and three quarters of the LV's extent. The heart is
    located again from each trial's own lines, so that the wandering of the localiser counts.

    Returns
    -------
    record : dict
        JSON-ready, see :func:`within_rows`.
    arrays : dict of str to ndarray of uint8
        Mean shape (2, 3, 128, 128) at each line count, by ``str(n_lines)``.
    """
    _, dy, dx = cine.scan.spacing
    slices = cine.three_slices
    runs, shapes = [], {}
    for n_lines in settings.consistency_lines:
        if n_lines > cine.scan.n_phase_encodes:
            continue
        trials, centres = [], []
        for trial in range(settings.trials):
            found = cine.segment(
                settings.choice(model),
                settings.acquisition(cine.name, n_lines, trial),
                slices=slices,
            )
            trials.append(found.labels[cine.frames])
            centres.append((found.location.row, found.location.column))
        labels = np.stack(trials)
        mean = mean_shape(labels, (dy, dx))
        within = distances_to_mean(labels, mean, (dy, dx))
        row, column = np.mean(centres, axis=0)
        shapes[str(n_lines)] = to_common_frame(mean, (dy, dx), (float(row), float(column)))
        runs.append(
            {
                "n_lines": n_lines,
                "slices": list(slices),
                "mean_contour": within.mean_contour,
                "hausdorff": within.hausdorff,
                "missing_percent": within.missing_percent,
            }
        )
    return {"trials": settings.trials, "runs": runs}, shapes


def within_rows(results: list[Result]) -> list[dict[str, Any]]:
    """Within-subject distances: one row for each subject, model, line count and label."""
    return [
        {
            "kind": "within",
            "subject": result.subject,
            "group": result.group,
            "model": result.part.model,
            "n_lines": run["n_lines"],
            "label": label.name,
            "MD": run["mean_contour"][label.name],
            "HD": run["hausdorff"][label.name],
            "missing_percent": run["missing_percent"][label.name],
        }
        for result in results
        for run in result.record["runs"]
        for label in SHAPE_LABELS
    ]


def between_rows(results: list[Result]) -> list[dict[str, Any]]:
    """Distances of each subject's mean shape to the mean shape of all, in the common frame.

    Subjects whose stack has fewer slices than the others are left out of the mean.
    """
    rows = []
    spacing = (GRID_SPACING_MM, GRID_SPACING_MM)
    keys = {(r.part.model, name): None for r in results for name in r.arrays}
    for model, name in keys:
        chosen = [r for r in results if r.part.model == model and name in r.arrays]
        most = max(r.arrays[name].shape[1] for r in chosen)
        chosen = [r for r in chosen if r.arrays[name].shape[1] == most]
        shapes = np.stack([r.arrays[name] for r in chosen])
        population = mean_shape(shapes, spacing)
        for result, shape in zip(chosen, shapes, strict=True):
            apart: ShapeDistance = distances_to_mean(shape[None], population, spacing)
            rows += [
                {
                    "kind": "between",
                    "subject": result.subject,
                    "group": result.group,
                    "model": model,
                    "n_lines": int(name),
                    "label": label.name,
                    "MD": apart.mean_contour[label.name],
                    "HD": apart.hausdorff[label.name],
                    "missing_percent": apart.missing_percent[label.name],
                }
                for label in SHAPE_LABELS
            ]
    return rows


def distance_summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mean and SD over subjects of both kinds of distance."""
    table: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = (row["kind"], row["model"], row["n_lines"], row["label"])
        table.setdefault(key, []).append(row)
    summary = []
    for (kind, model, n_lines, label), group in table.items():
        line: dict[str, Any] = {"kind": kind, "model": model, "n_lines": n_lines, "label": label}
        line["n"] = sum(row["MD"] is not None for row in group)
        for metric in METRICS:
            values = [row[metric] for row in group if row[metric] is not None]
            line[metric] = float(np.mean(values)) if values else None
            line[f"{metric}_sd"] = float(np.std(values, ddof=1)) if len(values) > 1 else None
        missing = [row["missing_percent"] for row in group if row["missing_percent"] is not None]
        line["missing_percent"] = float(np.mean(missing)) if missing else None
        summary.append(line)
    return summary


def rank_sum_tests(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Wilcoxon rank-sum test between the within-subject distances of each pair of models."""
    from scipy.stats import ranksums

    models = list(dict.fromkeys(row["model"] for row in rows))
    tests = []
    for n_lines in dict.fromkeys(row["n_lines"] for row in rows):
        for label in SHAPE_LABELS:
            for metric in METRICS:
                values = {
                    model: [
                        row[metric]
                        for row in rows
                        if (row["kind"], row["model"], row["n_lines"], row["label"])
                        == ("within", model, n_lines, label.name)
                        and row[metric] is not None
                    ]
                    for model in models
                }
                for first, second in combinations(models, 2):
                    if not values[first] or not values[second]:
                        continue
                    test = ranksums(values[first], values[second])
                    tests.append(
                        {
                            "n_lines": n_lines,
                            "label": label.name,
                            "metric": metric,
                            "first": first,
                            "second": second,
                            "statistic": float(test.statistic),
                            "p": float(test.pvalue),
                        }
                    )
    return tests
