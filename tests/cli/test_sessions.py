"""Commands over finished labels: replay, report, compare."""

import csv
import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import Geometry, Scan, open_scan, save_image, save_labels
from napari_cmr.workflow.session.file import (
    FORMAT,
    VERSION,
    SavedLabels,
    SessionFile,
    write_session,
)
from napari_cmr.workflow.session.scan_link import reference_to

SHAPE = (4, 2, 24, 24)


def run(*arguments, status=0) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def folder(tmp_path) -> Path:
    """A scan, two label files, and a session with one of them."""
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    scan = Scan(image, Geometry.regular((8.0, 2.0, 2.0), SHAPE[1]))
    save_image(tmp_path / "heart.nii.gz", image, scan)
    for name, size in (("a", (12, 8)), ("b", (12, 6))):
        labels = np.zeros(SHAPE, np.uint8)
        for frame, n in zip((0, 2), size, strict=True):
            labels[frame, :, 4 : 6 + n, 4 : 6 + n] = 2
            labels[frame, :, 5 : 5 + n, 5 : 5 + n] = 1
        save_labels(tmp_path / f"{name}.nii.gz", labels, scan)
    scan = open_scan(tmp_path / "heart.nii.gz")
    path = tmp_path / "heart.cmr-session.json"
    session = SessionFile(
        format=FORMAT,
        version=VERSION,
        scan=reference_to(scan, path),
        labels=(SavedLabels.of("Drawn", labels),),
    )
    write_session(path, session)
    return tmp_path


def test_replay_writes_the_labels_of_a_session(folder) -> None:
    out = run(
        "replay",
        folder / "heart.cmr-session.json",
        "-o",
        folder / "again.nii.gz",
        "--json",
        folder / "again.json",
    )
    assert (folder / "again.nii.gz").read_bytes() == (folder / "b.nii.gz").read_bytes()
    assert json.loads((folder / "again.json").read_text())["origin"] == "empty"
    assert "75" in out  # EF of squares of 12 and 6
    assert "research use only" in out.lower()


@pytest.mark.parametrize("command", [("replay",), ("report", "-o", "r.html")])
def test_a_scan_that_moved_is_found_as_the_error_says(folder, command, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "heart.nii.gz").rename(folder / "moved.nii.gz")
    session = folder / "heart.cmr-session.json"
    out = run(*command, session, status=2)
    assert "missing" in out
    assert "say where it is with --scan PATH" in out
    run(*command, session, "--scan", "moved.nii.gz")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": "napari-cmr session"}'])
def test_a_bad_session_is_one_line_and_status_2(folder, content) -> None:
    (folder / "bad.json").write_text(content)
    out = run("replay", folder / "bad.json", status=2)
    assert out.startswith("napari-cmr: ")
    assert out.count("\n") == 1


def test_replay_refuses_a_wrong_name_first(folder) -> None:
    assert "NIfTI" in run("replay", folder / "nothing.json", "-o", folder / "x.png", status=2)


def test_a_report_of_labels_and_of_a_session(folder) -> None:
    for source in (("heart.nii.gz", "--labels", folder / "b.nii.gz"), ("heart.cmr-session.json",)):
        run("report", folder / source[0], *source[1:], "-o", folder / "r.html", "--force")
        page = (folder / "r.html").read_text()
        assert "75 %" in page
        assert "research use only" in page
        assert str(folder) not in page


def test_a_report_needs_labels_and_one_source_of_them(folder) -> None:
    heart, out = folder / "heart.nii.gz", folder / "r.html"
    assert "no labels to report" in run("report", heart, "-o", out, status=2)
    both = ("--labels", folder / "a.nii.gz", "--model", "pooled-net")
    assert "one of them" in run("report", heart, *both, "-o", out, status=2)
    session = folder / "heart.cmr-session.json"
    assert "own labels" in run("report", session, "--model", "x", "-o", out, status=2)
    assert ".html" in run("report", heart, "-o", folder / "r.pdf", status=2)
    assert "--model" in run("report", heart, "--lines", 10, "-o", out, status=2)
    assert "for sessions" in run("report", heart, "--scan", heart, "-o", out, status=2)
    lines = run("report", heart, "--model", "x", "--lines", "few", "-o", out, status=2)
    assert "neither a number" in lines


def test_compare_writes_numbers_and_rows(folder) -> None:
    out = run(
        "compare",
        folder / "a.nii.gz",
        folder / "b.nii.gz",
        "--scan",
        folder / "heart.nii.gz",
        "--json",
        folder / "c.json",
        "--csv",
        folder / "c.csv",
    )
    assert "EF +19.4 points" in out
    assert "Worst contour" in out
    record = json.loads((folder / "c.json").read_text())
    assert record["first"] == "a.nii.gz"
    assert record["difference"]["lv"]["ef_percent"] == pytest.approx(100 * (64 - 36) / 144)
    rows = list(csv.DictReader((folder / "c.csv").open()))
    assert {row["frame"] for row in rows} == {"1", "3"}


def test_the_scheme_is_that_of_labels_that_name_none(folder) -> None:
    """A reader's file in ACDC's numbers beside one that was written here, and says its own."""
    ours, theirs, out = folder / "a.nii.gz", folder / "reader.nii.gz", folder / "s.json"
    volume = nibabel.load(ours)
    acdc = np.array([0, 3, 2, 1], np.uint8)[np.asarray(volume.dataobj)]
    nibabel.save(nibabel.Nifti1Image(acdc, volume.affine), theirs)
    arguments = ("compare", ours, theirs, "--scan", folder / "heart.nii.gz", "--json", out)
    run(*arguments, "--scheme", "acdc")
    record = json.loads(out.read_text())
    assert record["labels"]["lv"]["dice"] == 1
    assert record["notes"] == []
    said = run(*arguments, "--force")
    assert "Label numbers of reader.nii.gz were assumed" in said
    assert json.loads(out.read_text())["labels"]["lv"]["dice"] != 1


def test_files_of_one_name_are_told_apart_by_their_folders(folder) -> None:
    names = []
    for reader, label_file in (("first", "a.nii.gz"), ("second", "b.nii.gz")):
        (folder / reader).mkdir()
        names.append((folder / label_file).rename(folder / reader / "labels.nii.gz"))
    said = run("compare", *names, "--scan", folder / "heart.nii.gz")
    assert "second/labels.nii.gz beside first/labels.nii.gz" in said


def test_info_of_a_session_names_the_commands_that_take_it(tmp_path) -> None:
    (tmp_path / "x.cmr-session.json").write_text("{}")
    said = CliRunner().invoke(app, ["info", str(tmp_path / "x.cmr-session.json")])
    assert said.exit_code == 2
    assert "is a session file, not a scan" in said.stderr
    for command in ("view", "replay", "report"):
        assert f"'napari-cmr {command}'" in said.stderr
