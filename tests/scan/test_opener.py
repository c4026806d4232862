import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.scan_files import (
    coil_images,
    forward,
    random_image,
    write_acdc,
    write_cmrxrecon,
    write_nifti,
)

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.opener import kind_of


def test_content_counts_more_than_the_name(tmp_path: Path) -> None:
    nifti = write_nifti(tmp_path / "a.nii.gz", random_image((5, 6, 4)))
    nameless = nifti.rename(tmp_path / "scan0001")
    raw = write_cmrxrecon(tmp_path / "a.mat", forward(coil_images((1, 1, 4, 4), 1)))
    assert kind_of(nameless) == "nifti"
    assert kind_of(raw.rename(tmp_path / "raw.bin")) == "raw"
    assert open_scan(nameless).shape == (1, 4, 6, 5)
    dicom = tmp_path / "IM0001"
    dicom.write_bytes(bytes(128) + b"DICM")
    assert kind_of(dicom) == "dicom"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.nii", b"", "empty"),
        ("a.nii", b"no header", "not a NIfTI file"),
        ("a.nii.gz", b"\x1f\x8bjunk", "damaged"),
        ("a.png", b"\x89PNG....", "a PNG picture"),
        ("a.mat", b"MATLAB 5.0 MAT-file, ...", "MATLAB file is damaged"),
        ("notes.txt", b"hello", "not a scan in a known format"),
    ],
)
def test_files_that_are_no_scan(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ScanError, match=problem) as caught:
        open_scan(path)
    assert caught.value.source == str(path)
    assert caught.value.remedy


def test_paths_that_are_no_scan(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no such file"):
        open_scan(tmp_path / "nothing")
    with pytest.raises(ScanError, match="it is empty"):
        open_scan(tmp_path)
    with pytest.raises(ScanError):
        open_scan("a\0b")
    with pytest.raises(ScanError):
        open_scan("a" * 5000)
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    with pytest.raises(ScanError, match=r"2 files: 2 x \.txt"):
        open_scan(tmp_path)


def test_folder_of_patients_names_one_to_open(tmp_path: Path) -> None:
    for number in (1, 2):
        write_acdc(tmp_path / f"patient00{number}")
    with pytest.raises(ScanError, match="2 ACDC patient folders") as caught:
        open_scan(tmp_path)
    assert str(tmp_path / "patient001") in str(caught.value.remedy)


def test_folder_of_files(tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii.gz", random_image((5, 6, 4)))
    assert open_scan(tmp_path).name == "a"
    write_nifti(tmp_path / "b.nii.gz", random_image((5, 6, 4)))
    with pytest.raises(ScanError, match=r"holds 2 scans \(a.nii.gz, b.nii.gz\)"):
        open_scan(tmp_path)


def test_an_image_that_lies_among_dicom_files_does_not_stand_for_the_study(tmp_path: Path) -> None:
    image = write_nifti(tmp_path / "ten.nii.gz", random_image((5, 6, 4)))
    below = tmp_path / "original" / "IM0001"
    below.parent.mkdir()
    below.write_bytes(bytes(128) + b"DICM")
    assert kind_of(tmp_path) == "folder"  # DICOM in a folder of its own is another scan
    below.rename(tmp_path / "IM0001")
    assert kind_of(tmp_path) == "dicom"
    assert open_scan(image).name == "ten"


def test_series_belong_to_dicom(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", random_image((5, 6, 4)))
    with pytest.raises(ScanError, match="only DICOM and EMIDEC folders have any"):
        open_scan(path, series=2)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the super-user may read everything"
)
def test_permission_denied(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", random_image((5, 6, 4)))
    path.chmod(0)
    with pytest.raises(ScanError, match="permission denied"):
        open_scan(path)


def test_permission_denied_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", random_image((5, 6, 4)))

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ScanError, match="permission denied"):
        open_scan(path)


def test_importing_the_readers_is_cheap() -> None:
    code = (
        "import sys, napari_cmr.scan\n"
        "heavy = {'pydicom', 'nibabel', 'h5py', 'scipy', 'torch', 'napari', 'ismrmrd'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert child.returncode == 0, child.stderr
