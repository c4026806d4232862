import pytest
from helpers.acdc_folders import write_subject

from napari_cmr.scan import ScanError
from napari_cmr.training.data.pack import write_pack
from napari_cmr.training.data.subjects import labelled_subjects


def test_a_folder_and_its_pack_name_the_same_subjects_in_order(tmp_path) -> None:
    for number in (7, 3):
        write_subject(tmp_path / "data" / f"patient{number:03d}", number)
    (tmp_path / "data" / "readme.txt").write_text("not a subject")
    subjects = labelled_subjects(tmp_path / "data")
    write_pack(subjects, tmp_path / "subjects.pack")
    packed = labelled_subjects(tmp_path / "subjects.pack")
    assert [name for name, _ in subjects] == [name for name, _ in packed]
    assert [opened().shape for _, opened in subjects] == [opened().shape for _, opened in packed]


def test_other_files_are_refused(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(ScanError, match="neither a folder of subjects nor a pack"):
        labelled_subjects(tmp_path / "a.txt")
