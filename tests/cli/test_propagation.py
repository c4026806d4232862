"""The command that carries labels over the cycle."""

import numpy as np
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.phantom import heart_scan
from napari_cmr.scan import Label, open_scan, read_labels, save_image, save_labels


def invoke(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_labels_of_one_frame_become_those_of_all(tmp_path):
    scan = heart_scan("normal", seed=2, n_frames=5)
    scan = scan.select_slices(range(5, 7))
    first = np.zeros_like(scan.labels)
    first[0] = scan.labels[0]
    save_image(tmp_path / "cine.nii.gz", scan.image, scan)
    save_labels(tmp_path / "first.nii.gz", first, scan)
    output = tmp_path / "whole.nii.gz"
    arguments = ("propagate", tmp_path / "cine.nii.gz", "--labels", tmp_path / "first.nii.gz")
    result = invoke(*arguments, "-o", output)
    assert result.exit_code == 0, result.output
    assert str(output) in result.output
    assert (tmp_path / "whole.csv").is_file()
    labels = read_labels(output, None, open_scan(tmp_path / "cine.nii.gz"))
    np.testing.assert_array_equal(labels[0], first[0])
    assert all((frame == Label.LV).any() for frame in labels)
    wrong = invoke(*arguments, "--from", "9", "-o", tmp_path / "other.nii.gz")
    assert wrong.exit_code != 0
    assert not (tmp_path / "other.nii.gz").exists()
