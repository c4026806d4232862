"""Tables for people: frames from 1, numbers with units."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.scan import Geometry, Label, Scan, save_image, save_labels

runner = CliRunner()


@pytest.fixture(scope="module")
def scan_file(tmp_path_factory) -> Path:
    """A small cine on disk, with labels beside it: EDV 36 mL, ESV 16 mL, RV 24 to 18 mL."""
    labels = np.zeros((6, 5, 32, 24), np.uint8)
    for frame, width in enumerate((6, 5, 4, 4, 5, 6)):
        labels[frame, 1:4, 4 : 4 + width, 4 : 4 + (4 if width == 4 else width)] = Label.LV
        labels[frame, 1:4, 20:22, 4 : 4 + (4 if width > 4 else 3)] = Label.RV
        labels[frame, 1:4, 14:16, 4:10] = Label.MYO
    image = np.random.default_rng(0).random(labels.shape, np.float32) + labels
    scan = Scan(
        image=image,
        geometry=Geometry.regular((8.0, 2.5, 2.5), 5, trusted=True),
        frame_times_ms=np.arange(6) * 150.0,
        cycle_ms=900.0,
    )
    path = tmp_path_factory.mktemp("scan") / "heart.nii.gz"
    save_image(path, scan.image, scan)
    save_labels(path.with_name("heart_labels.nii.gz"), labels, scan)
    return path


def run(*arguments: object):
    return runner.invoke(app, [str(one) for one in arguments])


def test_info_for_people(scan_file):
    text = run("info", scan_file).stdout
    assert "6 x 5" in text
    assert "8.0 mm" in text
    assert "LV, MYO, RV in every frame" in text
    assert "research use only" in text


def test_measure_for_people_counts_frames_from_one(scan_file):
    result = run("measure", scan_file, "--sex", "female")
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split() for line in result.stdout.splitlines() if line.strip()}
    assert rows["ES"] == ["ES", "frame", "3", "3"]
    assert rows["EF"][2] == "56"
    assert "healthy adults (female)" in result.stdout
    assert "research use only" in result.stdout
