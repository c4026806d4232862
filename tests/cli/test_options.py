"""What options of several commands mean, and what is printed of names from files."""

import sys

import numpy as np
import pytest
from helpers.command_runs import failed, run
from typer.testing import CliRunner

from napari_cmr.cli.options import command_line
from napari_cmr.scan import open_scan

runner = CliRunner()


HOSTILE = "a\x1b]0;title\x07b\x9b31m\u202eevil\x7f"


@pytest.mark.parametrize("text", ["9" * 5000, "0", "-1", "ten", "", "1e3", "²"])
def test_lines_that_are_no_number_of_lines_are_told_shortly(scan_file, tmp_path, text):
    for command in (
        ["undersample", scan_file, "-o", tmp_path / "x.nii"],
        ["segment", scan_file, "-o", tmp_path / "x.nii"],
        ["consistency", scan_file],
        ["trade-off", scan_file],
        ["evaluate", tmp_path, "-o", tmp_path / "out"],
        ["report", scan_file, "-o", tmp_path / "x.html", "--model", "pooled-net"],
    ):
        message = failed(*command, f"--lines={text}")
        assert message.count("\n") == 1
        assert len(message) < 200
        assert "--lines" in message


def test_all_lines_are_called_full_everywhere(scan_file, tmp_path):
    output = tmp_path / "all.nii.gz"
    result = run("undersample", scan_file, "-n", "full", "--no-phase", "-o", output)
    assert "all 32 lines per frame (1.0x)" in result.stdout
    np.testing.assert_allclose(open_scan(output).image, open_scan(scan_file).image, atol=1e-5)


def test_no_text_of_a_file_steers_the_terminal(scan_file, tmp_path):
    hostile = tmp_path / f"{HOSTILE}.nii.gz"
    for ending in (".nii.gz", "_labels.nii.gz"):
        source = scan_file.with_name(f"heart{ending}")
        hostile.with_name(f"{HOSTILE}{ending}").write_bytes(source.read_bytes())
    written = tmp_path / f"{HOSTILE}few.nii.gz"
    for result in (
        run("info", hostile),
        run("measure", hostile),
        run("undersample", hostile, "-n", 8, "-o", written),
        run("measure", tmp_path / f"{HOSTILE}none.nii.gz"),
        run("compare", hostile, hostile, "--scan", scan_file),
    ):
        text = result.stdout + result.stderr
        assert "evil" in text
        assert not any(sign in text for sign in "\x1b\x07\x9b\u202e\x7f")
    assert written.is_file()


def test_a_page_for_others_has_no_absolute_path(monkeypatch):
    typed = ["x", "evaluate", "/home/jane doe/acdc", "-o", "out/here", "--models=/secret/a", "/"]
    monkeypatch.setattr(sys, "argv", typed)
    assert command_line() == "napari-cmr evaluate acdc -o out/here --models=a ."
