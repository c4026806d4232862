"""What a report is of: a label file, the scan's own labels, or a model's."""

from pathlib import Path

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.analysis import Reading
from napari_cmr.analysis.interpretation import VentricleReading
from napari_cmr.scan import Code, Notice, ScanError, save_labels
from napari_cmr.workflow.edit.annotation_files import save_annotation
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance
from napari_cmr.workflow.report.page import render_report
from napari_cmr.workflow.report.sources import label_sources, model_reference, of_labels
from napari_cmr.zoo import find_weights
from napari_cmr.zoo.cards import sha256

SCAN = make_scan(n_frames=3, n_slices=2)


def test_labels_of_the_scan_or_of_a_file_in_the_frames_that_hold_some(tmp_path: Path) -> None:
    own = of_labels(SCAN)
    assert own.labels is SCAN.labels
    assert (own.labels_from, own.frames) == ("reference labels of the scan", (0, 1, 2))
    drawn = SCAN.labels.copy()
    drawn[1] = 0
    save_labels(tmp_path / "mine.nii.gz", drawn, SCAN)
    other = of_labels(SCAN, tmp_path / "mine.nii.gz")
    np.testing.assert_array_equal(other.labels, drawn)
    assert (other.labels_from, other.frames) == ("file mine.nii.gz", (0, 2))


def test_a_label_file_is_reported_with_what_is_known_of_it(tmp_path: Path) -> None:
    said = (Notice(Code.HEART_UNSURE, "No heart was found.", "heart"),)
    made = Provenance(model="a-net", warnings=said, corrected=((1, 0),))
    marks = np.zeros((3, 2), bool)
    marks[2, 1] = True
    reading = Reading(lv=VentricleReading(ed_frame=1))
    path = tmp_path / "mine.nii.gz"
    save_annotation(SCAN, SCAN.labels, path, accepted=marks, reading=reading, provenance=made)
    found = of_labels(SCAN, path)
    assert (found.made_from, found.accepted, found.reading) == (made, ((2, 1),), reading)
    assert said[0].text in render_report(found)


def test_nothing_to_report_says_what_to_do() -> None:
    with pytest.raises(ScanError, match=r"no labels to report .*name a label file"):
        of_labels(SCAN.with_(labels=None, labelled_frames=()))


def test_label_maps_say_what_they_were_made_from() -> None:
    made = {"mine": (NO_MODEL, "empty"), "net": (Provenance(model="a-net"), "model")}
    assert label_sources(made, SCAN) == {"mine": "drawn", "net": "a-net from all 48 lines"}


def test_a_model_is_named_with_its_weights() -> None:
    found = model_reference("localiser")
    assert (found.name, found.preset) == ("localiser", "live")
    assert found.sha256 == sha256(find_weights("localiser"))
    with pytest.raises(ScanError):
        model_reference("nobody")
