"""Packed files are unpacked in pieces, whole, and never more at once than was asked for."""

import gzip
import zlib
from pathlib import Path

import pytest

from napari_cmr.scan.nifti.packed_file import is_packed, unpacked

CONTENT = bytes(range(256)) * 64


@pytest.mark.parametrize("piece", [100, 5000, 2**22])
def test_content_comes_back_packed_or_not(tmp_path: Path, piece: int) -> None:
    plain, packed = tmp_path / "a.nii.gz", tmp_path / "b.nii"
    plain.write_bytes(CONTENT)
    packed.write_bytes(gzip.compress(CONTENT))
    assert (is_packed(plain), is_packed(packed)) == (False, True)  # whatever the names say
    for path in (plain, packed):
        pieces = list(unpacked(path, piece))
        assert b"".join(pieces) == CONTENT
        assert max(map(len, pieces)) <= piece


def test_members_follow_each_other_and_padding_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one") + gzip.compress(b"two") + b"\0" * 9)
    assert b"".join(unpacked(path, 7)) == b"onetwo"


def test_a_bomb_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(2**20)))
    pieces = unpacked(path, 1000)
    assert len(next(pieces)) <= 1000
    pieces.close()


def test_damage_is_an_error(tmp_path: Path) -> None:
    path, packed = tmp_path / "a.gz", gzip.compress(CONTENT)
    path.write_bytes(packed[:-20])
    with pytest.raises(EOFError, match="too early"):
        list(unpacked(path))
    path.write_bytes(packed[:-8] + b"\0" * 8)
    with pytest.raises(zlib.error):
        list(unpacked(path))
    path.write_bytes(b"")
    assert list(unpacked(path)) == []
