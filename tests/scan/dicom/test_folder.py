"""What lies in a folder: clutter, copies, links and pipes."""

import os
from pathlib import Path

import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.dicom_files import expected
from helpers.mutations import no_hang
from helpers.notices import said
from pydicom.uid import SecondaryCaptureImageStorage

from napari_cmr.scan import Code, ScanError, open_scan
from napari_cmr.scan.dicom.reader import read_dicom


def test_copies_of_a_file_count_once(tmp_path: Path) -> None:
    paths = df.write_cine(tmp_path)
    (tmp_path / "copy").write_bytes(paths[3].read_bytes())
    scan = read_dicom(tmp_path)
    assert any("1 copies" in note for note in map(str, scan.notes))
    np.testing.assert_array_equal(scan.image, expected())


def test_one_uid_for_all_images_does_not_make_them_copies(tmp_path: Path) -> None:
    df.write_cine(tmp_path, SOPInstanceUID="1.2.3.4")
    np.testing.assert_array_equal(read_dicom(tmp_path).image, expected())


def test_clutter_is_passed_over_and_counted(tmp_path: Path) -> None:
    df.write_cine(tmp_path)
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.4 " + bytes(200))
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    capture = df.image(0, 0, 1, series=99)
    capture.SOPClassUID = SecondaryCaptureImageStorage
    df.save(capture, tmp_path / "capture.dcm")
    scan = read_dicom(tmp_path)
    np.testing.assert_array_equal(scan.image, expected())
    found = " ".join(one.text for one in said(scan.notes, Code.FILES_PASSED_OVER))
    assert "1 DICOM file passed over: secondary capture" in found
    assert "1 file is not DICOM" in found
    np.testing.assert_array_equal(read_dicom(tmp_path / "DICOMDIR").image, expected())


@pytest.mark.parametrize("content", [None, b"", b"hello"])
def test_nothing_to_read_is_a_clear_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "notes.txt").write_bytes(content)
    with pytest.raises(ScanError, match="no DICOM image found"):
        read_dicom(tmp_path)
    with pytest.raises(ScanError, match="no such file"):
        read_dicom(tmp_path / "absent")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_folder_does_not_wait_for_ever(tmp_path: Path) -> None:
    df.write_cine(tmp_path / "images", n_frames=2)
    os.mkfifo(tmp_path / "a_pipe")
    with no_hang():
        assert open_scan(tmp_path).shape == (2, 4, 12, 16)
