import json
from pathlib import Path

import numpy as np
import pytest
from helpers.notices import said
from typer.testing import CliRunner

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.cli.root import app
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Code, Label, ScanError, open_scan, save_image, save_labels
from napari_cmr.workflow.measure.scar import (
    measure_found,
    measure_scar,
    scar_finder,
    scar_record,
    with_curve,
)


@pytest.fixture(scope="module")
def lge():
    return SAMPLES["infarct-lge"]()


def test_a_measurement_is_compared_with_scar_that_is_labelled(lge) -> None:
    found = measure_scar(lge, ScarSettings(method="fwhm"))
    assert found.reference is not None
    assert found.extent.scar_g > 0.5 * found.reference.scar_g
    record = scar_record(lge, found)
    assert record["method"] == "fwhm"
    assert record["remote_from"] == "automatic"
    assert len(record["threshold"]) == lge.n_slices
    assert record["sensitivity"][0]["n"] == 2
    assert json.loads(json.dumps(record, allow_nan=False)) == record


@pytest.mark.parametrize(
    ("grams", "doubted"),
    [
        ({2.0: 30.0, 2.5: 17.7, 3.0: 17.7, 5.0: 1.4}, True),
        ({2.0: 90.0, 2.5: 17.7, 5.0: 15.0, 6.0: 0.0}, False),  # n out of use does not count
        ({2.5: 4.0, 5.0: 0.0}, False),  # readers differ by as much
        ({2.5: 80.0, 5.0: 60.0}, False),
    ],
)
def test_scar_that_falls_off_a_cliff_is_doubted_with_its_range(lge, grams, doubted) -> None:
    found = measure_found(lge, scar_finder(lge))
    curve = [{"n": n, "scar_g": mass} for n, mass in grams.items()]
    whole = with_curve(found, curve, {"fwhm": 12.3, "otsu": 14.5})
    doubts = said(whole.warnings, Code.SCAR_HANGS_ON_THRESHOLD)
    assert bool(doubts) is doubted
    assert whole.range_g == (grams[5.0], grams[2.5])
    if doubted:
        for words in ("17.7 g or 1.4 g", "2.5 to 5", "12.3 g by FWHM", "14.5 g by Otsu"):
            assert words in doubts[0].text


def test_a_cine_or_a_scan_without_muscle_is_refused(lge) -> None:
    with pytest.raises(ScanError, match="30 frames"):
        measure_scar(SAMPLES["normal"]())
    with pytest.raises(ScanError, match="no labels"):
        measure_scar(lge.with_(labels=None, labelled_frames=()))
    with pytest.raises(ScanError, match="own grid"):
        measure_scar(lge, labels=lge.labels[..., 1:])
    still = lge.with_(kind="cine")
    assert said(measure_scar(still).warnings, Code.NOT_LATE_ENHANCEMENT)


def test_the_command_writes_labels_and_numbers(lge, tmp_path: Path) -> None:
    image, labels = tmp_path / "lge.nii.gz", tmp_path / "muscle.nii.gz"
    save_image(image, lge.image, lge)
    healthy = np.where(lge.labels > Label.RV, Label.MYO, lge.labels)
    save_labels(labels, healthy, lge)
    drawn = tmp_path / "remote.nii.gz"
    remote = np.zeros(lge.shape, dtype=np.uint8)
    remote[0, 4:7][healthy[0, 4:7] == Label.MYO] = 1
    remote[lge.labels > Label.RV] = 0
    save_labels(drawn, remote, lge)
    out, numbers = tmp_path / "scar.nii.gz", tmp_path / "scar.json"
    options = ["--labels", str(labels), "--method", "fwhm", "--remote", str(drawn)]
    result = CliRunner().invoke(
        app, ["scar", str(image), *options, "-o", str(out), "--json", str(numbers)]
    )
    assert result.exit_code == 0, result.output
    record = json.loads(numbers.read_text())
    assert record["remote_from"] == "given"
    assert record["scar_g"] > 5
    assert "Scar with its core" in result.output
    # what the region that was drawn does to the mass stands beside it
    alone = measure_scar(lge, ScarSettings(method="fwhm"), labels=healthy)
    assert record["scar_g_by_automatic_remote"] == pytest.approx(alone.extent.scar_g, abs=1e-3)
    assert alone.automatic_g is None
    assert f"with automatic remote muscle {alone.extent.scar_g:.1f} g" in result.output
    written = open_scan(image).with_(labels=None, labelled_frames=())
    from napari_cmr.scan.nifti.reader import read_labels

    found = read_labels(out, None, written)
    voxels = np.isin(found, (Label.SCAR, Label.NO_REFLOW)).sum()
    gram = lge.geometry.voxel_volume_ml * 1.05
    assert voxels * gram == pytest.approx(record["scar_g"], rel=1e-3)
