import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers.scan_files import acdc_labels, write_acdc, write_nifti

from napari_cmr.scan import Label, ScanError, open_scan, read_acdc


def test_two_frames(tmp_path: Path) -> None:
    scan = open_scan(write_acdc(tmp_path / "patient001"))
    assert scan.shape == (2, 4, 7, 9)
    assert (scan.ed_frame, scan.es_frame, scan.source_frames) == (0, 1, (0, 2))
    assert scan.labelled_frames == (0, 1)
    assert not scan.has_full_cycle
    assert scan.spacing == (10.0, 1.5, 1.5)
    assert not scan.geometry.trusted
    assert scan.name == "patient001"
    assert scan.subject.identifier is None
    assert (scan.subject.group, scan.subject.height_cm, scan.subject.weight_kg) == (
        "DCM",
        184.0,
        95.0,
    )
    expected = np.array([0, Label.RV, Label.MYO, Label.LV])[acdc_labels((9, 7, 4), 3).T]
    np.testing.assert_array_equal(scan.labels[1], expected)


def test_identifier_only_when_asked_for(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001")
    assert open_scan(folder, keep_identifiers=True).subject.identifier == "patient001"


def test_end_systole_before_end_diastole(tmp_path: Path) -> None:
    scan = read_acdc(write_acdc(tmp_path / "patient002", ed=9, es=2))
    assert (scan.ed_frame, scan.source_frames) == (0, (8, 1))


def test_cine_with_marked_frames(tmp_path: Path) -> None:
    scan = read_acdc(write_acdc(tmp_path / "patient003", ed=4, es=2, cine_frames=6))
    assert scan.shape == (6, 4, 7, 9)
    assert (scan.ed_frame, scan.es_frame, scan.labelled_frames) == (3, 1, (1, 3))
    assert scan.has_full_cycle
    assert not scan.labels[[0, 2, 4, 5]].any()
    frames = read_acdc(_without_cine(tmp_path / "patient003"))
    np.testing.assert_array_equal(frames.image, scan.image[[3, 1]])
    np.testing.assert_array_equal(frames.labels, scan.labels[[3, 1]])


def test_without_reference_labels(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001")
    (folder / "patient001_frame03_gt.nii.gz").unlink()
    assert read_acdc(folder).labelled_frames == (0,)
    (folder / "patient001_frame01_gt.nii.gz").unlink()
    assert read_acdc(folder).labels is None


def test_unpacked_copies_and_wrapping_folders(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001")
    expected = read_acdc(folder)
    packed = folder / "patient001_frame01.nii.gz"
    wrapper = folder / "patient001_frame01.nii"
    wrapper.mkdir()
    write_nifti(wrapper / "patient001_frame01.nii", expected.image[0].transpose(2, 1, 0), None)
    np.testing.assert_array_equal(read_acdc(folder).image, expected.image)
    packed.unlink()
    with pytest.raises(ScanError, match="different grids"):  # the wrapped copy has 8 mm slices
        read_acdc(folder)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "does not say which frame is ED"),
        ("ED: 1\n", "does not say which frame is ES"),
        ("ED: 0\nES: 3\n", "not a frame number"),
        ("ED: one\nES: 3\n", "not a frame number"),
        ("ED: 3\nES: 3\n", "same frame"),
        ("ED: 1\nES: 5\n", "frame 5 named by Info.cfg is missing"),
    ],
)
def test_info_that_cannot_be_used(tmp_path: Path, text: str, problem: str) -> None:
    folder = write_acdc(tmp_path / "patient001")
    (folder / "Info.cfg").write_text(text)
    with pytest.raises(ScanError, match=problem):
        read_acdc(folder)


def test_odd_measurements_are_left_out_and_named(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001")
    (folder / "Info.cfg").write_bytes(b"ED: 1\r\nES: 3\r\nHeight: -5\r\nWeight: \xff\r\n")
    scan = read_acdc(folder)
    assert scan.subject.height_cm is None
    assert sum("left out" in note for note in map(str, scan.notes)) == 2


def test_marked_frame_outside_the_cine(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001", cine_frames=6)
    (folder / "Info.cfg").write_text("ED: 1\nES: 7\n")
    with pytest.raises(ScanError, match="marks frame 7 of a cine of 6"):
        read_acdc(folder)


def test_two_patients_in_one_folder(tmp_path: Path) -> None:
    folder = write_acdc(tmp_path / "patient001")
    shutil.copy(folder / "patient001_frame01.nii.gz", folder / "patient002_frame01.nii.gz")
    with pytest.raises(ScanError, match="2 patients"):
        read_acdc(folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="No such file"):
        read_acdc(tmp_path / "nothing")
    with pytest.raises(ScanError, match=r"no Info\.cfg"):
        read_acdc(tmp_path)


def test_all_real_patients(shared_data: Path) -> None:
    patients = sorted(shared_data.glob("acdc/patient*"))
    assert len(patients) == 100
    groups = []
    for folder in patients[::8]:
        scan = open_scan(folder)
        groups.append(scan.subject.group)
        assert set(np.unique(scan.labels)) == {0, Label.LV, Label.MYO, Label.RV}
        assert 5.0 <= scan.spacing[0] <= 10.0
    assert set(groups) == {"DCM", "HCM", "MINF", "NOR", "RV"}


def test_real_cine(shared_data: Path) -> None:
    scan = open_scan(shared_data / "acdc/patient090")
    assert scan.shape == (12, 7, 224, 154)
    assert (scan.ed_frame, scan.es_frame) == (3, 10)


def _without_cine(folder: Path) -> Path:
    (folder / f"{folder.name}_4d.nii.gz").unlink()
    return folder
