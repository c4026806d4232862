"""Label files that a model made are told from those of a reader."""

import json

import nibabel
import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Code, open_scan, save_image, save_labels
from napari_cmr.scan.nifti.label_origin import is_of_model

RECORD = {"model": "pooled-net", "weights": {"pooled-net": "0" * 64}}


@pytest.fixture
def heart(tmp_path):
    scan = make_scan(n_frames=4)
    save_image(tmp_path / "heart.nii.gz", scan.image, scan)
    return scan


@pytest.mark.parametrize("by_model", [False, True])
@pytest.mark.parametrize("synthetic", [False, True])
def test_the_header_says_it(heart, tmp_path, by_model, synthetic) -> None:
    path = tmp_path / "heart_labels.nii.gz"
    scan = heart.with_(synthetic=synthetic, geometry=heart.geometry)
    save_labels(path, heart.labels, scan, by_model=by_model)
    assert is_of_model(path) is by_model
    assert len(bytes(nibabel.load(path).header["descrip"]).rstrip(b"\0")) < 80
    opened = open_scan(tmp_path / "heart.nii.gz")
    assert (opened.labels is None) is by_model
    assert opened.model_labels == (path if by_model else None)
    assert (Code.LABELS_OF_MODEL in {one.code for one in opened.notes}) is by_model


@pytest.mark.parametrize(
    ("record", "of_model"),
    [
        (RECORD, True),  # of a segmentation
        ({"made_from": RECORD, "labels": "heart_labels.nii.gz"}, True),  # of corrected labels
        ({"made_from": {"model": None, "weights": {}}}, False),  # drawn by a user
        ({"model": "Signa HDxt"}, False),  # of a scanner
        ({"made_from": "a mould"}, False),
        (["pooled-net"], False),
    ],
)
def test_the_record_beside_it_says_it(heart, tmp_path, record, of_model) -> None:
    path = tmp_path / "heart_labels.nii.gz"
    save_labels(path, heart.labels, heart)
    (tmp_path / "heart_labels.json").write_text(json.dumps(record))
    assert is_of_model(path) is of_model
    assert (open_scan(tmp_path / "heart.nii.gz").labels is None) is of_model


def test_a_record_that_cannot_be_read_says_nothing(heart, tmp_path) -> None:
    path = tmp_path / "heart_labels.nii.gz"
    save_labels(path, heart.labels, heart)
    (tmp_path / "heart_labels.json").write_text("[" * 100_000)
    assert not is_of_model(path)
    np.testing.assert_array_equal(open_scan(tmp_path / "heart.nii.gz").labels, heart.labels)
