"""Large files in numbered parts, for ways that take no large file: written, found, read as one.

``NAME`` in three parts is ``NAME.SUM.00001-of-00003`` to ``NAME.SUM.00003-of-00003``, where ``SUM``
is how its SHA-256 begins, and ``NAME.parts.json``, an index that holds the length and the SHA-256
of the whole and of each part. Parts are bytes of the file as it is, one after the other, so that
``cat NAME.SUM.* > NAME`` gives it back, and whatever vouches for the file vouches for its parts.
"""

import glob
import hashlib
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, BinaryIO, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from napari_cmr.scan.atomic import atomic_path, atomic_paths
from napari_cmr.scan.errors import ScanError

INDEX = ".parts.json"
_MOST_PARTS, _MAX_INDEX_BYTES = 10_000, 4 << 20
_SUM_DIGITS, _CHUNK = 8, 1 << 20
_AGAIN = "bring it again from where it was written"

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    """A part, or the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: int = Field(ge=1)
    sha256: Digest


class _Index(_Part):
    """The whole, and its parts in their order."""

    parts: tuple[_Part, ...] = Field(min_length=1, max_length=_MOST_PARTS)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(one.bytes for one in self.parts) != self.bytes:
            raise ValueError("the parts are not as long as the whole")
        return self

    def files(self, path: Path) -> list[Path]:
        """Where the parts of a file are."""
        begins, total = f"{path.name}.{self.sha256[:_SUM_DIGITS]}", len(self.parts)
        return [path.with_name(f"{begins}.{n:05d}-of-{total:05d}") for n in range(1, total + 1)]


def write_file(
    path: str | PathLike[str], content: bytes | memoryview, largest: int | None = None
) -> None:
    """Write a file whole, or in parts if it is larger than ``largest`` bytes.

    What was there, whole or in parts, is there as it was until all of the new is written.

    Raises
    ------
    ScanError
        If it cannot be written, or would take too many parts.
    """
    path, content = Path(path), memoryview(content)
    if largest is None or len(content) <= largest:
        with atomic_path(path) as temporary:
            temporary.write_bytes(content)
        remove_parts(path)
    else:
        files = _write_parts(path, content, largest)
        path.unlink(missing_ok=True)
        remove_parts(path, but=files)


def remove_parts(path: Path, *, but: Collection[Path] = ()) -> None:
    """Remove the parts of a file, and their index, but for some."""
    for file in (index_of(path), *_part_files(path)):
        if file not in but:
            file.unlink(missing_ok=True)


def _write_parts(path: Path, content: memoryview, largest: int) -> list[Path]:
    """Write the parts and their index; these files."""
    pieces = [content[start : start + largest] for start in range(0, len(content), largest)]
    if len(pieces) > _MOST_PARTS:
        raise ScanError(
            f"would take {len(pieces)} parts, and {_MOST_PARTS} are the most",
            source=path,
            remedy="let parts be larger",
        )
    index = _Index(
        bytes=len(content),
        sha256=_digest(content),
        parts=tuple(_Part(bytes=len(one), sha256=_digest(one)) for one in pieces),
    )
    # Their names say whose they are: what an earlier index names stays until this one is there.
    files = [*index.files(path), index_of(path)]
    with atomic_paths(files) as temporary:
        for file, piece in zip(temporary, pieces, strict=False):
            file.write_bytes(piece)
        temporary[-1].write_text(index.model_dump_json(indent=1), encoding="utf-8")
    return files


def index_of(path: Path) -> Path:
    """Where the index of a file in parts is."""
    return path.with_name(path.name + INDEX)


def is_there(path: Path) -> bool:
    """Whether there is a file of that name, whole or in parts.

    Raises
    ------
    ScanError
        If there are parts, but not their index.
    """
    if path.is_file() or index_of(path).is_file():
        return True
    if _part_files(path):
        raise ScanError(
            f"there are parts of {path.name}, and the index is missing that says which",
            source=index_of(path),
            remedy="bring it too, or remove the parts",
        )
    return False


def size_of(path: Path) -> int:
    """Bytes of a file, whole or in parts, as its index says.

    Raises
    ------
    ScanError
        If the index is damaged.
    """
    return path.stat().st_size if path.is_file() else _read_index(path).bytes


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Path of a whole file to read: that of the file, or a temporary one that its parts make.

    Errors of the block about the temporary file are told about ``path``.

    Raises
    ------
    ScanError
        If a part is missing, damaged or of another file, or there is a whole file beside the parts,
        so that nobody knows which of them is meant.
    """
    if not index_of(path).is_file():
        is_there(path)  # parts without an index
        yield path
        return
    if path.exists():
        raise ScanError(
            f"is there whole and in parts ({index_of(path).name})",
            source=path,
            remedy="remove the one that is not meant",
        )
    index = _read_index(path)
    with TemporaryDirectory(prefix="napari-cmr-", ignore_cleanup_errors=True) as folder:
        joined = Path(folder) / path.name
        try:
            with open(joined, "wb") as stream:
                _join(path, index, stream)
        except OSError as error:
            raise ScanError(
                f"cannot be put together from its parts: {error.strerror or error}",
                source=path,
                remedy=f"check the parts, and the free space of {Path(folder).parent}",
            ) from error
        try:
            yield joined
        except ScanError as error:
            if error.source is None or Path(error.source).parent != joined.parent:
                raise
            source = path.with_name(Path(error.source).name)
            raise ScanError(error.problem, source=source, remedy=error.remedy) from error


def _join(path: Path, index: _Index, stream: BinaryIO) -> None:
    total = hashlib.sha256()
    files = index.files(path)
    for number, (file, part) in enumerate(zip(files, index.parts, strict=True), start=1):
        if not file.is_file():
            raise ScanError(f"part {number} of {len(files)} is missing", source=file, remedy=_AGAIN)
        one = hashlib.sha256()
        if file.stat().st_size == part.bytes:
            with open(file, "rb") as source:
                while chunk := source.read(_CHUNK):
                    one.update(chunk)
                    total.update(chunk)
                    stream.write(chunk)
        if one.hexdigest() != part.sha256:
            raise ScanError(
                f"part {number} of {len(files)} is damaged, or not the one that the index names",
                source=file,
                remedy=_AGAIN,
            )
    if total.hexdigest() != index.sha256:
        raise _is_damaged(path)


def _read_index(path: Path) -> _Index:
    file = index_of(path)
    try:
        with open(file, "rb") as stream:
            text = stream.read(_MAX_INDEX_BYTES)
        return _Index.model_validate_json(text)
    except (OSError, ValidationError) as error:
        raise _is_damaged(path) from error


def _is_damaged(path: Path) -> ScanError:
    return ScanError("the index of the parts is damaged", source=index_of(path), remedy=_AGAIN)


def _part_files(path: Path) -> list[Path]:
    """Files that are named as parts of a file, of whichever index."""
    name = re.compile(rf"{re.escape(path.name)}\.[0-9a-f]{{{_SUM_DIGITS}}}\.\d{{5}}-of-\d{{5}}")
    found = path.parent.glob(f"{glob.escape(path.name)}.*-of-*")
    return [file for file in found if name.fullmatch(file.name)]


def _digest(content: memoryview) -> str:
    return hashlib.sha256(content).hexdigest()
