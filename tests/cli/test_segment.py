"""The command that segments: files, tables, and what it prints."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from helpers import lively_models
from helpers.cohorts import write_cine
from helpers.command_runs import failed, row
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.phantom import heart_scan
from napari_cmr.scan import Geometry, Scan, save_image
from napari_cmr.workflow.measure.function import measure_scan


@pytest.fixture
def cine(tmp_path: Path) -> Path:
    write_cine(tmp_path, "heart", 2)
    return tmp_path / "heart.nii.gz"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_segment_writes_a_row_with_the_same_columns(cine, tmp_path, monkeypatch) -> None:
    assert run("measure", cine, "--csv", tmp_path / "m.csv").exit_code == 0
    for _ in lively_models.in_use(tmp_path / "models", monkeypatch):
        files = ("-o", tmp_path / "l.nii", "--csv", tmp_path / "s.csv")
        assert run("segment", cine, "-n", 8, *files).exit_code == 0
    found = row(tmp_path / "s.csv")
    assert list(found) == list(row(tmp_path / "m.csv"))
    assert (found["model"], found["n_lines"], found["seed"]) == ("pooled-net", "8", "0")
    assert "localiser " in found["weights_sha256"]


@pytest.mark.parametrize("option", ["--no-crf", "--no-ensemble"])
def test_steps_of_late_enhancement_are_refused_for_a_cine(cine, tmp_path, option) -> None:
    said = failed("segment", cine, "-o", tmp_path / "l.nii", option)
    assert "are of late enhancement, and the model is for cines" in said
    assert not (tmp_path / "l.nii").exists()


@pytest.fixture(scope="module")
def heart(tmp_path_factory):
    scan = heart_scan("normal", n_frames=24)
    path = tmp_path_factory.mktemp("heart") / "heart.nii.gz"
    save_image(path, scan.image, scan)
    return scan, path


@pytest.mark.parametrize("lines", ["full", "20"])
def test_segment_finds_the_synthetic_heart(heart, tmp_path, lines) -> None:
    scan, path = heart
    labels, record = tmp_path / "labels.nii.gz", tmp_path / "out.json"
    done = run("segment", path, "-n", lines, "-o", labels, "--json", record)
    assert done.exit_code == 0, done.output
    content = json.loads(record.read_text())
    truth = measure_scan(scan)
    assert content["model"] == "pooled-net"
    assert content["n_lines"] == (scan.n_phase_encodes if lines == "full" else 20)
    assert content["acceleration"] == pytest.approx(scan.n_phase_encodes / content["n_lines"])
    assert {"load", "acquire", "locate", "segment"} <= set(content["seconds"])
    assert content["lv"]["edv_ml"] == pytest.approx(truth.lv.edv_ml, rel=0.25)
    assert content["lv"]["ef_percent"] == pytest.approx(truth.lv.ef_percent, abs=12)
    written = nib.load(labels)
    assert written.shape == nib.load(path).shape
    assert np.allclose(written.affine, nib.load(path).affine, atol=1e-4)
    assert np.unique(np.asarray(written.dataobj)).tolist() == [0, 1, 2, 3]


def test_the_same_seed_gives_the_same_labels(heart, tmp_path) -> None:
    _, path = heart
    for name in ("a", "b"):
        assert run("segment", path, "-n", "8", "-o", tmp_path / f"{name}.nii").exit_code == 0
    assert (tmp_path / "a.nii").read_bytes() == (tmp_path / "b.nii").read_bytes()


def codes_in(record: Path) -> list[str]:
    return [one["code"] for one in json.loads(record.read_text())["warning_details"]]


@pytest.mark.parametrize("lines", ["full", "10"])
def test_where_there_is_no_heart_the_numbers_come_with_a_warning(tmp_path, lines) -> None:
    noise = np.random.default_rng(0).random((20, 4, 120, 120), dtype=np.float32)
    scan = Scan(noise, Geometry.regular((8.0, 1.5, 1.5), 4))
    save_image(tmp_path / "noise.nii", noise, scan)
    record = tmp_path / "out.json"
    run("segment", tmp_path / "noise.nii", "-n", lines, "-o", tmp_path / "x.nii", "--json", record)
    assert "heart-unsure" in codes_in(record)


def test_a_heart_is_found_with_confidence(heart, tmp_path) -> None:
    _, path = heart
    record = tmp_path / "out.json"
    assert run("segment", path, "-o", tmp_path / "x.nii", "--json", record).exit_code == 0
    assert "heart-unsure" not in codes_in(record)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-n", "many"), "neither a number of lines nor 'full'"),
        (("-n", "9999"), "9999"),
        (("--model", "nobody"), "no weights for 'nobody'"),
        (("--device", "abacus"), "not available"),
        (("--workers", "2"), "for a folder of scans"),
        (("--scheduler", "tcp://host:8786"), "for a folder of scans"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(heart, tmp_path, arguments, said) -> None:
    _, path = heart
    done = run("segment", path, *arguments, "-o", tmp_path / "x.nii.gz")
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
