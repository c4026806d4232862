"""Dice and clinical parameters against the lines per frame: Fig. 2 and Table 1 of schlemper2018."""

from typing import Any

import numpy as np

from napari_cmr.analysis import MYOCARDIAL_DENSITY_G_PER_ML, cardiac_function, volumes_ml
from napari_cmr.analysis.agreement import Agreement, agreement
from napari_cmr.analysis.contours import LABELS
from napari_cmr.analysis.overlap import dice
from napari_cmr.cohort.store import Result
from napari_cmr.cohort.subjects import LabelledCine
from napari_cmr.experiments.certainty.confidence_accuracy import slice_scores
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Geometry, Label
from napari_cmr.workflow.segment.intervals import ef_intervals

PHASES = ("ED", "ES")
#: Quantities of Table 1 and their units, then two that it does not have.
QUANTITIES = {
    "LV ESV": "mL",
    "LV EDV": "mL",
    "RV ESV": "mL",
    "RV EDV": "mL",
    "LVM": "g",
    "EF": "points",
    "RV EF": "points",
    "EF (own frames)": "points",
}


def measure_accuracy(
    cine: LabelledCine, model: str, settings: EvaluationSettings, *, only_full: bool = False
) -> dict[str, Any]:
    """Dice and clinical parameters of one subject at every line count that its scan has.

    Parameters
    ----------
    cine : LabelledCine
    model : str
    settings : EvaluationSettings
    only_full : bool
        For models that are meant for fully sampled frames.

    Returns
    -------
    dict
        JSON-ready; see :func:`dice_rows` and :func:`function_rows` for its reading.
    """
    geometry = cine.scan.geometry
    runs = []
    for n_lines in settings.lines:
        if n_lines is None or not (only_full or n_lines > cine.scan.n_phase_encodes):
            acquisition = settings.acquisition(cine.name, n_lines)
            found = cine.segment(settings.choice(model), acquisition, views=settings.views)
            at_both = found.labels[cine.frames]
            measured = clinical_parameters(at_both, geometry)
            whole = cardiac_function(found.labels, geometry)
            measured["EF (own frames)"] = whole.lv.ef_percent
            scores = dice(at_both, cine.reference)
            confidence = None if found.confidence is None else found.confidence[cine.frames]
            runs.append(
                {
                    "n_lines": n_lines,
                    "acceleration": found.acceleration,
                    "heart_confidence": found.location.confidence,
                    "dice": {
                        phase: {
                            label.name: None if np.isnan(score) else float(score)
                            for label, score in zip(LABELS, row, strict=True)
                        }
                        for phase, row in zip(PHASES, scores, strict=True)
                    },
                    "measured": measured,
                    "slices": slice_scores(confidence, at_both, cine.reference),
                    "ef_intervals": ef_intervals(found.bounds, whole),
                }
            )
    reference = clinical_parameters(cine.reference, geometry)
    reference["EF (own frames)"] = reference["EF"]
    return {
        "n_phase_encodes": cine.scan.n_phase_encodes,
        "animated": cine.animated,
        "reference": reference,
        "runs": runs,
    }


def clinical_parameters(labels: np.ndarray, geometry: Geometry) -> dict[str, float | None]:
    """Volumes, LV mass and EF from labels (2, Z, Y, X) at ED and ES; None where a tissue lacks."""
    values: dict[str, float | None] = {}
    for label, ef in ((Label.LV, "EF"), (Label.RV, "RV EF")):
        edv, esv = (float(v) or None for v in volumes_ml(labels, geometry, label))
        values |= {f"{label.name} EDV": edv, f"{label.name} ESV": esv}
        values[ef] = None if edv is None or esv is None else 100.0 * (edv - esv) / edv
    muscle = float(volumes_ml(labels, geometry, Label.MYO)[0])
    values["LVM"] = muscle * MYOCARDIAL_DENSITY_G_PER_ML or None
    return values


def dice_rows(results: list[Result]) -> list[dict[str, Any]]:
    """One row for each subject, model, line count, phase and label."""
    return [
        {
            "subject": result.subject,
            "group": result.group,
            "model": result.part.model,
            "n_lines": run["n_lines"],
            "acceleration": run["acceleration"],
            "phase": phase,
            "label": label,
            "dice": score,
        }
        for result in results
        for run in result.record["runs"]
        for phase, scores in run["dice"].items()
        for label, score in scores.items()
    ]


def dice_summary(results: list[Result]) -> list[dict[str, Any]]:
    """Mean and SD (n - 1) over subjects; phase ``ED+ES`` is the mean of both of a subject."""
    table: dict[tuple[Any, ...], list[float]] = {}
    for result in results:
        for run in result.record["runs"]:
            for label in LABELS:
                scores = {p: run["dice"][p][label.name] for p in PHASES}
                known = [score for score in scores.values() if score is not None]
                scores["ED+ES"] = float(np.mean(known)) if known else None
                for phase, score in scores.items():
                    key = (result.part.model, run["n_lines"], phase, label.name)
                    table.setdefault(key, [])
                    if score is not None:
                        table[key].append(score)
    return [
        {
            "model": model,
            "n_lines": n_lines,
            "phase": phase,
            "label": label,
            "n": len(scores),
            "mean": float(np.mean(scores)) if scores else None,
            "sd": float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
        }
        for (model, n_lines, phase, label), scores in table.items()
    ]


def function_rows(results: list[Result]) -> list[dict[str, Any]]:
    """One row for each subject, model, line count and quantity."""
    return [
        {
            "subject": result.subject,
            "group": result.group,
            "model": result.part.model,
            "n_lines": run["n_lines"],
            "quantity": quantity,
            "unit": unit,
            "measured": run["measured"][quantity],
            "reference": result.record["reference"][quantity],
        }
        for result in results
        for run in result.record["runs"]
        for quantity, unit in QUANTITIES.items()
    ]


def function_summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Agreement with the reference over subjects, from the rows of :func:`function_rows`."""
    table: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        table.setdefault((row["model"], row["n_lines"], row["quantity"]), []).append(row)
    summary = []
    for (model, n_lines, quantity), group in table.items():
        agreed: Agreement = agreement(
            np.array([row["measured"] for row in group], float),
            np.array([row["reference"] for row in group], float),
        )
        summary.append(
            {
                "model": model,
                "n_lines": n_lines,
                "quantity": quantity,
                "unit": QUANTITIES[quantity],
                "undefined": len(group) - agreed.n,
                **agreed.to_dict(),
            }
        )
    return summary


def interval_summary(results: list[Result]) -> list[dict[str, Any]]:
    """How often the interval of an EF held the reference, and how wide it was.

    Only of models whose card tells intervals.
    """
    table: dict[tuple[str, str, int | None], list[tuple[bool, float]]] = {}
    for result in results:
        known = result.record["reference"]
        for run in result.record["runs"]:
            for ventricle, (low, high) in run["ef_intervals"].items():
                reference = known["EF" if ventricle == "LV" else "RV EF"]
                if reference is not None:
                    key = (result.part.model, ventricle, run["n_lines"])
                    told = (low <= reference <= high, high - low)
                    table.setdefault(key, []).append(told)
    return [
        {
            "model": model,
            "ventricle": ventricle,
            "n_lines": n_lines,
            "n": len(runs),
            "held": sum(held for held, _ in runs),
            "median_width": float(np.median([width for _, width in runs])),
        }
        for (model, ventricle, n_lines), runs in table.items()
    ]
