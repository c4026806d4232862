import json

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import Geometry, Scan, ScanError, open_scan, save_image, save_labels
from napari_cmr.workflow.synthesis.animation import save_animation


@pytest.fixture
def scan() -> Scan:
    radius = np.hypot(*(np.mgrid[:40, :40] - 20))
    labels = np.stack(
        [np.where(radius < lv, 1, np.where(radius < 14, 2, 0))[None] for lv in (9, 6)]
    ).astype(np.uint8)
    image = np.array([30.0, 200.0, 80.0])[labels].astype(np.float32)
    return Scan(image=image, labels=labels, geometry=Geometry.regular((8, 2, 2), 1), name="pair")


def test_cine_labels_and_record_lie_beside_each_other(scan, tmp_path):
    files = save_animation(scan, tmp_path / "cine.nii.gz", n_frames=6, seed=3)
    assert [file.name for file in files] == ["cine.nii.gz", "cine_labels.nii.gz", "cine.json"]
    cine = open_scan(files[0])
    record = json.loads(files[2].read_text())
    assert cine.labels is not None
    np.testing.assert_array_equal(cine.labels[record["ed_frame"]], scan.labels[0])
    np.testing.assert_array_equal(cine.image[record["es_frame"]], scan.image[1])
    assert (record["made_from"], record["synthetic"], record["seed"]) == ("pair", True, 3)
    assert record["measured_from_labels"]["lv"]["es_frame"] == record["es_frame"]


def test_a_wrong_name_is_refused(scan, tmp_path):
    with pytest.raises(ScanError, match="not the name of a NIfTI"):
        save_animation(scan, tmp_path / "cine.mp4")


def test_the_scan_itself_is_never_replaced(scan, tmp_path):
    path = tmp_path / "pair.nii.gz"
    with pytest.raises(ScanError, match="would replace what is read"):
        save_animation(scan.with_(source=path), path)


def test_command(scan, tmp_path):
    path, output = tmp_path / "pair.nii.gz", tmp_path / "cine.nii.gz"
    save_image(path, scan.image, scan)
    save_labels(tmp_path / "pair_labels.nii.gz", scan.labels, scan)
    result = CliRunner().invoke(app, ["animate", str(path), "--frames", "5", "-o", str(output)])
    assert result.exit_code == 0, result.output
    assert open_scan(output).n_frames == 5
    assert "research use only" in result.output.lower()


def test_command_names_what_is_missing(scan, tmp_path):
    path = tmp_path / "pair.nii.gz"
    save_image(path, scan.image, scan)
    result = CliRunner().invoke(app, ["animate", str(path), "-o", str(tmp_path / "cine.nii.gz")])
    assert result.exit_code == 2
    assert "no labels" in result.stderr
