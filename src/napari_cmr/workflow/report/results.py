"""Sections of a report on wall, scar, a comparison, styles and images: each says what it is of."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from napari_cmr.analysis import CardiacFunction
from napari_cmr.analysis.wall import segmental_function
from napari_cmr.scan import Notice, ScanError
from napari_cmr.workflow.measure.comparison import LabelComparison
from napari_cmr.workflow.measure.scar import USUAL_N, how_text
from napari_cmr.workflow.report.bullseye import bullseye
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.facts import facts_table

_SIDES = (("LV", "lv"), ("RV", "rv"))


def wall_section(content: ReportContent, function: CardiacFunction) -> str:
    """Bull's-eyes of thickness, thickening and motion; empty where the wall cannot be measured."""
    scan = content.scan
    if scan.is_long_axis:
        return ""
    try:
        found = segmental_function(
            content.labels,
            scan.geometry,
            ed_frame=function.lv.ed_frame,
            es_frame=function.lv.es_frame,
        )
    except ScanError:
        return ""  # without a cavity in two slices, say, there is no wall to show
    shown = [(found.thickness_mm[found.ed_frame], "Wall thickness at end-diastole, mm", (0, 16))]
    if scan.n_frames == 1:
        shown = [(found.thickness_mm[0], "Wall thickness, mm", (0, 16))]
    elif found.es_frame is not None:
        shown += [
            (found.thickness_mm[found.es_frame], "Wall thickness at end-systole, mm", (0, 20)),
            (found.thickening_percent, "Wall thickening, %", (0, 80)),
            (found.motion_mm[found.es_frame], "Inward motion at end-systole, mm", (0, 12)),
        ]
    pictures = "".join(
        bullseye(values, title, scale)
        for values, title, scale in shown
        if not np.isnan(values).all()
    )
    if not pictures:
        return ""
    return (
        f'<h2>The wall in 17 segments</h2><div class="grid">{pictures}</div>'
        f"{_said(found.warnings)}"
        "<p>Segments after Cerqueira et al., Circulation 105:539, 2002.</p>"
    )


def scar_section(content: ReportContent) -> str:
    """Scar, and what it was found in; empty where there is none to report."""
    found, labels = content.derived.scar, content.scar_labels
    if found is None:
        return ""
    extent = found.extent
    figures = (
        (f"{extent.scar_g:.1f} g", "scar, its no-reflow core included"),
        (f"{extent.scar_percent:.0f} %", "of the LV's myocardium"),
        (f"{extent.no_reflow_g:.1f} g", "no-reflow"),
    )
    cells = "".join(f"<div><b>{value}</b>{words}</div>" for value, words in figures)
    settings = found.scar.settings
    facts = [
        ("Found in", content.source_of(labels)),
        ("How", how_text(found.scar)),
        ("Scar is brighter than", f"{100 * settings.blood_part:.0f} % of the way to blood"),
        ("Smallest scar that counts", f"{settings.least_ml:g} mL"),
        ("Reaches the endocardium", "asked for" if settings.from_endocardium else "not asked for"),
        ("Myocardium", f"{extent.myocardium_g:.1f} g"),
    ]
    if found.range_g is not None:
        low, high = found.range_g
        facts += [
            (
                "How much hangs on n",
                f"{high:.1f} to {low:.1f} g for n from {USUAL_N[0]:g} to {USUAL_N[1]:g}",
            ),
            ("By FWHM", f"{found.others['fwhm']:.1f} g"),
            ("By Otsu", f"{found.others['otsu']:.1f} g"),
        ]
    if found.automatic_g is not None:
        facts.append(("With remote muscle found by itself", f"{found.automatic_g:.1f} g"))
    if found.reference is not None:
        facts.append(("In the labels as they came", f"{found.reference.scar_g:.1f} g of scar"))
    pictures = "".join(
        bullseye(values, title, (0, 100))
        for values, title in (
            (extent.transmurality_percent, "Transmurality, %"),
            (extent.segment_percent, "Part of the segment, %"),
        )
        if not np.isnan(values).all()
    )
    return (
        f'<h2>Scar</h2><div class="big">{cells}</div>{_said(found.warnings)}{facts_table(facts)}'
        f'<div class="grid">{pictures}</div>'
    )


def comparison_section(content: ReportContent) -> str:
    """How two label sets differ, and whose they are; empty where none were compared."""
    found = content.derived.comparison
    if found is None:
        return ""
    record = found.to_dict()
    rows = "".join(
        f"<tr><td>{name.upper()}</td><td>{_number(one['dice'], '.3f')}</td>"
        f"<td>{_number(one['mean_contour_mm'], '.2f')}</td>"
        f"<td>{_number(one['hausdorff_mm'], '.1f')}</td>"
        f"<td>{one['slices_in_one_only']}</td></tr>"
        for name, one in record["labels"].items()
    )
    heads = ("", "Dice", "mean distance, mm", "largest distance, mm", "slices in one only")
    head = "".join(f"<th>{text}</th>" for text in heads)
    facts = [
        ("First", content.source_of(found.names[0])),
        ("Second", content.source_of(found.names[1])),
        ("Frames", ", ".join(str(frame + 1) for frame in found.frames)),
        *_differences(record),
    ]
    return (
        "<h2>Comparison, second minus first</h2>"
        f'<table class="numbers"><tr>{head}</tr>{rows}</table>{facts_table(facts)}'
        f"{_said(found.notes)}{_worst(found)}"
    )


def styles_section(content: ReportContent) -> str:
    """How labels move with the style of synthetic late enhancement; empty where none was made."""
    styled = content.derived.styles
    if styled is None:
        return ""
    given = [name for name in styled.names if name]
    facts = [
        ("Of", f"slice {styled.z + 1}, frame {styled.frame + 1}"),
        ("Styles", f"{len(styled.names)}, seed {styled.seed}"),
        ("Model", styled.model),
        *((f"Weights of {name} (SHA-256)", digest) for name, digest in styled.weights.items()),
    ]
    if given:
        facts.append(("Of real scans", f"{len(given)}"))
    if any(styled.shifts):
        facts.append(("Moved by", ", ".join(f"{shift:+.1f} SD" for shift in styled.shifts)))
    spread = styled.spread
    if spread is None:
        facts.append(("Labels", "none: no model labels late enhancement here"))
    else:
        for name, dice, areas in (
            ("LV", spread.lv_dice, spread.lv_cm2),
            ("Wall", spread.myo_dice, spread.myo_cm2),
        ):
            text = f"Dice between styles {_number(dice, '.2f')}"
            if areas:
                text += f", area {min(areas):.1f} to {max(areas):.1f} cm²"
            facts.append((name, text))
    return (
        '<h2>Synthetic late enhancement</h2><div class="notice synthetic">SYNTHETIC: rendered '
        "from the cine by a network. Nothing in it was measured after contrast agent.</div>"
        f"{facts_table(facts)}"
    )


def images_section(content: ReportContent) -> str:
    """How close reconstructed images come to the full scan; empty where there are none."""
    if not content.reconstructions:
        return ""
    titles = ("Method", "Lines", "PSNR, dB", "where it moves", "SSIM", "NRMSE", "Slices")
    n_all, n_slices = content.scan.n_phase_encodes, content.scan.n_slices
    rows = []
    for one in content.reconstructions:
        made, quality = one.acquisition, one.quality
        edited = ", edited by hand" if made.toggled else ""
        lines = f"{made.n_lines or n_all} of {n_all}, {made.pattern}, seed {made.seed}{edited}"
        settings = ", ".join(f"{name} {value}" for name, value in one.settings.items())
        numbers = (
            _number(quality.psnr, ".1f"),
            _number(quality.psnr_moving, ".1f"),
            _number(quality.ssim, ".3f"),
            _number(quality.nrmse, ".3f"),
        )
        method = f"{one.method} ({settings})" if settings else one.method
        rows.append((method, lines, *numbers, f"{len(one.slices)} of {n_slices}"))
    head = "".join(f"<th>{escape(one)}</th>" for one in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        "<h2>Reconstructed images</h2>"
        f"<table><tr>{head}</tr>{body}</table>"
        "<p>Against all lines, mean over the slices that were compared.</p>"
        f"{_invented(content)}"
    )


def _invented(content: ReportContent) -> str:
    """What is to be known of images, a sentence for each method that there is something of."""
    found = [(one.method, notice) for one in content.reconstructions for notice in one.notices]
    return "".join(
        f'<div class="notice">{escape(f"{method}: {notice.text}")}</div>'
        for method, notice in found
    )


def _said(notices: Sequence[Notice]) -> str:
    items = "".join(f"<li>{escape(one.text)}</li>" for one in notices)
    return f"<ul>{items}</ul>" if items else ""


def _differences(record: dict[str, Any]) -> list[tuple[str, str]]:
    facts = []
    for name, side in _SIDES:
        numbers = record["difference"][side]
        if numbers["ef_percent"] is not None:
            facts.append(
                (
                    f"{name} difference",
                    f"EF {numbers['ef_percent']:+.1f} points, EDV {numbers['edv_ml']:+.0f} mL, "
                    f"ESV {numbers['esv_ml']:+.0f} mL",
                )
            )
    return facts


def _worst(found: LabelComparison) -> str:
    return "".join(
        f"<p>Furthest apart: {one.label.name} in slice {one.slice + 1}, frame {one.frame + 1}, "
        f"{one.hausdorff_mm:.1f} mm.</p>"
        for one in found.worst()
    )


def _number(value: float | None, form: str) -> str:
    return "–" if value is None or np.isnan(value) else format(value, form)
