"""The command that measures scar."""

import pytest
from helpers import fake_lge as fake
from helpers.command_runs import row
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import save_image, save_labels


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
