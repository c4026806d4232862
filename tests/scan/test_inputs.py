"""Inputs that are no files, and names that are no UTF-8."""

import csv
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from helpers.mutations import no_hang
from helpers.scan_files import random_image, write_acdc, write_nifti

from napari_cmr.scan import ScanError, open_scan, read_labels, read_raw, save_json
from napari_cmr.scan.datasets.emidec import read_emidec
from napari_cmr.scan.datasets.sunnybrook import read_contours
from napari_cmr.scan.export import save_csv

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pipes
@pytest.mark.parametrize("read", [open_scan, read_labels, read_raw])
@pytest.mark.parametrize("name", ["a.nii.gz", "a.h5", "a.dcm"])
def test_a_pipe_is_refused_at_once(tmp_path: Path, read, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with no_hang(), pytest.raises(ScanError, match=r"a pipe|neither a file"):
        read(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
@pytest.mark.parametrize("read", [open_scan, read_labels, read_raw])
def test_a_device_is_refused_at_once(read) -> None:
    with no_hang(), pytest.raises(ScanError, match=r"a device|neither a file"):
        read("/dev/zero")


@pipes
def test_a_pipe_beside_a_scan_does_not_wait_for_ever(tmp_path: Path) -> None:
    image = write_nifti(tmp_path / "a.nii.gz", random_image((9, 7, 4, 3)))
    os.mkfifo(tmp_path / "a_seg.nii.gz")
    with no_hang():
        scan = open_scan(image)
    assert "a pipe" in (scan.labels_left_out or "")
    folder = write_acdc(tmp_path / "patient001")
    (folder / "Info.cfg").unlink()
    os.mkfifo(folder / "Info.cfg")
    with no_hang(), pytest.raises(ScanError, match="a pipe"):
        open_scan(folder)
    (tmp_path / "contours").mkdir()
    os.mkfifo(tmp_path / "contours" / "IM-0001-0001-icontour-manual.txt")
    with no_hang(), pytest.raises(ScanError, match="a pipe"):
        read_contours(tmp_path / "contours", scan)
    (tmp_path / "emidec" / "images").mkdir(parents=True)
    os.mkfifo(tmp_path / "emidec" / "images" / "Case_P001_slice000.png")
    with no_hang(), pytest.raises(ScanError, match="a pipe"):
        read_emidec(tmp_path / "emidec", "P001")


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def picture(width: int, height: int, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more)


HOSTILE_PICTURES = {
    "text that unpacks to 256 MB": picture(
        64, 64, chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(2**28)))
    ),
    "a header of two bytes": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0"),
    "a billion pixels": picture(60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(100)))),
    "no pixels": picture(64, 64, chunk(b"IDAT", b""), chunk(b"IEND", b"")),
    "a broken profile": picture(64, 64, chunk(b"iCCP", b"\0" * 5)),
}


@pytest.mark.parametrize("name", HOSTILE_PICTURES)
def test_hostile_pictures_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "images").mkdir()
    path = tmp_path / "images" / "Case_P001_slice000.png"
    path.write_bytes(HOSTILE_PICTURES[name])
    with no_hang(), pytest.raises(ScanError, match=r"damaged|no slice|too large"):
        read_emidec(tmp_path, "P001")


@pytest.mark.skipif(os.name != "posix", reason="names are text on this system")
def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"M\xfcller")
    write_nifti(tmp_path / f"{name}.nii.gz", random_image((9, 7, 4, 3)))
    scan = open_scan(tmp_path / f"{name}.nii.gz")
    assert scan.name == name
    save_json(tmp_path / f"{name}.json", {"scan": scan.name, "path": scan.source})
    text = (tmp_path / f"{name}.json").read_text(encoding="utf-8")
    assert Path(json.loads(text)["path"]).exists()
    save_csv(tmp_path / f"{name}.csv", [{"scan": scan.name, "ef": 1.5}])
    with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == ["M?ller", "1.5"]
    np.testing.assert_array_equal(scan.image, open_scan(scan.source).image)
