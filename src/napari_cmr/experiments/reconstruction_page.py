"""Page of a comparison of reconstruction methods: tables, and differences to a reference."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.cohort.statistics import FEWEST, holm, paired_difference
from napari_cmr.cohort.tables import markdown_table, number
from napari_cmr.experiments.interpretability.score_tables import function_sections, score_sections
from napari_cmr.workflow.reconstruct.methods import warnings_of

if TYPE_CHECKING:
    from napari_cmr.experiments.reconstruction import ReconstructionSettings

#: What others are compared with, scan by scan: free, and hard to beat.
REFERENCE = "view-sharing"


def comparison_page(
    rows: list[dict[str, Any]],
    function: list[dict[str, Any]],
    failures: list[tuple[str, str]],
    settings: "ReconstructionSettings",
    command: str | None,
) -> str:
    """Page with a table of means over scans, and one of each scan; ``function`` are of volumes."""
    samplings = list(dict.fromkeys((row["pattern"], row["lines"]) for row in rows))
    scans = list(dict.fromkeys(row["scan"] for row in rows))
    text = [
        "# Reconstruction from few lines",
        f"{_counted(len(scans), 'scan')}, {settings.slices} slice"
        f"{'s' if settings.slices == 'all' else ''}, "
        f"{_counted(settings.draws, 'mask')} of each pattern from seed {settings.seed}, "
        f"{settings.centre_lines} centre lines, noise {settings.noise:g}, "
        f"{_counted(settings.coils, 'receive coil')} of images. PSNR in dB, in brackets "
        "in the tenth of the pixels that move most; its peak is the maximum of the full cine. "
        "Seconds are of processor time for a slice.",
    ]
    text += warnings_of(settings.methods)
    if command:
        text.append(f"```sh\n{command}\n```")
    columns = [f"{pattern} {lines}" for pattern, lines in samplings]
    for title, cell in (
        ("PSNR (moving), mean over scans", _psnr),
        ("SSIM, mean over scans", _of("ssim", 3)),
        ("Complex NRMSE, mean over scans", _of("nrmse", 3)),
        ("Seconds, mean over scans", _of("seconds", 1)),
    ):
        lines = [
            [method, *(cell(_chosen(rows, method=method, sampling=one)) for one in samplings)]
            for method in settings.methods
        ]
        text += [f"## {title}", markdown_table(["method", *columns], lines)]
    text += _about_networks(rows, settings.methods, samplings)
    lines = [
        [scan, method, *(_psnr(_chosen(rows, scan, method, one)) for one in samplings)]
        for scan in scans
        for method in settings.methods
    ]
    text += ["## PSNR (moving) of each scan", markdown_table(["scan", "method", *columns], lines)]
    if REFERENCE in settings.methods and len(settings.methods) > 1:
        text += [f"## Against {REFERENCE}", *_against(rows, settings.methods, samplings)]
    text += score_sections(rows, settings.methods, samplings, REFERENCE)
    text += function_sections(function, samplings)
    if failures:
        text.append("## Left out\n\n" + "\n".join(f"- {name}: {why}" for name, why in failures))
    return "\n\n".join([*text, "For research use only.\n"])


def _about_networks(
    rows: list[dict[str, Any]], methods: Sequence[str], samplings: Sequence[tuple[str, str]]
) -> list[str]:
    """Section on what networks have learned and how sure they are; none where none was compared."""
    sizes = {row["method"]: row["parameters"] for row in rows if row.get("parameters")}
    if not sizes:
        return []
    lines = [
        [
            method,
            f"{sizes[method]:,}",
            *(_of("covered", 2)(_chosen(rows, method=method, sampling=one)) for one in samplings),
        ]
        for method in methods
        if method in sizes
    ]
    return [
        "## Networks",
        "Numbers that they have learned, and the share of the pixels whose error lies within one "
        "standard deviation, mean over scans: .68 is well calibrated. Most networks give no "
        "deviation.",
        markdown_table(["method", "parameters", *(" ".join(one) for one in samplings)], lines),
    ]


def gains(rows: list[dict[str, Any]], methods: Sequence[str]) -> dict[str, dict[str, list[float]]]:
    """PSNR where it moves less that of :data:`REFERENCE`: dB by sampling, method and scan."""
    found: dict[str, dict[str, list[float]]] = {}
    for sampling in dict.fromkeys((row["pattern"], row["lines"]) for row in rows):
        own = found.setdefault(" ".join(sampling), {})
        for method in methods:
            pairs = _pairs(rows, method, sampling) if method != REFERENCE else []
            if pairs:
                own[method] = [psnr - reference for psnr, reference in pairs]
    return found


def _against(
    rows: list[dict[str, Any]], methods: Sequence[str], samplings: Sequence[tuple[str, str]]
) -> list[str]:
    """Differences to :data:`REFERENCE` in PSNR where it moves, scan by scan."""
    found = {}
    for method in methods:
        for sampling in samplings if method != REFERENCE else ():
            pairs = _pairs(rows, method, sampling)
            if pairs:
                found[f"{method} | {' '.join(sampling)}"] = paired_difference(
                    *zip(*pairs, strict=True)
                )
    corrected = holm({name: one.p for name, one in found.items() if one.p is not None})
    table = [
        [*name.split(" | "), f"{one.mean:+.2f} ({one.low:+.2f} to {one.high:+.2f})",
         f"{corrected[name]:.2g}" if name in corrected else "-", str(one.subjects)]
        for name, one in found.items()
    ]  # fmt: skip
    return [
        "Difference of PSNR in the pixels that move, in dB: mean over scans with the 95 % "
        "bootstrap interval; Wilcoxon's signed-rank test after Holm's correction, from "
        f"{FEWEST} scans on.",
        markdown_table(["method", "lines", "dB", "p", "scans"], table),
    ]


def _pairs(
    rows: list[dict[str, Any]], method: str, sampling: tuple[str, str]
) -> list[tuple[float, float]]:
    """PSNR where it moves of a method and of :data:`REFERENCE`, a pair for each scan with both."""
    pairs = []
    for scan in dict.fromkeys(row["scan"] for row in rows):
        both = [
            _mean(_chosen(rows, scan, one, sampling), "psnr_moving") for one in (method, REFERENCE)
        ]
        if both[0] is not None and both[1] is not None:
            pairs.append((both[0], both[1]))
    return pairs


def _chosen(
    rows: list[dict[str, Any]],
    scan: str | None = None,
    method: str = "",
    sampling: tuple[str, str] = ("", ""),
) -> list[dict[str, Any]]:
    return [
        row
        for row in rows
        if row["method"] == method
        and (row["pattern"], row["lines"]) == sampling
        and scan in (None, row["scan"])
    ]


def _mean(rows: list[dict[str, Any]], name: str) -> float | None:
    """Mean over scans of the means over their slices and draws; None where one is missing."""
    by_scan: dict[str, list[Any]] = {}
    for row in rows:
        by_scan.setdefault(row["scan"], []).append(row.get(name))
    values = [value for scan in by_scan.values() for value in scan]
    if not values or any(value is None for value in values):
        return None
    return float(np.mean([np.mean(values) for values in by_scan.values()]))


def _psnr(rows: list[dict[str, Any]]) -> str:
    whole, moving = _mean(rows, "psnr"), _mean(rows, "psnr_moving")
    return number(whole) if moving is None else f"{number(whole)} ({number(moving)})"


def _of(name: str, digits: int) -> Callable[[list[dict[str, Any]]], str]:
    return lambda rows: number(_mean(rows, name), digits)


def _counted(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"
