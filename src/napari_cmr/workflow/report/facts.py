"""What a report says of the scan, the acquisition and where the labels came from."""

from collections.abc import Sequence
from html import escape

import numpy as np

from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.scan import Label, Scan
from napari_cmr.workflow.edit.provenance import KeptSlices, Provenance
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.pictures import mask_picture


def facts_table(facts: list[tuple[str, str]]) -> str:
    """Names and values in two columns."""
    rows = "".join(f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in facts)
    return f"<table>{rows}</table>"


def scan_facts(scan: Scan) -> str:
    """What was scanned; never who: no name, no birth date, no path."""
    dz, dy, dx = scan.spacing
    subject = scan.subject
    about = [
        text
        for value, text in (
            (subject.sex, f"{subject.sex}"),
            (subject.age_years, f"{subject.age_years or 0:.0f} years"),
            (subject.height_cm, f"{subject.height_cm or 0:.0f} cm"),
            (subject.weight_kg, f"{subject.weight_kg or 0:.0f} kg"),
            (subject.group, f"group {subject.group}"),
        )
        if value is not None
    ]
    facts = [
        ("Subject", ", ".join(about) or "not known"),
        ("Kind", scan.kind),
        ("Frames × slices", f"{scan.n_frames} × {scan.n_slices}"),
        ("Matrix", f"{scan.shape[3]} × {scan.shape[2]} pixels of {dx:.2f} × {dy:.2f} mm"),
        ("Between slices", f"{dz:.1f} mm, gap included"),
        ("k-space lines", f"{scan.n_phase_encodes} per frame when fully sampled"),
    ]
    if scan.cycle_ms:
        rate = 60_000 / scan.cycle_ms
        facts.append(("Heart cycle", f"{scan.cycle_ms:.0f} ms, {rate:.0f} beats per minute"))
    facts += [("Note", one.text) for one in scan.notes]
    return facts_table(facts)


def labels_text(made: Provenance, origin: str, n_phase_encodes: int) -> str:
    """What labels were made from, in words.

    Parameters
    ----------
    made : Provenance
    origin : {"empty", "reference", "model"}
    n_phase_encodes : int
    """
    if made.model is None:
        parts = ["reference that came with the scan" if origin == "reference" else "drawn"]
    else:
        parts = [f"{made.model} from {_lines_text(made.acquisition, n_phase_encodes)}"]
        parts += [f"weights {digest[:12]}…" for digest in made.weights.values()]
    if made.corrected:
        n = len(made.corrected)
        parts.append(f"{n} slice{'s' * (n > 1)} corrected by hand")
    for one in made.kept:
        n = len(one.slices)
        parts.append(f"{n} slice{'s' * (n > 1)} kept {_kept_from(one, n_phase_encodes)}")
    return ", ".join(parts)


def _lines_text(lines: Acquisition | None, n_phase_encodes: int) -> str:
    """How many lines of which seed: ``10 of 208 lines, seed 3``; all where it is not known."""
    if lines is None or lines.n_lines is None or lines.n_lines >= n_phase_encodes:
        return f"all {n_phase_encodes} lines"
    return f"{lines.n_lines} of {n_phase_encodes} lines, seed {lines.seed}"


def _kept_from(kept: KeptSlices, n_phase_encodes: int) -> str:
    """What slices are of that a later run has left alone."""
    if kept.acquisition is None:
        return "as drawn"
    return f"from {_lines_text(kept.acquisition, n_phase_encodes)}"


def _with_interval(ef_percent: float, interval: tuple[float, float] | None) -> str:
    """EF of a model's own labels, with its interval if it has one."""
    text = f"{ef_percent:.0f} %"
    if interval is None:
        return text
    return f"{text}, 90 % interval {interval[0]:.0f} to {interval[1]:.0f} %"


def _places(places: Sequence[tuple[int, int]]) -> str:
    """Slices by frame, from 1: ``frame 3: slices 4, 5``."""
    by_frame: dict[int, list[int]] = {}
    for frame, z in sorted(places):
        by_frame.setdefault(frame, []).append(z + 1)
    return "; ".join(
        f"frame {frame + 1}: slice{'s' * (len(slices) > 1)} {', '.join(map(str, slices))}"
        for frame, slices in by_frame.items()
    )


def reading_facts(reading: Reading) -> list[tuple[str, str]]:
    """What the user has chosen of ED and ES, slices and blood, as names with texts.

    Frames and slices count from 1 in them; nothing is said of what was left to the measurement.
    """
    by_hand: list[str] = []
    held: list[str] = []
    slices: list[str] = []
    for label in (Label.LV, Label.RV):
        one = reading.of(label)
        for phase in ("ed", "es"):
            name = f"{label.name} {phase.upper()}"
            frame = getattr(one, f"{phase}_frame")
            if frame is not None:
                (held if phase in one.held else by_hand).append(f"{name} in frame {frame + 1}")
            ends = getattr(one, f"{phase}_slices")
            if ends is not None:
                slices.append(f"{name} {ends[0] + 1} to {ends[1] + 1}")
    facts = [
        ("Set by hand", by_hand),
        ("Kept while labels were corrected", held),
        ("Slices that count", slices),
        ("Counted as blood", ["papillary muscles"] if reading.papillary_in_blood else []),
    ]
    return [(name, ", ".join(texts)) for name, texts in facts if texts]


def acquisition_facts(content: ReportContent) -> str:
    """How the labels came about, and the lines that they were made from."""
    scan, made = content.scan, content.made_from
    acquisition = made.acquisition
    facts = [("Labels", content.labels_from)]
    if made.model is not None:
        preset = "" if made.preset is None else f" ({made.preset})"
        facts.append(("Model", f"{made.model}{preset}"))
        digests = [f"{name} {digest}" for name, digest in made.weights.items()]
        facts.append(("Weights (SHA-256)", ", ".join(digests) or "not known"))
    for name, ef, interval in (
        ("LV", made.lv_ef_percent, made.lv_ef_interval_percent),
        ("RV", made.rv_ef_percent, made.rv_ef_interval_percent),
    ):
        if ef is not None:
            facts.append((f"{name} EF as the model gave it", _with_interval(ef, interval)))
    if content.edited_voxels is not None:
        changed = f"{content.edited_voxels} voxels changed by hand" if content.edited_voxels else ""
        if changed and made.kept:
            changed += ", or in slices that were kept"
        facts.append(("Edits", changed or "none: as the model gave them"))
    facts += [
        (name, _places(places))
        for name, places in (
            ("Mended along the stack", made.mended),
            ("Corrected slices", made.corrected),
            ("Accepted slices", content.accepted),
        )
        if places
    ]
    facts += [
        (f"Kept {_kept_from(one, scan.n_phase_encodes)}", _places(one.slices)) for one in made.kept
    ]
    facts += reading_facts(content.reading)
    if acquisition is None:
        facts.append(("Lines", "labels were not made from undersampled lines"))
        return facts_table(facts)
    mask = line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
    few, many = int(mask.n_lines.min()), int(mask.n_lines.max())
    count = f"{few}" if few == many else f"{few} to {many}"
    speed = "∞" if np.isinf(mask.acceleration) else f"{mask.acceleration:.1f}"
    lines = f"{count} of {mask.n_phase_encodes} per frame, acceleration {speed}×"
    facts += [("Lines", lines), ("Pattern", f"{acquisition.pattern}, seed {acquisition.seed}")]
    if acquisition.toggled:
        facts.append(("Lines changed by hand", f"{len(acquisition.toggled)}"))
    if acquisition.noise:
        facts.append(("Noise added", f"{100 * acquisition.noise:.1f} %"))
    if acquisition.coils > 1 and scan.raw is None:
        facts.append(("Receive coils", f"{acquisition.coils}, of a simulated array"))
    if acquisition.phase and not np.iscomplexobj(scan.image) and not mask.is_full:
        facts.append(("Phase", "a smooth synthetic phase was added"))
    table = facts_table(facts)
    if mask.is_full:
        return table
    title = "Lines that were measured: a row for each frame, k-space centre in the middle"
    return f"{table}<p>{title}</p>{mask_picture(mask.array, title)}"
