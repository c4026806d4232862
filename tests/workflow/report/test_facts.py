"""What a report says in words of a scan, its lines and the origin of its labels."""

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, Subject
from napari_cmr.workflow.edit.provenance import NO_MODEL, KeptSlices, Provenance, interval_fields
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.facts import acquisition_facts, facts_table, labels_text, scan_facts

SCAN = make_scan(n_frames=3, n_slices=2)
FULL = Acquisition(n_lines=48)
MODEL = Provenance(
    model="a-net",
    preset="live",
    weights={"a-net": "ab" * 32},
    acquisition=Acquisition(n_lines=9, seed=4),
)


def content(made: Provenance = MODEL, **fields) -> ReportContent:
    return ReportContent(SCAN, SCAN.labels, "somewhere", (0, 1, 2), made_from=made, **fields)


def test_text_is_no_markup() -> None:
    assert facts_table([("<a>", "b & c")]) == (
        "<table><tr><th>&lt;a&gt;</th><td>b &amp; c</td></tr></table>"
    )


def test_what_was_scanned_and_never_who() -> None:
    said = scan_facts(SCAN.with_(name="Doe Jane", cycle_ms=800.0))
    for part in ("male, 180 cm, 80 kg", "3 × 2", "40 × 48 pixels", "10.0 mm", "48 per frame"):
        assert part in said
    assert "800 ms, 75 beats per minute" in said
    assert "Doe" not in said
    nobody = scan_facts(SCAN.with_(subject=Subject(), cycle_ms=None))
    assert "not known" in nobody
    assert "Heart cycle" not in nobody


@pytest.mark.parametrize(
    ("made", "origin", "text"),
    [
        (NO_MODEL, "empty", "drawn"),
        (NO_MODEL, "reference", "reference that came with the scan"),
        (MODEL, "model", f"a-net from 9 of 48 lines, seed 4, weights {'ab' * 6}…"),
        (Provenance(model="b"), "model", "b from all 48 lines"),
        (
            Provenance(model="b", acquisition=FULL),
            "model",
            "b from all 48 lines",
        ),
        (Provenance(corrected=((0, 1),)), "empty", "drawn, 1 slice corrected by hand"),
        (Provenance(corrected=((0, 1), (1, 1))), "empty", "drawn, 2 slices corrected by hand"),
        (
            Provenance(
                model="b",
                kept=(
                    KeptSlices(acquisition=Acquisition(n_lines=9, seed=4), slices=((0, 1), (2, 0))),
                    KeptSlices(slices=((0, 0),)),
                ),
            ),
            "model",
            "b from all 48 lines, 2 slices kept from 9 of 48 lines, seed 4, 1 slice kept as drawn",
        ),
    ],
)
def test_where_labels_come_from_in_words(made, origin, text) -> None:
    assert labels_text(made, origin, 48) == text


def test_lines_that_a_model_saw_are_counted_and_drawn() -> None:
    said = acquisition_facts(content(edited_voxels=0))
    for part in ("a-net (live)", "a-net " + "ab" * 32, "9 of 48 per frame", "acceleration 5.3×",
                 "seed 4", "none: as the model gave them", "synthetic phase"):  # fmt: skip
        assert part in said
    assert "<img" in said or "<svg" in said
    full = acquisition_facts(content(Provenance(model="b", acquisition=Acquisition())))
    assert "48 of 48 per frame" in full
    assert "Lines that were measured" not in full
    assert "synthetic phase" not in full
    edited = Acquisition(n_lines=9, toggled=frozenset({(0, 0)}), noise=0.05, phase=False)
    said = acquisition_facts(content(Provenance(model="b", acquisition=edited)))
    for part in ("to 10 of 48" if "9 to 10" in said else "of 48", "changed by hand", "5.0 %"):
        assert part in said
    assert "synthetic phase" not in said
    assert "Receive coils" not in said
    array = edited.model_copy(update={"coils": 6})
    assert "6, of a simulated array" in acquisition_facts(
        content(Provenance(model="b", acquisition=array))
    )


def test_slices_are_counted_from_one_by_frame() -> None:
    made = Provenance(
        corrected=((1, 0), (0, 1), (1, 1)),
        mended=((4, 2),),
        lv_ef_percent=51.6,
        rv_ef_percent=47.6,
    )
    said = acquisition_facts(content(made, accepted=((2, 1),), edited_voxels=7))
    assert "frame 1: slice 2; frame 2: slices 1, 2" in said
    assert "frame 3: slice 2" in said
    assert "<th>Mended along the stack</th><td>frame 5: slice 3</td>" in said
    assert "7 voxels changed by hand" in said
    assert "52 %" in said
    assert "interval" not in said
    assert "not made from undersampled lines" in said
    intervals = {"LV": (45.0, 58.2), "RV": (33.0, 55.4)}
    said = acquisition_facts(content(made.model_copy(update=interval_fields(intervals))))
    assert "52 %, 90 % interval 45 to 58 %" in said
    assert "48 %, 90 % interval 33 to 55 %" in said


def test_frames_that_were_set_and_those_that_were_held_count_from_one() -> None:
    reading = Reading().with_ventricle(Label.LV, ed_frame=0, es_frame=2, held=("es",))
    said = acquisition_facts(content(reading=reading))
    assert "<th>Set by hand</th><td>LV ED in frame 1</td>" in said
    assert "<th>Kept while labels were corrected</th><td>LV ES in frame 3</td>" in said


def test_nothing_is_said_of_edits_that_are_not_known() -> None:
    assert "Edits" not in acquisition_facts(content())
    assert np.array_equal(SCAN.labels, content().labels)
