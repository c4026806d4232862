"""Whether a model is sure of the slices that it labels well: expected against true Dice."""

from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.analysis.overlap import dice
from napari_cmr.cohort.store import Result
from napari_cmr.cohort.tables import markdown_table, number, shown_lines, write_csv
from napari_cmr.workflow.segment.slice_confidence import LEAST_CONFIDENCE, STRUCTURES

#: A slice of a lower Dice counts as wrong.
WRONG_DICE = 0.7


def slice_scores(
    confidence: np.ndarray | None, labels: np.ndarray, reference: np.ndarray
) -> dict[str, list[list[float]]]:
    """Confidence and true Dice of every slice in which model or reader have a structure.

    Parameters
    ----------
    confidence : ndarray, shape (2, Z, 3), or None
        At ED and ES.
    labels, reference : ndarray, shape (2, Z, Y, X)

    Returns
    -------
    dict of list of [float, float]
        By structure; none where the model does not tell.
    """
    if confidence is None:
        return {}
    true = dice(labels, reference, per_slice=True)
    return {
        name: [
            [float(expected), float(found)]
            for expected, found in zip(confidence[..., k].flat, true[..., k].flat, strict=True)
            if not np.isnan(found)
        ]
        for k, name in enumerate(STRUCTURES)
    }


def confidence_summary(results: list[Result]) -> list[dict[str, Any]]:
    """Spearman's correlation of confidence and Dice over slices, for each model and line count.

    And how many slices are below :data:`~.slice_confidence.LEAST_CONFIDENCE`, how many of these are
    wrong (a Dice below :data:`WRONG_DICE`), and how many are wrong in all.
    """
    from scipy.stats import spearmanr

    table: dict[tuple[str, int | None, str], list[list[float]]] = {}
    for result in results:
        for run in result.record["runs"]:
            for name, scores in run["slices"].items():
                key = (result.part.model, run["n_lines"], name)
                table.setdefault(key, []).extend(scores)
    rows = []
    for (model, n_lines, name), scores in table.items():
        expected, true = np.array(scores, dtype=float).reshape(-1, 2).T
        unsure, wrong = expected < LEAST_CONFIDENCE, true < WRONG_DICE
        varies = len(true) > 2 and np.ptp(expected) > 0 and np.ptp(true) > 0
        rows.append(
            {
                "model": model,
                "n_lines": n_lines,
                "label": name,
                "n": len(true),
                "spearman": float(spearmanr(expected, true).statistic) if varies else None,
                "mean_expected": float(expected.mean()) if len(true) else None,
                "mean_dice": float(true.mean()) if len(true) else None,
                "unsure": int(unsure.sum()),
                "unsure_and_wrong": int((unsure & wrong).sum()),
                "wrong": int(wrong.sum()),
            }
        )
    return rows


def confidence_section(results: list[Result], out: Path) -> list[str]:
    """Part of the page on accuracy; its table is ``accuracy_slice_confidence.csv``, too."""
    rows = confidence_summary(results)
    if not rows:
        return []
    write_csv(out / "accuracy_slice_confidence.csv", rows)
    return [
        "## Confidence in each slice",
        "The Dice that a model expects in a slice, by its own probabilities, against the true one: "
        "Spearman's correlation over the slices at ED and ES in which model or reader have the "
        f"structure. Unsure: less than {LEAST_CONFIDENCE} is expected; wrong: the true one is less "
        f"than {WRONG_DICE}.",
        markdown_table(
            ["model", "lines", "label", "slices", "rho", "expected", "Dice", "unsure and wrong"],
            [
                [
                    row["model"],
                    shown_lines(row["n_lines"]),
                    row["label"],
                    str(row["n"]),
                    number(row["spearman"], 2),
                    number(row["mean_expected"], 2),
                    number(row["mean_dice"], 2),
                    f"{row['unsure_and_wrong']} of {row['unsure']} unsure, {row['wrong']} wrong",
                ]
                for row in rows
            ],
        ),
    ]
