"""Labels kept against a crash: where they lie, and how they are written, found and removed.

Every window keeps its own in a folder of its own, on which it holds a lock: what lies in a folder
without a living window was left behind.
"""

import json
import logging
import math
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary
from zipfile import ZipFile

import numpy as np

from napari_cmr.analysis import AS_LABELLED, Reading
from napari_cmr.scan import Scan, ScanError, save_json
from napari_cmr.scan.atomic import atomic_paths
from napari_cmr.viewer.core.folder_lock import NAME as LOCK
from napari_cmr.viewer.core.folder_lock import FolderLock
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance

log = logging.getLogger(__name__)

#: Environment variable that names another folder for labels that are kept against a crash.
FOLDER_VARIABLE = "NAPARI_CMR_RECOVERY"

VERSION = 1
_RECORD_BYTES = 1 << 20  # a record has less than a thousandth of it
_HEADER_BYTES = 1 << 12  # of an array in a file
_HALF_WRITTEN_S = 3600.0  # after so long nobody is still writing


@dataclass(frozen=True)
class Kept:
    """Labels that were kept, and what they belong to.

    Attributes
    ----------
    record : Path
        The JSON; the labels lie beside it.
    scan_name, layer_name : str
    source : Path or None
        Where the scan was opened from.
    image_sha256 : str
        See :func:`napari_cmr.workflow.session.scan_link.scan_digest`.
    kept_at : datetime
        In UTC.
    made : Provenance
        What the labels were made from; unknown in records of older versions.
    reading : Reading
        How they were measured, with ED and ES that were held.
    """

    record: Path
    scan_name: str
    layer_name: str
    source: Path | None
    image_sha256: str
    kept_at: datetime
    made: Provenance = NO_MODEL
    reading: Reading = AS_LABELLED

    @property
    def labels(self) -> Path:
        """The file with the labels."""
        return self.record.with_suffix(".npz")

    @property
    def local_time(self) -> str:
        """When they were kept, for people."""
        return f"{self.kept_at.astimezone():%d %b %Y, %H:%M}"


def recovery_folder() -> Path:
    """Folder of all windows' kept labels; not made here."""
    own = os.environ.get(FOLDER_VARIABLE)
    if own:
        return Path(own).expanduser()
    from platformdirs import user_state_path

    return Path(user_state_path("napari-cmr", appauthor=False)) / "recovery"


class OwnFolder:
    """Folder of one window, locked as long as it lives; made when it is first written to.

    Attributes
    ----------
    path : Path
    mutex : threading.Lock
        Held by the thread that writes into the folder or releases it.
    signatures : dict of str to bytes
        By key, a digest of the labels and marks that were written last.
    """

    def __init__(self) -> None:
        self.path = recovery_folder() / secrets.token_hex(8)
        self.mutex = Lock()
        self.signatures: dict[str, bytes] = {}
        self._lock = FolderLock(self.path)

    def make(self) -> Path:
        """Make the folder, for this user alone, and lock it; both again if they have gone.

        Raises
        ------
        ScanError
            If the operating system refuses.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._lock.acquire():
                raise OSError("another window is looking at the folder")
        except OSError as error:
            raise ScanError(
                f"unsaved labels cannot be kept against a crash: {error.strerror or error}",
                source=self.path,
                remedy=f"save often, or name a folder of yours in {FOLDER_VARIABLE}",
            ) from error
        return self.path

    def holds(self, key: str) -> bool:
        """Whether what was kept under a key is still there, and still this window's."""
        record = self.path / f"{key}.json"
        return self._lock.is_held and record.is_file() and record.with_suffix(".npz").is_file()

    def release(self) -> None:
        """Let others find what is left here."""
        with self.mutex:
            self._lock.release()
            _remove_if_empty(self.path)


def keep(
    folder: Path,
    key: str,
    scan: Scan,
    *,
    layer_name: str,
    labels: np.ndarray,
    accepted: np.ndarray,
    made: Provenance = NO_MODEL,
    reading: Reading = AS_LABELLED,
) -> Kept:
    """Write labels and what they belong to, both or neither.

    Parameters
    ----------
    folder : Path
    key : str
        Name of the files, without ending.
    scan : Scan
    layer_name : str
    labels : ndarray, shape (T, Z, Y, X)
    accepted : ndarray of bool, shape (T, Z)
    made : Provenance
        What the labels were made from, and which slices were corrected.
    reading : Reading
        How they are measured.

    Raises
    ------
    ScanError
        If they cannot be written.
    """
    kept = Kept(
        folder / f"{key}.json",
        scan.name,
        layer_name,
        None if scan.source is None else scan.source.absolute(),
        image_digest(scan),
        datetime.now(UTC).replace(microsecond=0),
        made,
        reading,
    )
    content = {
        "version": VERSION,
        "scan": kept.scan_name,
        "layer": kept.layer_name,
        "source": kept.source,
        "image_sha256": kept.image_sha256,
        "kept_at": kept.kept_at.isoformat(),
        "made_from": kept.made.record(),
        "reading": kept.reading.model_dump(mode="json"),
    }
    with atomic_paths([kept.labels, kept.record]) as (arrays, record):
        np.savez_compressed(arrays, labels=labels.astype(np.uint8), accepted=accepted)
        save_json(record, content)
    return kept


def left_behind(own: Path | None = None, living: frozenset[str] = frozenset()) -> list[Kept]:
    """Labels that no window takes care of any more, newest first.

    Parameters
    ----------
    own : Path, optional
        Folder of the window that asks.
    living : frozenset of str
        Keys in it of layers that are still there.
    """
    found = []
    for folder in _folders():
        if folder == own:
            found += [one for one in _records(folder) if one.record.stem not in living]
            continue
        lock = FolderLock(folder)
        try:
            is_left = lock.acquire()
        except OSError:  # a folder that cannot be locked has nobody who holds its lock
            is_left = True
        if is_left:
            try:
                found += _records(folder)
                _tidy(folder)
            finally:
                lock.release()
            _remove_if_empty(folder)
    return sorted(found, key=lambda one: one.kept_at, reverse=True)


def read_kept(kept: Kept, scan: Scan) -> tuple[np.ndarray, np.ndarray]:
    """Labels ``(T, Z, Y, X)`` and which ``(T, Z)`` of them were accepted.

    Raises
    ------
    ScanError
        If they are gone or damaged, or were drawn on another image.
    """
    remedy = "open the scan that they were drawn on, or discard them"
    if image_digest(scan) != kept.image_sha256:
        raise ScanError(
            f"these labels were drawn on another image than {scan.name}",
            source=kept.scan_name,
            remedy=remedy,
        )
    try:
        kept.reading.check(scan.n_frames, scan.n_slices)
        with ZipFile(kept.labels) as content:
            labels = _array(content, "labels", scan.shape)
            accepted = _array(content, "accepted", scan.shape[:2])
    except Exception as error:  # damaged bytes end in whatever error they please
        raise ScanError(
            "the labels that were kept are gone or damaged",
            source=kept.labels,
            remedy="discard them",
        ) from error
    return labels.astype(np.uint8), accepted.astype(bool)


def _array(content: ZipFile, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Array of bytes in an ``.npz``, which is not unpacked if it claims to be larger."""
    member = f"{name}.npy"
    if content.getinfo(member).file_size > math.prod(shape) + _HEADER_BYTES:
        raise ValueError(f"{name} are larger than the scan")
    with content.open(member) as file:
        np.lib.format.read_magic(file)
        claimed, _, dtype = np.lib.format.read_array_header_1_0(file)
        if claimed != shape or dtype.itemsize != 1:
            raise ValueError(f"{name} of shape {claimed}")
        file.seek(0)
        array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    return array


def remove(record: Path) -> None:
    """Remove kept labels; it is no error if they are gone."""
    for path in (record, record.with_suffix(".npz")):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    _remove_if_empty(record.parent)


_DIGESTS: "WeakKeyDictionary[Scan, str]" = WeakKeyDictionary()


def image_digest(scan: Scan) -> str:
    """SHA-256 of a scan's pixels, reckoned once; slow enough for a thread."""
    if scan not in _DIGESTS:
        from napari_cmr.workflow.session.scan_link import scan_digest

        _DIGESTS[scan] = scan_digest(scan)
    return _DIGESTS[scan]


def _folders() -> list[Path]:
    try:
        return sorted(path for path in recovery_folder().iterdir() if path.is_dir())
    except OSError:
        return []  # nothing was ever kept


def _records(folder: Path) -> list[Kept]:
    """What lies in a folder; a file that is not ours, or damaged, hides no other."""
    found = []
    for path in _listed(folder, "[!.]*.json"):  # the others are being written
        try:
            found.append(_record(path))
        except Exception:  # damaged bytes end in whatever error they please
            log.warning("%s is no record of kept labels", path)
    return found


def _record(path: Path) -> Kept:
    if not path.is_file() or path.stat().st_size > _RECORD_BYTES:
        raise ValueError("no file of a record's size")
    content: Any = json.loads(path.read_text(encoding="utf-8"))
    if content["version"] != VERSION or not path.with_suffix(".npz").is_file():
        raise ValueError("of another version, or without labels")
    kept_at = datetime.fromisoformat(content["kept_at"])
    source = content["source"]
    kept = Kept(
        path,
        str(content["scan"]),
        str(content["layer"]),
        None if source is None else Path(source),
        str(content["image_sha256"]),
        kept_at if kept_at.tzinfo else kept_at.replace(tzinfo=UTC),
        Provenance.model_validate(content.get("made_from", {})),
        Reading.model_validate(content.get("reading", {})),
    )
    if not kept.local_time:  # the year 1 has none
        raise ValueError("no time")
    return kept


def _tidy(folder: Path) -> None:
    """Remove what a process that was killed left half written."""
    old = time.time() - _HALF_WRITTEN_S
    for path in _listed(folder, "*"):
        partner = {".json": ".npz", ".npz": ".json"}.get(path.suffix)
        is_half = path.name.startswith(".") or (
            partner is not None and not path.with_suffix(partner).exists()
        )
        with suppress(OSError):
            if is_half and path.name != LOCK and path.is_file() and path.stat().st_mtime < old:
                path.unlink()


def _listed(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []  # it has gone meanwhile, or is not ours to read


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
