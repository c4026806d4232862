"""One small file of everything that a training on labelled cines reads of its subjects."""

import json
import lzma
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.scan import Geometry, Scan, ScanError, Subject
from napari_cmr.scan.atomic import atomic_path

#: Largest file; a pack is to travel.
LARGEST = 64 * 1024 * 1024
_VERSION = 1
_INDEX = "subjects.json"
#: Percentile of the brightness that 255 stands for; on a scale of roots dark tissue keeps its own.
_BRIGHTEST = 99.95
_MOST_PIXELS = 2**27
_DAMAGED = (
    zipfile.BadZipFile,
    lzma.LZMAError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,  # JSON and pydantic too
    NotImplementedError,
    RecursionError,
)


class _Entry(BaseModel):
    """What a pack knows of a subject beside its pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w.-]{1,100}$")
    shape: tuple[Literal[2], int, int, int]
    spacing: tuple[float, float, float]
    group: str | None
    phase_encode_axis: Literal["Y", "X"]

    def member(self, what: str) -> str:
        return f"{self.name}.{what}"


def is_pack(path: Path) -> bool:
    """Whether this is a file of :func:`write_pack`, by its contents."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return _INDEX in archive.namelist()


def write_pack(
    subjects: Iterable[tuple[str, Callable[[], Scan]]],
    path: Path,
    report: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Write the end-diastolic and the end-systolic frame of labelled scans, and their labels.

    Images are kept in 8 bits on a scale of square roots, so that what is written is an image of
    the same heart but not of the same bytes. Of the subject only its name in the folder and its
    group are kept.

    Parameters
    ----------
    subjects : iterable of (str, callable)
        Name of each, and what opens it.
    path : Path
    report : callable
        Is told of those that are left out.

    Returns
    -------
    list of str
        Names of those that were packed: the others cannot be opened, or lack labels at a frame.

    Raises
    ------
    ScanError
        If none can be packed, or the file would be larger than :data:`LARGEST`.
    """
    entries: list[_Entry] = []
    with atomic_path(path) as temporary:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_LZMA) as archive:
            for name, opened in subjects:
                try:
                    scan = opened()
                except ScanError as error:
                    report(f"left out {name}: {error}")
                    continue
                if scan.labels is None or scan.ed_frame is None or scan.es_frame is None:
                    report(f"left out {name}: no labels at end-diastole and end-systole")
                    continue
                frames = [scan.ed_frame, scan.es_frame]
                image = np.abs(np.asarray(scan.image[frames]))
                entry = _Entry(
                    name=name,
                    shape=image.shape,
                    spacing=scan.spacing,
                    group=scan.subject.group,
                    phase_encode_axis=scan.phase_encode_axis,
                )
                archive.writestr(entry.member("image"), _differences(_in_8_bits(image)))
                archive.writestr(entry.member("labels"), scan.labels[frames].tobytes())
                entries.append(entry)
            index = {"version": _VERSION, "subjects": [one.model_dump() for one in entries]}
            archive.writestr(_INDEX, json.dumps(index))
        if not entries:
            raise ScanError(
                "no subject has labels at end-diastole and end-systole",
                remedy="give a folder of ACDC patient folders",
            )
        size = Path(temporary).stat().st_size
        if size > LARGEST:
            raise ScanError(
                f"{len(entries)} subjects take {size / 2**20:.0f} MB, more than a pack's "
                f"{LARGEST / 2**20:.0f}",
                source=path,
                remedy="pack fewer subjects",
            )
    return [one.name for one in entries]


def packed_subjects(path: Path) -> list[tuple[str, Callable[[], Scan]]]:
    """Names of the subjects of a pack, and what gives each as a scan of two frames.

    Raises
    ------
    ScanError
        If the file is damaged or of another version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            index = json.loads(archive.read(_INDEX))
        version = index["version"]
        listed = index["subjects"] if version == _VERSION else []
        entries = [_Entry.model_validate(one) for one in listed]
    except (OSError, *_DAMAGED) as error:
        raise _is_damaged(path) from error
    if version != _VERSION:
        raise ScanError(
            f"is a pack of version {version!s:.20}, and {_VERSION} is read here",
            source=path,
            remedy="pack the subjects again",
        )
    return [(one.name, partial(_scan, path, one)) for one in entries]


def _scan(path: Path, entry: _Entry) -> Scan:
    """A subject of a pack."""
    try:
        with zipfile.ZipFile(path) as archive:
            pixels, labels = (_read(archive, entry, what) for what in ("image", "labels"))
    except (OSError, *_DAMAGED) as error:
        raise _is_damaged(path) from error
    image = (np.cumsum(pixels, axis=-1, dtype=np.uint8).astype(np.float32) / 255) ** 2
    return Scan(
        image,
        Geometry.regular(entry.spacing, entry.shape[1]),
        name=entry.name,
        source=path,
        subject=Subject(group=entry.group),
        labels=labels,
        labelled_frames=(0, 1),
        ed_frame=0,
        es_frame=1,
        phase_encode_axis=entry.phase_encode_axis,
    )


def _read(archive: zipfile.ZipFile, entry: _Entry, what: str) -> np.ndarray:
    """Array of a member, which must be as large as the index says."""
    expected = int(np.prod(entry.shape))
    stored = archive.getinfo(entry.member(what)).file_size
    if stored != expected or expected > _MOST_PIXELS:
        raise ValueError(f"{what} of {stored} bytes instead of {expected}")
    return np.frombuffer(archive.read(entry.member(what)), np.uint8).reshape(entry.shape)


def _is_damaged(path: Path) -> ScanError:
    return ScanError(
        "is no pack of subjects, or a damaged one", source=path, remedy="pack the subjects again"
    )


def _in_8_bits(image: np.ndarray) -> np.ndarray:
    brightest = max(float(np.percentile(image, _BRIGHTEST)), 1e-12)
    return np.round(np.sqrt(np.clip(image / brightest, 0, 1)) * 255).astype(np.uint8)


def _differences(pixels: np.ndarray) -> bytes:
    """Each pixel less the one before it in its row, modulo 256: half as large once compressed."""
    return np.diff(pixels, axis=-1, prepend=np.uint8(0)).tobytes()
