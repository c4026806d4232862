"""Reads files that may be packed with gzip, in large pieces."""

import zlib
from collections.abc import Generator
from pathlib import Path

PIECE = 2**22
MAX_GZIP_RATIO = 1032
"""Deflate cannot do better (zlib technical notes)."""

_GZIP_MAGIC = b"\x1f\x8b"


def is_packed(path: Path) -> bool:
    """Whether a file is a gzip file, whatever its name says."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


def unpacked(path: Path, piece: int = PIECE) -> Generator[bytes, None, None]:
    """Content of a file in pieces, that of a gzip file unpacked and its checksums checked.

    The gzip module unpacks a few kB at a time and waits for Python's lock after each, which a
    window that is being built gives away reluctantly.

    Parameters
    ----------
    path : Path
    piece : int
        Bytes that are read, and unpacked, at most at once.

    Raises
    ------
    OSError, EOFError, zlib.error
        If the file cannot be read, or its packed data are truncated or damaged.
    """
    packed = is_packed(path)
    with path.open("rb") as file:
        rest = file.read(piece)
        while rest and not packed:
            yield rest
            rest = file.read(piece)
        while rest:  # one after the other: a gzip file may have several members
            unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            while not unpacker.eof:
                rest = rest or file.read(piece)
                content = unpacker.decompress(rest, piece)
                if content:
                    yield content
                elif not rest:
                    raise EOFError("the compressed data end too early")
                rest = unpacker.unconsumed_tail
            rest = (unpacker.unused_data or file.read(piece)).lstrip(b"\0")
