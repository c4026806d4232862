"""A session file read back: its own labels, and the reference as it was."""

from pathlib import Path

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Label, ScanError, open_scan, save_image, save_labels
from napari_cmr.viewer.core.saved_session import load
from napari_cmr.workflow.session.file import (
    FORMAT,
    VERSION,
    SavedLabels,
    SessionFile,
    write_session,
)
from napari_cmr.workflow.session.scan_link import reference_to

SMALL = make_scan(n_frames=3, n_slices=2)


@pytest.fixture
def study(tmp_path) -> Path:
    """A session of a scan on disk whose reference labels were drawn in."""
    save_image(tmp_path / "cine.nii.gz", SMALL.image, SMALL)
    save_labels(tmp_path / "cine_labels.nii.gz", SMALL.labels, SMALL)
    scan = open_scan(tmp_path / "cine.nii.gz")
    edited = SMALL.labels.copy()
    edited[1, 0, :4, :4] = Label.RV
    path = tmp_path / "heart.cmr-session.json"
    saved = SavedLabels.of("Labels", edited, SMALL.labels)
    assert saved.origin == "reference"
    session = SessionFile(
        format=FORMAT,
        version=VERSION,
        scan=reference_to(scan, path),
        acquisition=Acquisition(n_lines=9),
        labels=(saved,),
    )
    write_session(path, session)
    return path


def test_labels_come_back_as_they_were_and_as_they_are(study) -> None:
    (loaded,) = load(study)
    (labels,) = loaded.labels
    np.testing.assert_array_equal(labels.base, SMALL.labels)
    changed = np.argwhere(labels.labels != SMALL.labels)
    assert {tuple(place[:2]) for place in changed} == {(1, 0)}
    assert (labels.labels[1, 0, :4, :4] == Label.RV).all()
    assert labels.result is None  # of no model
    assert loaded.session.acquisition.n_lines == 9
    assert loaded.doubts == ()


def test_the_reference_is_measured_without_the_edits(study) -> None:
    (loaded,) = load(study)
    volume = (SMALL.labels == Label.RV).sum(axis=(1, 2, 3)) * SMALL.geometry.voxel_volume_ml
    np.testing.assert_allclose(loaded.reference.rv.volumes_ml, volume, rtol=1e-3)


def test_a_reference_that_is_another_now_is_refused(study) -> None:
    other = SMALL.labels.copy()
    other[0, 0, 24, 20] = Label.MYO
    (study.parent / "cine_labels.nii.gz").unlink()
    save_labels(study.parent / "cine_labels.nii.gz", other, SMALL)
    with pytest.raises(ScanError, match="reference labels have changed"):
        list(load(study))
