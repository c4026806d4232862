"""NIfTI files as they lie on disk: pieces, promises and damage."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from helpers.scan_files import random_image, write_nifti

from napari_cmr.scan import ScanError, open_scan, read_nifti
from napari_cmr.scan.nifti.packed_file import PIECE


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_header_that_promises_terabytes(tmp_path: Path, name: str) -> None:
    path = write_nifti(tmp_path / "a.nii", random_image((5, 6, 4)))
    _patch(path, 40, struct.pack("<5h", 4, 32767, 32767, 32767, 100))
    if name.endswith("gz"):
        (tmp_path / name).write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(ScanError, match="more than the file"):
        read_nifti(tmp_path / name)


def test_packed_zeros_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", np.zeros((50, 50, 10), np.uint8))
    monkeypatch.setattr("napari_cmr.scan.nifti.file.MAX_VOXELS", 24_999)
    with pytest.raises(ScanError, match="larger than the limit"):
        read_nifti(path)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("keep", [0, 1, 100, 400, -1])
def test_truncated(tmp_path: Path, name: str, keep: int) -> None:
    path = write_nifti(tmp_path / name, random_image((20, 20, 4)))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ScanError) as caught:
        open_scan(path)
    assert caught.value.source == str(path)
    assert caught.value.remedy


def test_damaged_checksum_of_the_archive(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", random_image((20, 20, 4)))
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ScanError, match="damaged"):
        read_nifti(path)


def test_colours_are_refused(tmp_path: Path) -> None:
    colours = np.zeros((5, 6, 4), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    with pytest.raises(ScanError, match="colours"):
        read_nifti(write_nifti(tmp_path / "a.nii", colours))


@pytest.mark.parametrize("name", ["nothing.nii", "a" * 300 + ".nii", "a" * 5000])
def test_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScanError):
        read_nifti(tmp_path / name)


def test_folder_named_like_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "frame01.nii"
    folder.mkdir()
    with pytest.raises(ScanError, match="0 NIfTI files"):
        open_scan(folder)
    write_nifti(folder / "frame01.nii", random_image((5, 6, 4)))
    assert open_scan(folder).shape == (1, 4, 6, 5)


def _patch(path: Path, offset: int, content: bytes) -> None:
    """Overwrite a field of an unpacked NIfTI-1 header."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def test_gzip_in_several_members_with_padding(tmp_path: Path) -> None:
    array = random_image((20, 20, 4))
    plain = write_nifti(tmp_path / "a.nii", array).read_bytes()
    parts = plain[:100], plain[100:700], plain[700:]
    path = tmp_path / "a.nii.gz"
    path.write_bytes(b"".join(gzip.compress(part) for part in parts) + bytes(7))
    np.testing.assert_array_equal(read_nifti(path).image, read_nifti(tmp_path / "a.nii").image)


@pytest.mark.parametrize("shape", [(200, 120, 60), (217, 113, 59)])
def test_files_of_several_pieces(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """More than one piece of the reader, packed and not."""
    array = random_image(shape).astype(np.float32)
    plain, packed = (write_nifti(tmp_path / name, array) for name in ("a.nii", "a.nii.gz"))
    assert array.nbytes > PIECE
    for path in (plain, packed):
        np.testing.assert_array_equal(read_nifti(path).image[0], array.transpose(2, 1, 0))


def test_a_damaged_checksum_is_found(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "a.nii.gz", random_image((20, 20, 4)))
    content = bytearray(path.read_bytes())
    content[-6] ^= 1  # of the checksum in the last eight bytes
    path.write_bytes(content)
    with pytest.raises(ScanError, match="truncated or damaged"):
        read_nifti(path)
