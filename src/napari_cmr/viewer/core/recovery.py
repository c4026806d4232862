"""Labels kept against a crash: where they lie, and how they are written, found and removed.

Every window keeps its own in a folder of its own, on which it holds a lock: what lies in a folder
without a living window was left behind.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from qtpy.QtCore import QLockFile

from napari_cmr.scan import Scan, ScanError, atomic_path, save_json

#: Environment variable that names another folder for labels that are kept against a crash.
FOLDER_VARIABLE = "NAPARI_CMR_RECOVERY"

VERSION = 1
LOCK = "lock"


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
    """

    record: Path
    scan_name: str
    layer_name: str
    source: Path | None
    image_sha256: str
    kept_at: datetime

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
    """

    def __init__(self) -> None:
        self.path = recovery_folder() / secrets.token_hex(8)
        self.mutex = Lock()
        self._lock: QLockFile | None = None

    def make(self) -> Path:
        """Make the folder, for this user alone, and lock it.

        Raises
        ------
        ScanError
            If the operating system refuses.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ScanError(
                f"unsaved labels cannot be kept against a crash: {error.strerror or error}",
                source=self.path,
                remedy=f"save often, or name a folder of yours in {FOLDER_VARIABLE}",
            ) from error
        if self._lock is None:
            self._lock = _lock_of(self.path)
            self._lock.tryLock(0)
        return self.path

    def release(self) -> None:
        """Let others find what is left here."""
        with self.mutex:
            if self._lock is not None:
                self._lock.unlock()
                self._lock = None
            _remove_if_empty(self.path)


def keep(
    folder: Path, key: str, scan: Scan, *, layer_name: str, labels: np.ndarray, accepted: np.ndarray
) -> Kept:
    """Write labels and what they belong to; each file is replaced in one step.

    Parameters
    ----------
    folder : Path
    key : str
        Name of the files, without ending.
    scan : Scan
    layer_name : str
    labels : ndarray, shape (T, Z, Y, X)
    accepted : ndarray of bool, shape (T, Z)

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
    )
    with atomic_path(kept.labels) as temporary:
        np.savez_compressed(temporary, labels=labels.astype(np.uint8), accepted=accepted)
    save_json(
        kept.record,
        {
            "version": VERSION,
            "scan": kept.scan_name,
            "layer": kept.layer_name,
            "source": kept.source,
            "image_sha256": kept.image_sha256,
            "kept_at": kept.kept_at.isoformat(),
        },
    )
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
        lock = _lock_of(folder)
        if lock.tryLock(0):
            found += _records(folder)
            lock.unlock()
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
        with np.load(kept.labels, allow_pickle=False) as content:
            labels, accepted = content["labels"], content["accepted"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ScanError(
            "the labels that were kept are gone or damaged",
            source=kept.labels,
            remedy="discard them",
        ) from error
    if labels.shape != scan.shape or accepted.shape != scan.shape[:2]:
        raise ScanError(
            f"labels of shape {labels.shape} on an image of shape {scan.shape}",
            source=kept.labels,
            remedy=remedy,
        )
    return labels.astype(np.uint8), accepted.astype(bool)


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
    """What lies in a folder; files that are not ours, or damaged, are left alone."""
    found = []
    for path in folder.glob("*.json"):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != VERSION or not path.with_suffix(".npz").is_file():
                continue
            kept_at = datetime.fromisoformat(content["kept_at"])
            source = content["source"]
            found.append(
                Kept(
                    path,
                    str(content["scan"]),
                    str(content["layer"]),
                    None if source is None else Path(source),
                    str(content["image_sha256"]),
                    kept_at if kept_at.tzinfo else kept_at.replace(tzinfo=UTC),
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _lock_of(folder: Path) -> QLockFile:
    lock = QLockFile(str(folder / LOCK))
    lock.setStaleLockTime(0)  # stale is only the lock of a process that has gone
    return lock


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
