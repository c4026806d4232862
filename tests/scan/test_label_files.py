"""Label files opened onto a scan, and found again where they were saved."""

import json

import nibabel
import numpy as np
import pytest
from helpers.dicom_files import write_cine
from helpers.scan_files import AFFINE, acdc_labels, random_image, write_acdc, write_nifti
from helpers.small_scans import make_scan

from napari_cmr.scan import (
    Code,
    ScanError,
    file_stem,
    is_label_map,
    labels_for,
    labels_on,
    open_scan,
    save_labels,
)
from napari_cmr.scan.label_files import labels_named, with_saved_labels
from napari_cmr.scan.opener import kind_of


@pytest.fixture
def heart(tmp_path):
    return write_nifti(tmp_path / "heart.nii.gz", random_image((12, 10, 3, 4)))


def test_a_label_map_is_told_by_name_header_or_numbers(tmp_path, heart):
    scan = open_scan(heart)
    assert not is_label_map(heart)
    assert is_label_map(write_nifti(tmp_path / "some_gt.nii.gz", random_image((4, 4, 2))))
    assert is_label_map(write_nifti(tmp_path / "reader.nii.gz", acdc_labels((4, 4, 2))))
    half = acdc_labels((4, 4, 2)) / np.float32(2)
    assert not is_label_map(write_nifti(tmp_path / "probabilities.nii.gz", half))
    save_labels(tmp_path / "ours.nii.gz", np.zeros(scan.shape, np.uint8), scan)
    assert is_label_map(tmp_path / "ours.nii.gz")


def test_labels_of_another_folder_come_onto_the_scan(tmp_path, heart):
    scan = open_scan(heart)
    array = acdc_labels((12, 10, 3, 4))
    found = labels_for(write_nifti(tmp_path / "reader_b.nii.gz", array), scan)
    np.testing.assert_array_equal(found.labels, array.transpose(3, 2, 1, 0))
    assert "assumed" in found.note.text
    assert found.scan is scan


def test_labels_that_lie_elsewhere_are_refused(tmp_path, heart):
    scan = open_scan(heart)
    moved = AFFINE + np.array([[0, 0, 0, 30.0], [0] * 4, [0] * 4, [0] * 4])
    path = write_nifti(tmp_path / "reader_b.nii.gz", acdc_labels((12, 10, 3, 4)), moved)
    with pytest.raises(ScanError, match="elsewhere"):
        labels_for(path, scan)
    with pytest.raises(ScanError, match="image of"):
        labels_for(write_nifti(tmp_path / "small.nii.gz", acdc_labels((5, 5, 3, 4))), scan)


def test_labels_beside_another_image_belong_to_it(tmp_path, heart):
    """Same grid, no trusted place in the patient: only the image tells whose they are."""
    scan = open_scan(heart)
    other = tmp_path / "other"
    other.mkdir()
    write_nifti(other / "heart.nii.gz", random_image((12, 10, 3, 4), seed=1))
    path = write_nifti(other / "heart_gt.nii.gz", acdc_labels((12, 10, 3, 4)))
    assert labels_for(path, scan) is None
    write_nifti(other / "heart.nii.gz", random_image((12, 10, 3, 4)))  # a copy of the scan
    assert labels_for(path, scan) is not None


def test_labels_of_one_frame_come_to_that_frame_of_the_cine(tmp_path):
    folder = write_acdc(tmp_path / "patient003", cine_frames=4)
    scan = open_scan(folder)
    found = labels_for(folder / "patient003_frame03_gt.nii.gz", scan)
    assert np.flatnonzero(found.labels.any(axis=(1, 2, 3))).tolist() == [2]
    np.testing.assert_array_equal(found.labels[2], scan.labels[2])


@pytest.mark.parametrize("where", ["beside", "inside"])
def test_labels_of_a_dicom_study_are_found_where_they_were_saved(tmp_path, where):
    study = tmp_path / "study"
    write_cine(study, n_slices=3, n_frames=4)
    scan = open_scan(study)
    assert scan.labels is None
    labels = np.zeros(scan.shape, np.uint8)
    labels[1, :, 3:7, 4:9] = 1
    folder = study if where == "inside" else tmp_path
    save_labels(folder / f"{file_stem(scan)}_labels.nii.gz", labels, scan)
    (folder / "notes.json").write_text(json.dumps({}))
    assert kind_of(study) == "dicom"
    again = open_scan(study)
    np.testing.assert_array_equal(again.image, scan.image)
    np.testing.assert_array_equal(again.labels, labels)
    assert again.labelled_frames == (1,)
    assert any("Labels were found" in note for note in map(str, again.notes))


def test_labels_that_a_model_made_for_a_study_are_no_reference(tmp_path):
    study = tmp_path / "study"
    write_cine(study, n_slices=3, n_frames=4)
    scan = open_scan(study)
    path = tmp_path / f"{file_stem(scan)}_labels.nii.gz"
    save_labels(path, np.ones(scan.shape, np.uint8), scan, by_model=True)
    again = open_scan(study)
    assert again.labels is None
    assert again.model_labels == path
    assert labels_named(path, again) == path  # who names the file means what is in it
    assert labels_named(study, again) is None
    assert labels_named(path, scan) is None


def test_labels_of_any_name_do_not_stand_for_the_study_that_they_lie_in(tmp_path):
    study = tmp_path / "study"
    write_cine(study, n_slices=3, n_frames=4)
    scan = open_scan(study)
    save_labels(study / "second reader.nii.gz", np.ones(scan.shape, np.uint8), scan)
    assert kind_of(study) == "dicom"
    assert open_scan(study).labels is None


def test_labels_of_another_study_under_the_same_name_are_left_out(tmp_path):
    study = tmp_path / "study"
    write_cine(study, n_slices=3, n_frames=4)
    scan = open_scan(study)
    other = make_scan(n_frames=4, n_slices=3, shape=scan.shape[2:])
    save_labels(tmp_path / f"{file_stem(scan)}_labels.nii.gz", other.labels, other)
    again = open_scan(study)
    assert again.labels is None
    assert again.labels_left_out is not None
    assert any("were left out" in note for note in map(str, again.notes))


def test_a_scan_of_no_file_has_no_labels_beside_it():
    scan = make_scan(labels=False)
    assert with_saved_labels(scan) is scan


def test_a_folder_of_labels_alone_still_opens(tmp_path):
    write_nifti(tmp_path / "heart_gt.nii.gz", acdc_labels((6, 5, 2)))
    assert nibabel.load(tmp_path / "heart_gt.nii.gz").shape == (6, 5, 2)
    assert open_scan(tmp_path).labels is not None


def test_labels_of_one_frame_without_a_number_come_to_the_frame_that_is_shown(tmp_path, heart):
    scan = open_scan(heart)
    array = acdc_labels((12, 10, 3, 4))[..., 1]
    path = write_nifti(tmp_path / "reader_b.nii.gz", array)
    found = labels_for(path, scan, shown_frame=2)
    np.testing.assert_array_equal(found.labels[2], array.transpose(2, 1, 0))
    assert np.flatnonzero(found.labels.any(axis=(1, 2, 3))).tolist() == [2]
    assert found.note.code is Code.FRAME_ASSUMED
    assert found.note.text.startswith("reader_b.nii.gz holds labels of one frame")
    assert "frame 3, which is shown" in found.note.text
    with pytest.raises(ScanError, match="need its number in their name"):
        labels_for(path, scan)  # on the command line no frame is shown
    named = write_nifti(tmp_path / "reader_b_frame03.nii.gz", array)
    np.testing.assert_array_equal(labels_on(named, scan), found.labels)
    whole = write_nifti(tmp_path / "all.nii.gz", acdc_labels((12, 10, 3, 4)))
    np.testing.assert_array_equal(labels_on(whole, scan)[1], found.labels[2])
