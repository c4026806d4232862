"""``--csv`` of the commands that measure one scan."""

import csv
from pathlib import Path

import pytest
from helpers import fake_lge as fake
from helpers import lively_models
from helpers.cohorts import write_cine
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import save_image, save_labels


@pytest.fixture
def cine(tmp_path: Path) -> Path:
    write_cine(tmp_path, "heart", 2)
    return tmp_path / "heart.nii.gz"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def row(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8") as file:
        [one] = csv.DictReader(file)
    return one


def test_measure_writes_the_numbers_that_it_shows(cine, tmp_path) -> None:
    run("measure", cine, "--csv", tmp_path / "m.csv")
    found = row(tmp_path / "m.csv")
    assert found["scan"] == "heart"
    assert float(found["lv_ef_percent"]) > 10
    assert found["model"] == ""
    result = CliRunner().invoke(app, ["measure", str(cine), "--csv", str(tmp_path / "m.csv")])
    assert result.exit_code == 2
    assert "exists already" in result.stderr


def test_segment_writes_a_row_with_the_same_columns(cine, tmp_path, monkeypatch) -> None:
    run("measure", cine, "--csv", tmp_path / "m.csv")
    for _ in lively_models.in_use(tmp_path / "models", monkeypatch):
        run("segment", cine, "-n", 8, "-o", tmp_path / "l.nii", "--csv", tmp_path / "s.csv")
    found = row(tmp_path / "s.csv")
    assert list(found) == list(row(tmp_path / "m.csv"))
    assert (found["model"], found["n_lines"], found["seed"]) == ("pooled-net", "8", "0")
    assert "localiser " in found["weights_sha256"]


def test_scar_writes_masses_and_segments(tmp_path) -> None:
    scan = fake.bright_heart()
    save_image(tmp_path / "lge.nii.gz", scan.image, scan)
    save_labels(tmp_path / "lge_labels.nii.gz", scan.labels, scan)
    run("scar", tmp_path / "lge.nii.gz", "--csv", tmp_path / "scar.csv")
    found = row(tmp_path / "scar.csv")
    assert float(found["myocardium_g"]) > 0
    assert found["scar_percent"]
    assert "segment_16_transmurality_percent" in found
