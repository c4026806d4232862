"""What session files and the like are made of: records, bounded fields, and how one is read."""

from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_cmr.scan import ScanError

MAX_RUNS = 3 * 2_000_000
Whole = Annotated[int, Field(ge=0, le=2**48)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Runs = Annotated[tuple[Whole, ...], Field(max_length=MAX_RUNS)]
"""See :mod:`napari_cmr.workflow.session.label_runs`."""


class Record(BaseModel):
    """Frozen data without room for anything else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ModelReference(Record):
    """A model that made something in the session, and the SHA-256 of its weights file."""

    name: Name
    preset: Name
    sha256: Sha256


class FileKind(NamedTuple):
    """What is said about a kind of file where one cannot be read.

    Attributes
    ----------
    name : str
        What it is, as in "is no session of napari-cmr".
    choose : str
        What to do where it is none.
    mend : str
        What to do where it was damaged.
    max_bytes : int
        Larger ones are refused unread.
    version : int
        What this program writes.
    """

    name: str
    choose: str
    mend: str
    max_bytes: int
    version: int


R = TypeVar("R", bound=Record)


def read_record(path: Path, record: type[R], kind: FileKind) -> R:
    """Read and check a file that holds one record as JSON, with ``format`` and ``version``.

    Raises
    ------
    ScanError
        If it is missing, too large, none of this kind, damaged, or of another version.
    """
    try:
        return record.model_validate_json(_content(path, kind))
    except ValidationError as error:
        raise _unreadable(path, error, kind) from error


def _content(path: Path, kind: FileKind) -> bytes:
    try:
        if not path.exists():
            raise ScanError("no such file", source=path, remedy="check the spelling")
        if not path.is_file():  # a pipe would wait for ever
            raise ScanError("is not a file", source=path, remedy=kind.choose)
        with path.open("rb") as file:
            content = file.read(kind.max_bytes + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ScanError):
            raise
        raise ScanError(f"cannot be read: {error}", source=path) from error
    if len(content) > kind.max_bytes:
        raise ScanError(
            f"is larger than {kind.max_bytes // 2**20} MB, which no {kind.name} is",
            source=path,
            remedy=kind.choose,
        )
    return content


def _unreadable(path: Path, error: ValidationError, kind: FileKind) -> ScanError:
    errors = error.errors(include_url=False, include_input=False)
    # what says most comes first: that it is none at all, or one of another time
    first = min(errors, key=lambda one: one["loc"][:1] not in (("format",), ("version",)))
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        return ScanError(
            f"is not readable JSON: {first['msg'].removeprefix('Invalid JSON: ')}",
            source=path,
            remedy=kind.mend,
        )
    if place == "format" or first["type"] == "model_type":
        return ScanError(f"is no {kind.name} of napari-cmr", source=path, remedy=kind.choose)
    if place == "version":
        return ScanError(
            f"is of another version of the {kind.name} file than this program's ({kind.version})",
            source=path,
            remedy="open it with the version of napari-cmr that wrote it",
        )
    return ScanError(
        f"is not a valid {kind.name}: {place}{': ' if place else ''}"
        f"{message[:1].lower()}{message[1:]}",
        source=path,
        remedy=kind.mend,
    )
