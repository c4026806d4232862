"""A folder in, a table out, with models of random weights: the plumbing, not the skill."""

import csv
import json
import os
from pathlib import Path

import pytest
from helpers import lively_models
from helpers.cohorts import write_acdc, write_cine
from helpers.zoo_models import on_cpu
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.cohort import segmentation as cohort
from napari_cmr.cohort.segmentation import segment_folder
from napari_cmr.scan import ScanError, open_scan, read_labels
from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings

SETTINGS = SegmentationSettings(model=on_cpu(), n_lines=8, seed=3)


@pytest.fixture
def models(tmp_path: Path, monkeypatch):
    yield from lively_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two scans that can be segmented, and one that cannot even be read."""
    folder = tmp_path / "data"
    write_acdc(folder, 1, "NOR")
    (folder / "sub-02").mkdir()
    write_cine(folder / "sub-02", "sub-02_cine", 2)
    (folder / "=broken.nii.gz").write_bytes(b"no image")
    return folder


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "function.csv").open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def test_each_scan_has_its_row_labels_and_record(models, data, tmp_path) -> None:
    out, told = tmp_path / "out", []
    done = segment_folder(data, out, SETTINGS, report=told.append)
    table = rows(out)
    assert list(table) == ["'=broken", "patient001", "sub-02/sub-02_cine"]
    broken = table["'=broken"]
    assert broken["status"] == "failed"
    assert broken["problem"].startswith("'=broken.nii.gz: ")
    assert broken["lv_ef_percent"] == ""
    assert [one.subject for one in done.failures] == ["=broken"]
    assert told[0].startswith("failed: =broken: ")
    assert str(tmp_path) not in (out / "function.csv").read_text()

    row = table["sub-02/sub-02_cine"]
    scan = open_scan(data / "sub-02" / "sub-02_cine.nii.gz")
    labels = read_labels(out / "labels/sub-02/sub-02_cine_labels.nii.gz", None, scan)
    assert labels.any()
    record = json.loads((out / "labels/sub-02/sub-02_cine.json").read_text())
    assert float(row["lv_edv_ml"]) == pytest.approx(record["lv"]["edv_ml"], rel=1e-5)
    assert int(row["lv_ed_frame"]) == record["lv"]["ed_frame"] + 1
    assert (row["status"], row["n_lines"], row["seed"]) == ("done", "8", "3")
    assert (row["n_frames"], row["n_slices"]) == ("6", "2")
    digests = {name: record["weights"][name] for name in ("pooled-net", "localiser")}
    assert all(f"{name} {digest}" in row["weights_sha256"] for name, digest in digests.items())
    assert row["warnings"] == " | ".join(record["warnings"])


def test_a_run_that_was_stopped_goes_on(models, data, tmp_path, monkeypatch) -> None:
    out = tmp_path / "out"
    segment, seen = cohort.segment_task, []

    def stop_after_two(task):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(task.name)
        return segment(task)

    monkeypatch.setattr(cohort, "segment_task", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        segment_folder(data, out, SETTINGS)
    assert [row["status"] for row in rows(out).values()] == ["failed", "done", "not yet"]

    seen.clear()
    done = segment_folder(data, out, SETTINGS)
    assert seen == ["=broken", "sub-02/sub-02_cine"]  # a failure is tried again
    assert done.n_kept == 1
    assert [row["status"] for row in rows(out).values()] == ["failed", "done", "done"]


def test_a_changed_scan_is_segmented_again(models, data, tmp_path) -> None:
    out = tmp_path / "out"
    segment_folder(data, out, SETTINGS)
    os.utime(data / "patient001" / "Info.cfg", (1, 1))
    assert segment_folder(data, out, SETTINGS).n_kept == 1


def test_results_of_other_settings_and_other_files_are_kept(models, data, tmp_path) -> None:
    out = tmp_path / "out"
    segment_folder(data, out, SETTINGS)
    other = SETTINGS.model_copy(update={"seed": 4})
    before = (out / "function.csv").read_bytes()
    with pytest.raises(ScanError, match="another model or other settings"):
        segment_folder(data, out, other)
    assert (out / "function.csv").read_bytes() == before
    assert segment_folder(data, out, other, force=True).n_kept == 0
    assert rows(out)["patient001"]["seed"] == "4"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "function.csv").write_text("precious")
    for folder, problem in ((foreign, "not of an earlier run"), (data, "a folder of their own")):
        with pytest.raises(ScanError, match=problem):
            segment_folder(data, folder, SETTINGS)
    assert (foreign / "function.csv").read_text() == "precious"


def test_other_patients_in_a_folder_are_a_problem_of_its_row() -> None:
    notes = {
        "notes": ["a", "b"],
        "note_details": [{"code": "one-slice"}, {"code": "other-patients"}],
    }
    assert cohort._left_out(notes) == "b"
    assert cohort._left_out({"notes": [], "note_details": []}) is None


@pytest.mark.parametrize("damage", [{"lv": {}}, {"warnings": [1]}, {"spacing_mm": None}], ids=str)
def test_a_damaged_record_is_made_again(models, data, tmp_path, damage) -> None:
    out = tmp_path / "out"
    segment_folder(data, out, SETTINGS)
    before = rows(out)
    path = next((out / "labels").glob("*.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    again = segment_folder(data, out, SETTINGS)
    assert again.n_kept == 1  # of two that can be segmented
    assert rows(out) == before


def test_processes_give_the_same_table(models, data, tmp_path) -> None:
    pytest.importorskip("distributed")
    segment_folder(data, tmp_path / "one", SETTINGS)
    segment_folder(data, tmp_path / "two", SETTINGS, workers=2)
    assert rows(tmp_path / "two") == rows(tmp_path / "one")


def test_the_command(models, data, tmp_path) -> None:
    out = tmp_path / "out"
    arguments = ["segment", str(data), "--out", str(out), "-n", "full", "--device", "cpu"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1  # one scan failed
    assert "2 of 3 scans segmented" in result.stdout
    assert "=broken" in result.stderr
    (data / "=broken.nii.gz").unlink()
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "2 of 2 scans segmented, 2 of them before" in result.stdout
    for wrong in (["segment", str(data)], [*arguments, "-o", "x.nii"], [*arguments, "-n", "0"]):
        failed = CliRunner().invoke(app, wrong)
        assert failed.exit_code == 2
        assert failed.stderr.count("\n") == 1
