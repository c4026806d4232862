"""One HTML file that tells what was measured, how, and whether to believe it.

It holds its pictures itself: it asks for nothing from anywhere, and has no scripts.
"""

from collections.abc import Mapping, Sequence
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.normal_ranges import NORMAL_RANGES, compare_to_normal
from napari_cmr.scan import Label, Scan, ScanError, Ventricle, joined, written_together
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.facts import acquisition_facts, scan_facts
from napari_cmr.workflow.report.html import html_page
from napari_cmr.workflow.report.pictures import (
    DASHES,
    colour,
    slice_grid,
    volume_curves,
)
from napari_cmr.workflow.report.results import (
    comparison_section,
    images_section,
    scar_section,
    styles_section,
    wall_section,
)

_NUMBERS = (
    ("{} end-diastolic volume", "edv_ml", "mL", 0),
    ("{} end-systolic volume", "esv_ml", "mL", 0),
    ("{} stroke volume", "sv_ml", "mL", 0),
    ("{} ejection fraction", "ef_percent", "%", 0),
    ("{} cardiac output", "cardiac_output_l_min", "L/min", 1),
    ("{} end-diastolic volume index", "edv_index_ml_m2", "mL/m²", 0),
    ("{} end-systolic volume index", "esv_index_ml_m2", "mL/m²", 0),
    ("{} stroke volume index", "sv_index_ml_m2", "mL/m²", 0),
    ("{} cardiac index", "cardiac_index_l_min_m2", "L/min/m²", 1),
)


def save_report(
    path: str | PathLike[str],
    content: ReportContent,
    *,
    inputs: Sequence[str | PathLike[str] | None] = (),
    overwrite: bool = False,
) -> None:
    """Write a report in one step.

    Parameters
    ----------
    path : path
        Ends in ``.html``.
    content : ReportContent
    inputs : sequence of path
        Files that were read for it, beside the scan.
    overwrite : bool
        Whether files that exist may be replaced.

    Raises
    ------
    ScanError
        If the name does not end in .html, there is nothing to report, or the file may not be
        written, see :func:`~napari_cmr.scan.check_outputs`.
    """
    path = Path(path)
    check_report_name(path)
    page = render_report(content)
    sources = [content.scan.source, *inputs]
    with written_together(path, inputs=sources, overwrite=overwrite) as at:
        at[path].write_text(page, encoding="utf-8", errors="replace")  # names that are no UTF-8


def check_report_name(path: Path) -> None:
    """Refuse a name that a browser would not open.

    Raises
    ------
    ScanError
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise ScanError("is not the name of a report", source=path, remedy="let it end in .html")


def render_report(content: ReportContent) -> str:
    """Report as one HTML page; equal content makes an equal page.

    Raises
    ------
    ScanError
        If the labels are not on the scan's grid, or nothing is labelled.
    """
    scan = content.scan
    if content.labels.shape == scan.shape and not content.labels.any():
        raise ScanError(
            "nothing is labelled, so there is nothing to report",
            source=scan.name,
            remedy="segment the scan or draw labels first",
        )
    function = _measure(content)
    reference = _reference(content)
    what = "Late enhancement" if scan.kind == "lge" else "Cardiac function"
    title = f"{what}: {scan.name}"
    parts = []
    if scan.synthetic:
        parts.append('<div class="notice synthetic">Synthetic image: no person was scanned.</div>')
    parts += [
        _headline(scan, function, content.made_from.intervals_of(function)),
        _warnings(content, function),
        "<h2>Numbers</h2>",
        _numbers(content, function, reference),
        *_cycle(scan, function, reference),
        "<h2>Contours</h2>",
        _legend(),
        slice_grid(scan, content.labels, _phases(scan, function)),
        wall_section(content, function),
        scar_section(content),
        comparison_section(content),
        styles_section(content),
        images_section(content),
        "<h2>Scan</h2>",
        scan_facts(scan),
        "<h2>Acquisition and labels</h2>",
        acquisition_facts(content),
    ]
    return html_page(title, parts)


def _measure(content: ReportContent) -> CardiacFunction:
    labelled = content.scan.with_(labels=content.labels, labelled_frames=content.frames)
    return measure_scan(labelled, reading=content.reading)


def _reference(content: ReportContent) -> CardiacFunction | None:
    """Function of the labels that came with the scan, where it is something else."""
    scan = content.scan
    if scan.labels is None or np.array_equal(scan.labels, content.labels):
        return None
    return measure_scan(scan, reading=content.reading)


def _headline(
    scan: Scan, function: CardiacFunction, intervals: Mapping[Ventricle, tuple[float, float]]
) -> str:
    """Ejection fractions, of which a still stack has none, and mass."""
    cells = []
    ventricles: tuple[Ventricle, ...] = () if scan.n_frames == 1 else ("LV", "RV")
    for name in ventricles:
        ef = getattr(function, name.lower()).ef_percent
        shown = "–" if ef is None else f"{ef:.0f} %"
        said = f"{name} ejection fraction"
        if name in intervals:
            low, high = intervals[name]
            said += f"<br>90 % interval {low:.0f} to {high:.0f} %"
        cells.append(f'<div><b style="color:{colour(Label[name])}">{shown}</b>{said}</div>')
    mass = "–" if function.lv_mass_g is None else f"{function.lv_mass_g:.0f} g"
    cells.append(f"<div><b>{mass}</b>LV mass</div>")
    return f'<div class="big">{"".join(cells)}</div>'


def _warnings(content: ReportContent, function: CardiacFunction) -> str:
    notices = joined(content.made_from.warnings, function.warnings)
    if not notices:
        return ""
    items = "".join(f"<li>{escape(one.text)}</li>" for one in notices)
    return f"<h2>Read this first</h2><ul>{items}</ul>"


def _numbers(
    content: ReportContent, function: CardiacFunction, reference: CardiacFunction | None
) -> str:
    """Table of every number that is known, beside the reference and healthy adults."""
    sex = content.scan.subject.sex
    compared = compare_to_normal(function, sex)
    rows = []
    for side in ("lv", "rv"):
        for name, key, unit, digits in _NUMBERS:
            rows.append((name.format(side.upper()), f"{side}.{key}", unit, digits))
    rows.append(("LV mass", "lv_mass_g", "g", 0))
    rows.append(("LV mass index", "lv_mass_index_g_m2", "g/m²", 0))
    heads = ["", "measured"]
    heads += [] if reference is None else ["reference", "difference"]
    heads += [] if sex is None else [f"healthy adults ({sex})", "percentile"]
    body = []
    for name, key, unit, digits in rows:
        value = _value(function, key)
        if value is None:
            continue
        cells = [name, f"{value:.{digits}f} {unit}"]
        if reference is not None:
            beside = _value(reference, key)
            cells += (
                ["–", "–"]
                if beside is None
                else [f"{beside:.{digits}f} {unit}", _difference(value - beside, unit, digits)]
            )
        if sex is not None:
            normal = NORMAL_RANGES.get(key)
            if normal is None:
                cells += ["", ""]
            else:
                low, high = normal[sex].limits
                percentile = compared[key].percentile
                cells += [f"{low:.{digits}f}–{high:.{digits}f} {unit}", _percentile(percentile)]
        body.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    note = _frames_note(content.scan, function)
    if compared:
        sources = dict.fromkeys(one.normal.source for one in compared.values())
        note += (
            "<p>Healthy adults: mean ± 1.96 SD of "
            + "; ".join(escape(text) for text in sources)
            + ". A rough guide across scanners, not a finding.</p>"
        )
    return f'<table class="numbers"><tr>{head}</tr>{"".join(body)}</table>{note}'


def _difference(value: float, unit: str, digits: int) -> str:
    """Signed number; a difference of two percentages is in points."""
    shown = f"{value:+.{digits}f}"
    unit = "points" if unit == "%" else unit
    return f"{shown if float(shown) else shown[1:]} {unit}"


def _percentile(percentile: float) -> str:
    return "below 1" if percentile < 1 else "above 99" if percentile > 99 else f"{percentile:.0f}"


def _value(function: CardiacFunction, key: str) -> float | None:
    owner: Any = function
    for part in key.split("."):
        owner = getattr(owner, part)
    return None if owner is None else float(owner)


def _frame(scan: Scan, frame: int) -> str:
    """Frame counted from 1, and which one it is of the cine that the scan is an excerpt of."""
    of_cine = (
        "" if scan.source_frames is None else f" ({scan.source_frames[frame] + 1} of the cine)"
    )
    return f"frame {frame + 1}{of_cine}"


def _frames_note(scan: Scan, function: CardiacFunction) -> str:
    texts = []
    for side in ("lv", "rv"):
        ventricle = getattr(function, side)
        if ventricle.ed_frame is not None and ventricle.es_frame is not None:
            texts.append(
                f"{side.upper()}: end-diastole in {_frame(scan, ventricle.ed_frame)}, "
                f"end-systole in {_frame(scan, ventricle.es_frame)}"
            )
    return f"<p>{'; '.join(texts)}. Volumes by slice summation, gaps included.</p>" if texts else ""


def _cycle(
    scan: Scan, function: CardiacFunction, reference: CardiacFunction | None
) -> tuple[str, ...]:
    """Section of the volumes over the cycle; none for a still stack."""
    if scan.n_frames == 1:
        return ()
    return "<h2>Volumes over the cycle</h2>", _curves(scan, function, reference)


def _curves(scan: Scan, function: CardiacFunction, reference: CardiacFunction | None) -> str:
    curves = []
    for label in (Label.LV, Label.RV):
        side = label.name.lower()
        curves.append((label.name, getattr(function, side).volumes_ml, colour(label), ""))
        if reference is not None:
            beside = getattr(reference, side).volumes_ml
            curves.append((f"{label.name} ref.", beside, colour(label), "3 3"))
    step = scan.cycle_ms / scan.n_frames if scan.has_full_cycle and scan.cycle_ms else None
    return volume_curves(curves, step_ms=step)


def _phases(scan: Scan, function: CardiacFunction) -> list[tuple[str, int]]:
    """Frames whose contours are shown: the LV's ED and ES, else the first that was measured."""
    lv, rv = function.lv, function.rv
    for side, ventricle in (("", lv), (" (of the RV)", rv)):
        if ventricle.ed_frame is not None and ventricle.es_frame is not None:
            return [
                (f"End-diastole{side}, {_frame(scan, ventricle.ed_frame)}", ventricle.ed_frame),
                (f"End-systole{side}, {_frame(scan, ventricle.es_frame)}", ventricle.es_frame),
            ]
    frame = function.frames[0] if function.frames else 0
    return [(_frame(scan, frame).capitalize(), frame)]


def _legend() -> str:
    words = {
        Label.LV: "LV cavity (solid)",
        Label.MYO: "outer border of the myocardium (dashed)",
        Label.RV: "RV cavity (dotted)",
    }
    marks = " · ".join(
        f'<span style="color:{colour(label)};font-weight:600">{words[label]}</span>'
        for label in DASHES
    )
    return f"<p>{marks}</p>"
