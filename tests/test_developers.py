"""The worked examples of docs/developers.md do what they say."""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.cohorts import write_acdc
from helpers.small_scans import make_scan

from napari_cmr.scan import save_image

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "developers.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```python title=\"(\w+)\"\n(.*?)```", PAGE, flags=re.DOTALL))


def run(name: str) -> dict:
    """What an example defines."""
    defined: dict = {}
    exec(compile(EXAMPLES[name], f"{name} of docs/developers.md", "exec"), defined)
    return defined


def test_a_reader(tmp_path, monkeypatch):
    from napari_cmr.scan import open_scan, opener

    monkeypatch.setattr(opener, "FOLDER_READERS", dict(opener.FOLDER_READERS))
    run("reader")
    folder = tmp_path / "heart"
    folder.mkdir()
    image = np.random.default_rng(0).random((3, 2, 8, 6), np.float32)
    np.save(folder / "cine.npy", image)
    (folder / "spacing.txt").write_text("8 1.5 1.25")
    scan = open_scan(folder)
    np.testing.assert_array_equal(scan.image, image)
    assert scan.spacing == (8.0, 1.5, 1.25)


def test_a_solver(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from napari_cmr import solvers as room
    from napari_cmr.cli.root import app
    from napari_cmr.kspace import Acquisition, undersample
    from napari_cmr.scan import open_scan
    from napari_cmr.solvers import register

    (tmp_path / "sliding_window.py").write_text(EXAMPLES["solver"], encoding="utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    register.solvers.cache_clear()
    scan = make_scan()
    path, out = tmp_path / "heart.nii.gz", tmp_path / "out.nii.gz"
    save_image(path, scan.image, scan)
    chosen = ["--method", "sliding-window", "--set", "half=2", "--lines", "9"]
    try:
        done = CliRunner().invoke(app, ["reconstruct", str(path), *chosen, "-o", str(out)])
    finally:
        register.solvers.cache_clear()
        sys.modules.pop("napari_cmr.solvers.sliding_window", None)
    assert done.exit_code == 0, done.output
    expected = undersample(open_scan(path), Acquisition(n_lines=9))[1].pooled(5)
    np.testing.assert_allclose(open_scan(out).image[:, 1], np.abs(expected), atol=1e-4)


def test_a_command(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from napari_cmr.cli import root

    monkeypatch.setattr(root.app, "registered_commands", list(root.app.registered_commands))
    run("command")
    scan = make_scan()
    path = tmp_path / "heart.nii.gz"
    save_image(path, scan.image, scan)
    told = CliRunner().invoke(root.app, ["coverage", str(path), "--json"])
    length_mm = json.loads(told.stdout)["coverage_mm"]
    assert length_mm == pytest.approx(scan.n_slices * scan.spacing[0])
    one = scan.select_slices([0])
    save_image(path, one.image, one)
    refused = CliRunner().invoke(root.app, ["coverage", str(path)])
    assert refused.exit_code == 2
    assert "has one slice only" in refused.stderr


def test_a_dock(needs_display, make_napari_viewer):
    from napari_cmr.viewer import layers
    from napari_cmr.viewer.workbench import workbench_of

    viewer = make_napari_viewer()
    dock = run("dock")["CountDock"](viewer)
    viewer.window.add_dock_widget(dock, name="Count")
    assert "Open a scan" in dock.text.text()
    scan = make_scan()
    layers.show_scan(viewer, scan)
    workbench_of(viewer).session.set_acquisition(n_lines=3)
    assert dock.text.text() == f"{3 * scan.n_frames} lines in all"


def test_an_experiment(tmp_path):
    for number in (13, 14, 15):
        write_acdc(tmp_path / "data", number, "DCM")
    run("experiment")["error_of_zero_filling"](tmp_path / "data", tmp_path / "out.csv", (4, 16))
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["subject"] for row in rows] == ["patient014"] * 2 + ["patient015"] * 2
    assert float(rows[0]["relative_error"]) > float(rows[1]["relative_error"]) > 0


def test_every_example_is_run_here():
    tests = {name for name in globals() if name.startswith(("test_a_", "test_an_"))}
    of_a_model = {"network", "recipe"}  # run by tests/test_new_model.py
    assert {name.rpartition("_")[2] for name in tests} | of_a_model == set(EXAMPLES)
