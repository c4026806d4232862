"""Page of the left-atrium comparison: our Table 1 of seitzer2018 beside theirs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.cohort.statistics import (
    FEWEST,
    bootstrap_interval,
    holm,
    mean_interval,
    paired_difference,
)
from napari_cmr.cohort.tables import markdown_table, number
from napari_cmr.experiments.interpretability.score_tables import score_of
from napari_cmr.training.register import models
from napari_cmr.workflow.reconstruct.methods import warnings_of
from napari_cmr.zoo import default_choice

if TYPE_CHECKING:
    from napari_cmr.experiments.interpretability.refinement import RefinementSettings

Rows = Sequence[Mapping[str, Any]]
TABLE = "seitzer2018 Table 1"
"""Table of a recipe's ``published``: PSNR and its SD in dB, and SIS."""
_SOLVERS = {"dictionary": (31.45, 2.40, 0.842)}


def patient_values(rows: Rows, method: str, name: str) -> dict[str, float]:
    """A number of every patient: the mean over slices, or the score for the name ``sis``."""
    found = {}
    for patient in dict.fromkeys(row["patient"] for row in rows):
        own = [row for row in rows if (row["patient"], row["method"]) == (patient, method)]
        if name == "sis":
            score = score_of(own)
            assert score is not None  # every slice that is taken shows the atrium
            found[patient] = score.mean
        else:
            found[patient] = float(np.mean([row[name] for row in own]))
    return found


def refinement_page(rows: Rows, settings: "RefinementSettings", command: str | None) -> str:
    """Page with the table, differences to the first method, and the numbers of each patient."""
    patients = list(dict.fromkeys(row["patient"] for row in rows))
    slices = len({(row["patient"], row["slice"]) for row in rows})
    full = np.mean([row["full_dice_la"] for row in rows if row["method"] == settings.methods[0]])
    text = [
        "# Left atrium of few lines, as Table 1 of Seitzer et al. (2018)",
        f"{len(patients)} {settings.split} patients, {slices} slices that show the atrium"
        + (f" (each {settings.every}th)" if settings.every > 1 else "")
        + f"; {settings.acceleration}-fold random lines of Gaussian density with "
        f"{settings.centre_lines} centre lines, drawn for each slice (seed {settings.seed}) and "
        "the same for all methods. PSNR and SSIM are means over patients; Dice is the mean over "
        "slices, and SIS that over the mean on full slices, as in the paper. Intervals are of 95 % "
        f"by bootstrap over patients. `{default_choice('left atrium').name}` reads the atrium in "
        f"full images with a mean Dice of {full:.3f} over slices (paper: .796).",
    ]
    text += warnings_of(settings.methods)
    if command:
        text.append(f"```sh\n{command}\n```")
    lines = [["all lines", "∞", "1", "1", number(float(full), 3), "–", "∞", "1"]]
    for method in settings.methods:
        published = _published(method)
        lines.append(
            [
                method,
                *(_with_interval(rows, method, name, digits)
                  for name, digits in (("psnr", 2), ("ssim", 3))),
                _shown(score_interval(rows, method), "", 3),
                number(_slice_mean(rows, method, "dice_la"), 3),
                number(float(np.mean([*patient_values(rows, method, "seconds").values()])), 2),
                "–" if published is None else f"{published[0]:.2f} ± {published[1]:.2f}",
                "–" if published is None else f"{published[2]:.3f}",
            ]
        )  # fmt: skip
    text.append(
        markdown_table(
            ["method", "PSNR (dB)", "SSIM", "SIS", "Dice", "s", "paper's PSNR", "paper's SIS"],
            lines,
        )
    )
    text.append("*s*: processor seconds for a slice.")
    for method, own in settings.settings.items():
        changed = ", ".join(f"{name} {value}" for name, value in own.items())
        text.append(f"Settings of {method}: {changed}.")
    if len(settings.methods) > 1:
        text += [f"## Against {settings.methods[0]}", *_against(rows, settings.methods)]
    cells = [
        [patient, method, *(number(patient_values(rows, method, name)[patient], digits)
                            for name, digits in (("psnr", 2), ("ssim", 3), ("sis", 3)))]
        for patient in patients
        for method in settings.methods
    ]  # fmt: skip
    text += [
        "## Each patient",
        markdown_table(["patient", "method", "PSNR (dB)", "SSIM", "SIS"], cells),
    ]
    text += ["## By the size of the atrium", *_by_size(rows, settings.methods)]
    return "\n\n".join([*text, "For research use only.\n"])


def score_interval(rows: Rows, method: str, less: str | None = None) -> tuple[float, float, float]:
    """Score of all slices of a method, less that of another, and its interval over patients.

    Patients are drawn with all of their slices, and slices count alike, as in the paper: the mean
    Dice on reconstructions over the mean Dice on full slices.
    """
    ways = (method,) if less is None else (method, less)
    sums = [
        [sum(row[name] for row in rows if (row["patient"], row["method"]) == (patient, way))
         for name, way in (("full_dice_la", method), *(("dice_la", way) for way in ways))]
        for patient in dict.fromkeys(row["patient"] for row in rows)
    ]  # fmt: skip

    def ratio(means: np.ndarray) -> np.ndarray:
        scores = means[..., 1:] / means[..., :1]
        found: np.ndarray = scores[..., 0] - (0 if less is None else scores[..., 1])
        return found

    return bootstrap_interval(ratio, np.array(sums))


def _slice_mean(rows: Rows, method: str, name: str) -> float:
    return float(np.mean([row[name] for row in rows if row["method"] == method]))


def _with_interval(rows: Rows, method: str, name: str, digits: int) -> str:
    return _shown(mean_interval([*patient_values(rows, method, name).values()]), "", digits)


def _shown(interval: tuple[float, float, float], sign: str, digits: int) -> str:
    """An estimate with its interval; the sign is that of a format, such as ``+``."""
    value, low, high = (f"{one:{sign}.{digits}f}" for one in interval)
    return f"{value} ({low} to {high})"


def _by_size(rows: Rows, methods: Sequence[str]) -> list[str]:
    """Table of Dice and score in thirds of the slices, by how much of the atrium they show."""
    areas = sorted({(row["area_cm2"], row["patient"], row["slice"]) for row in rows})
    lines = []
    for part in np.array_split(np.arange(len(areas)), min(3, len(areas))):
        own = {areas[k][1:] for k in part}
        chosen = [row for row in rows if (row["patient"], row["slice"]) in own]
        full = _slice_mean(chosen, methods[0], "full_dice_la")
        dice = {one: _slice_mean(chosen, one, "dice_la") for one in methods}
        lines.append(
            [f"{areas[part[0]][0]:.1f} to {areas[part[-1]][0]:.1f}", number(full, 3)]
            + [f"{one:.3f} ({number(one / full if full else None, 3)})" for one in dice.values()]
        )
    return [
        "Slices in thirds. Mean Dice, in brackets the score.",
        markdown_table(["atrium (cm²)", "all lines", *methods], lines),
    ]


def _published(method: str) -> tuple[float, ...] | None:
    model = models().get(method)
    return _SOLVERS.get(method) if model is None else model.published.get(TABLE)


def _against(rows: Rows, methods: Sequence[str]) -> list[str]:
    first, *others = methods
    found = {}
    for method in others:
        for name in ("psnr", "ssim", "sis"):
            ours, theirs = (patient_values(rows, one, name) for one in (method, first))
            found[f"{method} {name}"] = paired_difference([*ours.values()], [*theirs.values()])
    corrected = holm({key: one.p for key, one in found.items() if one.p is not None})
    lines = []
    for method in others:
        cells = [method]
        for name, digits in (("psnr", 2), ("ssim", 3), ("sis", 3)):
            one = found[f"{method} {name}"]
            p = corrected.get(f"{method} {name}")
            interval = (one.mean, one.low, one.high)
            if name == "sis":
                interval = score_interval(rows, method, first)
            tested = "-" if p is None else f"{p:.2g}"
            cells.append(f"{_shown(interval, '+', digits)}, p {tested}")
        lines.append(cells)
    return [
        "Differences of the numbers above with the 95 % bootstrap interval over patients; "
        "Wilcoxon's signed-rank test of each patient's own numbers after Holm's correction, from "
        f"{FEWEST} patients on.",
        markdown_table(["method", "PSNR (dB)", "SSIM", "SIS"], lines),
    ]
