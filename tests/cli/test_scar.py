"""The command that measures scar."""

import json

import numpy as np
import pytest
from helpers import fake_lge as fake
from helpers.command_runs import row
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import Code, Geometry, Notice, save_image, save_labels


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_scar_writes_masses_and_segments(tmp_path) -> None:
    scan = fake.bright_heart()
    save_image(tmp_path / "lge.nii.gz", scan.image, scan)
    save_labels(tmp_path / "lge_labels.nii.gz", scan.labels, scan)
    run("scar", tmp_path / "lge.nii.gz", "--csv", tmp_path / "scar.csv")
    found = row(tmp_path / "scar.csv")
    assert float(found["myocardium_g"]) > 0
    assert found["scar_percent"]
    assert "segment_16_transmurality_percent" in found


@pytest.mark.parametrize(
    ("options", "method"), [((), "fwhm"), (("--n", 3), "nsd"), (("--method", "nsd"), "nsd")]
)
def test_n_asks_for_standard_deviations_where_no_method_is_named(tmp_path, options, method) -> None:
    scan = fake.bright_heart()
    save_image(tmp_path / "lge.nii.gz", scan.image, scan)
    save_labels(tmp_path / "lge_labels.nii.gz", scan.labels, scan)
    run("scar", tmp_path / "lge.nii.gz", *options, "--csv", tmp_path / "scar.csv")
    assert row(tmp_path / "scar.csv")["method"] == method
    other = CliRunner().invoke(app, ["scar", str(tmp_path), "--method", "otsu", "--n", "3"])
    assert other.exit_code != 0
    assert "goes with --method nsd" in other.output


def test_a_spacing_is_taken_for_pictures_that_have_lost_theirs_alone(tmp_path) -> None:
    scan = fake.bright_heart()
    save_image(tmp_path / "lge.nii.gz", scan.image, scan)
    save_labels(tmp_path / "lge_labels.nii.gz", scan.labels, scan)
    arguments = ["scar", str(tmp_path / "lge.nii.gz"), "--spacing", "10", "3", "3"]
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
    assert "is for pictures that have lost it" in refused.output


def test_labels_of_pictures_serve_with_a_spacing_that_is_given(tmp_path, monkeypatch) -> None:
    """What was said of the assumed spacing does not hold for the given one."""
    scan = fake.bright_heart()
    assumed = (
        Notice(Code.SPACING_ASSUMED, "spacing is assumed"),
        Notice(Code.PICTURES_STRETCHED, "pixels are narrower"),
    )
    pictures = scan.with_(notes=assumed, labels=None)
    monkeypatch.setattr("napari_cmr.cli.scar.open_path", lambda path, **_: pictures)
    dz, dy, dx = scan.spacing
    numbers = []
    for name, spacing in (("as-opened", (dz, dy, dx)), ("given", (dz, 2 * dy, dx))):
        labels = tmp_path / f"{name}.nii.gz"
        save_labels(
            labels, scan.labels, scan.with_(geometry=Geometry.regular(spacing, len(scan.labels[0])))
        )
        written = tmp_path / f"{name}.json"
        run("scar", tmp_path, "--labels", labels, "--spacing", dz, 2 * dy, dx, "--json", written)
        numbers.append(json.loads(written.read_text()))
    assert numbers[0] == numbers[1]
    assert numbers[0]["notes"] == []
    mass = np.isin(scan.labels, (2, 4, 5)).sum() * dz * 2 * dy * dx / 1000 * 1.05
    assert numbers[0]["myocardium_g"] == pytest.approx(mass, rel=1e-3)
