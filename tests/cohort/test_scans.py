from pathlib import Path

import numpy as np
import pytest
from helpers.cohorts import write_acdc
from helpers.dicom_files import write_cine as write_dicom
from PIL import Image
from pydicom.uid import generate_uid

from napari_cmr.cohort.scans import find_scans
from napari_cmr.scan import ScanError


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(folder: Path, **options) -> list[str]:
    return [one.name for one in find_scans(folder, **options)]


def test_bids_and_loose_files_are_found_without_labels_and_derivatives(tmp_path: Path) -> None:
    touch(
        tmp_path / "sub-01/ses-1/cmr/sub-01_cine.nii.gz",
        tmp_path / "sub-01/ses-1/cmr/sub-01_dseg.nii.gz",
        tmp_path / "sub-02/cmr/sub-02_cine.nii",
        tmp_path / "sub-02/cmr/sub-02_cine_labels.nii",
        tmp_path / "derivatives/x/sub-01_cine.nii.gz",
        tmp_path / "loose.nii.gz",
        tmp_path / "P01/cine_sax.mat",
        tmp_path / ".hidden/x.nii",
        tmp_path / "._loose.nii.gz",
        tmp_path / "participants.tsv",
        tmp_path / "results/labels/loose_labels.nii.gz",
        tmp_path / "results/again.nii.gz",
    )
    (tmp_path / "again").symlink_to(tmp_path / "sub-01")
    assert names(tmp_path, leave_out=tmp_path / "results") == [
        "P01/cine_sax",
        "loose",
        "sub-01/ses-1/cmr/sub-01_cine",
        "sub-02/cmr/sub-02_cine",
    ]
    assert "results/again" in names(tmp_path)
    assert names(tmp_path / "loose.nii.gz") == ["loose"]


def test_two_files_of_one_stem_keep_their_endings(tmp_path: Path) -> None:
    touch(tmp_path / "a.nii", tmp_path / "a.nii.gz", tmp_path / "b.nii")
    assert names(tmp_path) == ["a.nii", "a.nii.gz", "b"]


def test_patients_and_cases_are_one_scan_each(tmp_path: Path) -> None:
    for number in (1, 2):
        write_acdc(tmp_path / "acdc", number, "NOR")
    pictures = tmp_path / "emidec" / "images"
    pictures.mkdir(parents=True)
    for case in ("Case_N001", "Case_P002"):
        for z in (1, 2):
            picture = Image.fromarray(np.full((8, 8), 9, np.uint8))
            picture.save(pictures / f"{case}_slice00{z}.png")
    found = find_scans(tmp_path)
    assert [one.name for one in found] == [
        "acdc/patient001",
        "acdc/patient002",
        "emidec/Case_N001",
        "emidec/Case_P002",
    ]
    assert found[2].series == "Case_N001"
    assert names(tmp_path / "acdc" / "patient001") == ["patient001"]


def test_a_dicom_study_is_one_scan_however_many_folders_it_has(tmp_path: Path) -> None:
    first, second, third = generate_uid(), generate_uid(), generate_uid()
    for series in ("Se1", "Se2"):
        write_dicom(tmp_path / "A" / series, StudyInstanceUID=first)
    write_dicom(tmp_path / "B", StudyInstanceUID=second)
    assert names(tmp_path) == ["A", "B"]
    assert names(tmp_path / "A") == ["A"]
    # A study that lies among the folders of another keeps both from being opened as a whole.
    write_dicom(tmp_path / "B" / "later", StudyInstanceUID=third)
    assert names(tmp_path) == ["A", "B/0", "B/1", "B/2", "B/later"]


def test_patients_to_whom_an_anonymiser_gave_one_study_are_a_scan_each(tmp_path: Path) -> None:
    for name in ("A", "B"):
        for series in ("Se1", "Se2"):
            write_dicom(tmp_path / name / series, n_frames=1, PatientID=name)
    assert names(tmp_path) == ["A", "B"]


def test_a_folder_without_scans_says_so(tmp_path: Path) -> None:
    touch(tmp_path / "notes.txt")
    for folder, problem in ((tmp_path, "holds no scan"), (tmp_path / "none", "no such file")):
        with pytest.raises(ScanError, match=problem):
            find_scans(folder)
