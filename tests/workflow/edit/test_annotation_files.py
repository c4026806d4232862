"""Labels, their measurement and their volumes on disk."""

import csv
import json

import numpy as np
import pytest

from napari_cmr.phantom import heart_scan
from napari_cmr.scan import Label, ScanError, open_scan, save_image
from napari_cmr.workflow.edit.annotation_files import known_of_labels, save_annotation
from napari_cmr.workflow.edit.provenance import Provenance


@pytest.fixture
def scan():
    scan = heart_scan("normal", seed=1, n_frames=4)
    return scan.select_slices(range(4, 7)).with_(name="heart")


def test_what_is_saved_is_found_again_beside_the_image(scan, tmp_path):
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    marks = np.zeros((4, 3), bool)
    marks[1, 2] = True
    saved = save_annotation(scan, scan.labels, tmp_path / "heart_labels.nii.gz", accepted=marks)
    assert [path.name for path in saved] == [
        "heart_labels.nii.gz",
        "heart_labels.json",
        "heart_labels.csv",
    ]
    again = open_scan(tmp_path / "heart.nii.gz")
    np.testing.assert_array_equal(again.labels, scan.labels)
    record = json.loads(saved.record.read_text())
    assert record["accepted"] == [[1, 2]]
    assert record["labels"] == "heart_labels.nii.gz"
    rows = list(csv.DictReader(saved.table.open()))
    assert len(rows) == 12
    assert [row["accepted"] for row in rows].count("yes") == 1
    for frame in range(4):
        total = sum(float(row["lv_ml"]) for row in rows if row["frame"] == str(frame + 1))
        assert total == pytest.approx(record["lv"]["volumes_ml"][frame], abs=0.01)


def test_slices_without_labels_have_no_row(scan, tmp_path):
    labels = np.zeros_like(scan.labels)
    labels[2, 1] = scan.labels[2, 1]
    saved = save_annotation(scan, labels, tmp_path / "one.nii")
    rows = list(csv.DictReader(saved.table.open()))
    assert [(row["frame"], row["slice"]) for row in rows] == [("3", "2")]
    area = np.count_nonzero(labels == Label.RV) * scan.geometry.voxel_volume_ml
    assert float(rows[0]["rv_ml"]) == pytest.approx(area, abs=1e-3)


def test_frames_that_nobody_labelled_are_not_measured(scan, tmp_path):
    labels = scan.labels.copy()
    labels[[1, 3]] = 0
    saved = save_annotation(scan, labels, tmp_path / "two.nii.gz")
    record = json.loads(saved.record.read_text())
    assert record["frames"] == [0, 2]
    assert record["lv"]["volumes_ml"][1] is None
    assert record["lv"]["esv_ml"] > 0


def test_nothing_is_written_where_it_cannot_be(scan, tmp_path):
    source = tmp_path / "heart.nii.gz"
    save_image(source, scan.image, scan)
    before = source.read_bytes()
    cases = [
        (np.zeros_like(scan.labels), "other.nii.gz", "draw the LV"),
        (scan.labels, "heart.nii.gz", "another name"),
        (scan.labels, "heart.txt", ".nii.gz"),
        (scan.labels[:, :2], "other.nii.gz", "own grid"),
    ]
    for labels, name, words in cases:
        with pytest.raises(ScanError) as caught:
            save_annotation(scan.with_(source=source), labels, tmp_path / name)
        assert words in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["heart.nii.gz"]
    assert source.read_bytes() == before


MADE = Provenance(model="pooled-net", weights={"pooled-net": "ab" * 32}, corrected=((1, 2),))


def test_what_is_known_of_labels_is_read_back(scan, tmp_path):
    marks = np.zeros((4, 3), bool)
    marks[1, 2] = True
    path = tmp_path / "mine.nii.gz"
    save_annotation(scan, scan.labels, path, accepted=marks, provenance=MADE)
    known = known_of_labels(path, scan.labels)
    assert known.made == MADE
    np.testing.assert_array_equal(known.accepted, marks)
    other = scan.labels.copy()
    other[0, 0, 0, 0] = Label.LV
    assert known_of_labels(path, other) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.pop("labels_sha256"),
        lambda record: record.update(accepted=[[99, 0]]),
        lambda record: record.update(accepted=7),
        lambda record: record.update(made_from={"weights": {"x": "short"}}),
        lambda record: record.update(reading={"lv": {"ed_frame": 99}}),
    ],
    ids=["no digest", "beyond", "a number", "half a hash", "no such frame"],
)
def test_records_of_something_else_are_left_aside(scan, tmp_path, change):
    path = tmp_path / "mine.nii.gz"
    saved = save_annotation(scan, scan.labels, path, provenance=MADE)
    record = json.loads(saved.record.read_text())
    change(record)
    saved.record.write_text(json.dumps(record))
    assert known_of_labels(path, scan.labels) is None
    saved.record.write_text("[" * 100_000)
    assert known_of_labels(path, scan.labels) is None
    saved.record.unlink()
    assert known_of_labels(path, scan.labels) is None
