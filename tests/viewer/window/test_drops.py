"""What is opened of paths that were dropped together: all of it, or nothing."""

from pathlib import Path

import pytest
from helpers import dicom_files as df
from helpers.scan_files import random_image, write_nifti

from napari_cmr.viewer.window.drops import paths_to_open


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    df.write_cine(tmp_path / "study", n_slices=1, n_frames=2)
    for name in ("a.nii", "b.nii.gz"):
        write_nifti(tmp_path / name, random_image((6, 5, 2)))
    (tmp_path / "notes.txt").write_text("no scan")
    (tmp_path / "heart.cmr-session.json").write_text("{}")
    return tmp_path


def test_images_of_one_study_stand_for_its_folder(folder: Path) -> None:
    images = sorted((folder / "study").iterdir())
    assert paths_to_open(images) == [folder / "study"]
    assert paths_to_open(images[:1]) == images[:1]
    assert paths_to_open([folder / "study"]) == [folder / "study"]


def test_images_of_two_folders_are_not_guessed_at(folder: Path) -> None:
    (other,) = df.write_cine(folder / "other", n_slices=1, n_frames=1)
    image = sorted((folder / "study").iterdir())[0]
    assert paths_to_open([image, other]) == []


def test_several_nifti_files_follow_each_other(folder: Path) -> None:
    both = [folder / "b.nii.gz", folder / "a.nii"]
    assert paths_to_open(both) == both
    assert paths_to_open([*both, folder / "heart.cmr-session.json"]) == []
    assert paths_to_open([folder / "a.nii", folder / "study"]) == []


def test_a_session_opens_alone_and_what_is_no_scan_not_at_all(folder: Path) -> None:
    session = folder / "heart.cmr-session.json"
    assert paths_to_open([session]) == [session]
    for wrong in ("notes.txt", "absent.nii"):
        assert paths_to_open([folder / wrong]) == []
        assert paths_to_open([folder / "a.nii", folder / wrong]) == []
