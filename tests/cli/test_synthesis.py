"""The commands that make hearts."""

import json

import pytest
from helpers.cohorts import write_acdc
from helpers.command_runs import run

from napari_cmr.scan import open_scan


def test_phantom_writes_a_scan_that_can_be_measured(tmp_path):
    result = run(
        "phantom", "-o", tmp_path / "new" / "folder", "--disease", "dilated", "--frames", 2
    )
    assert result.exit_code == 0, result.output
    image = tmp_path / "new" / "folder" / "phantom_dilated_0.nii.gz"
    truth = json.loads(image.with_name("phantom_dilated_0.json").read_text(encoding="utf-8"))
    assert truth["truth"]["lv"]["ef_percent"] == pytest.approx(24, abs=1)
    record = json.loads(run("measure", image, "--json").stdout)
    measured = truth["measured_from_labels"]["lv"]["edv_ml"]
    assert record["lv"]["edv_ml"] == pytest.approx(measured, rel=1e-5)


def test_frames_of_a_still_are_refused(tmp_path):
    result = run("phantom", "-o", tmp_path / "heart", "--lge", "--frames", 5)
    assert result.exit_code == 2
    assert "leave one of them out" in result.stderr
    assert not list(tmp_path.iterdir())


def test_animate_makes_a_cine_of_two_frames(tmp_path):
    patient = write_acdc(tmp_path, 1, "NOR")
    out = tmp_path / "new.nii.gz"
    done = run("animate", patient, "-o", out, "--frames", 7)
    assert done.exit_code == 0, done.output
    assert open_scan(out).n_frames == 7
    again = run("animate", patient, "-o", out)
    assert again.exit_code == 2
    assert "--force" in again.stderr
