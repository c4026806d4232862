"""Labels of a window that has gone are found whatever else lies beside them."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core import folder_lock
from napari_cmr.viewer.core.folder_lock import FolderLock
from napari_cmr.viewer.core.recovery import FOLDER_VARIABLE, Kept, OwnFolder, keep, left_behind
from napari_cmr.viewer.core.recovery import read_kept as read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, and signals that kill")
KEY = "0123456789abcdef"


@pytest.fixture
def all_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "recovery"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def scan():
    return make_scan()


def kept_in(folder: Path, scan, key: str = KEY) -> Kept:
    folder.mkdir(parents=True, exist_ok=True)
    accepted = np.zeros(scan.shape[:2], bool)
    accepted[1, 0] = True
    labels = np.ones(scan.shape, np.uint8)
    return keep(folder, key, scan, layer_name=key, labels=labels, accepted=accepted)


def offered() -> list[str]:
    return [one.layer_name for one in left_behind()]


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from napari_cmr.viewer.core.folder_lock import FolderLock;"
        "lock = FolderLock(Path(sys.argv[1])); print(lock.acquire(), flush=True);"
        "sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    mine = FolderLock(tmp_path)
    try:
        assert child.stdout.readline().strip() == "True"
        assert not mine.acquire()
        assert not mine.is_held
    finally:
        child.kill()
        child.wait()
    assert mine.acquire()
    assert not FolderLock(tmp_path).acquire()
    mine.release()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_locks_gives_them_to_everyone(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(folder_lock.fcntl, "flock", refuse)
    assert FolderLock(tmp_path).acquire()


@pytest.mark.parametrize("content", [b"", b"\0\xff junk", b"1\npython\nanother-computer\n\n"])
def test_what_is_in_a_lock_does_not_matter(all_windows: Path, scan, content: bytes) -> None:
    kept_in(all_windows / "gone", scan)
    (all_windows / "gone" / "lock").write_bytes(content)
    assert offered() == [KEY]


def test_a_living_window_keeps_its_own(all_windows: Path, scan) -> None:
    own = OwnFolder()
    kept_in(own.make(), scan)
    assert own.holds(KEY)
    assert offered() == []
    own.release()
    assert offered() == [KEY]


def test_a_folder_that_was_removed_is_made_and_locked_again(all_windows: Path, scan) -> None:
    own = OwnFolder()
    kept_in(own.make(), scan)
    shutil.rmtree(all_windows)
    assert not own.holds(KEY)
    kept_in(own.make(), scan)
    assert own.holds(KEY)
    assert offered() == []


def test_a_full_disk_is_an_error_until_it_has_room(all_windows: Path, scan, monkeypatch) -> None:
    own = OwnFolder()

    def refuse(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(folder_lock.os, "open", refuse)
        with pytest.raises(ScanError, match="No space left"):
            own.make()
    kept_in(own.make(), scan)
    assert offered() == []


def deep(text: str) -> str:
    return "[" * 100_000 + text + "]" * 100_000


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1]",
        "null",
        deep(""),
        '{"version": 1}',
        '{"version": 1, "scan": "x", "layer": "x", "source": "a\\u0000b", "image_sha256": "",'
        ' "kept_at": "0001-01-01T00:00:00+14:00"}',
        "9" * 5000,
        " " * (2 << 20),
    ],
    ids=["empty", "half", "list", "null", "deep", "short", "year 1", "digits", "large"],
)
def test_a_bad_record_hides_no_other(all_windows: Path, scan, content: str) -> None:
    folder = all_windows / "gone"
    kept_in(folder, scan, "a" * 16)
    kept_in(folder, scan, "c" * 16)
    (folder / f"{'b' * 16}.json").write_text(content)
    (folder / f"{'b' * 16}.npz").touch()
    kept_in(all_windows / "later", scan, "d" * 16)
    assert sorted(offered()) == ["a" * 16, "c" * 16, "d" * 16]


def test_pipes_in_place_of_files_do_not_stop_it(all_windows: Path, scan) -> None:
    folder = all_windows / "gone"
    kept_in(folder, scan)
    for name in ("x.json", "y.npz", "lock"):
        os.mkfifo(folder / name)
    os.mkfifo(all_windows / "pipe")
    assert offered() == [KEY]


def test_what_was_half_written_goes_after_an_hour(all_windows: Path, scan) -> None:
    folder, other = all_windows / "gone", all_windows / "empty"
    kept_in(folder, scan)
    other.mkdir()
    halves = [
        folder / f".aabbccddeeff.0.{KEY}.npz",
        folder / f".aabbccddeeff.1.{KEY}.json",
        folder / f"{'e' * 16}.npz",
        folder / f"{'f' * 16}.json",
    ]
    for path in halves:
        path.write_bytes(b"x")
    assert offered() == [KEY]
    assert all(path.exists() for path in halves)  # somebody may be writing them
    assert not other.exists()
    old = time.time() - 7200
    for path in (*halves, folder / f"{KEY}.npz", folder / f"{KEY}.json"):
        os.utime(path, (old, old))
    assert offered() == [KEY]
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".npz"]


def test_labels_come_back(all_windows: Path, scan) -> None:
    kept = kept_in(all_windows / "gone", scan)
    assert left_behind() == [kept]
    labels, accepted = read(kept, scan)
    assert labels.dtype == np.uint8
    assert (labels == 1).all()
    assert np.argwhere(accepted).tolist() == [[1, 0]]
    assert abs((datetime.now(UTC) - kept.kept_at).total_seconds()) < 60
    assert set(json.loads(kept.record.read_text())) >= {"scan", "layer", "image_sha256"}


def damaged_files(path: Path, scan) -> list[bytes]:
    """Contents of a file of labels that is none."""
    whole = path.read_bytes()
    made = [b"", b"PK", whole[: len(whole) // 2], whole[:-30] + bytes(30)]
    flipped = bytearray(whole)
    flipped[60] ^= 0xFF
    made.append(bytes(flipped))
    shapes = [(10**6, 10**6, 10**6, 1), scan.shape[:3], ()]
    for shape in shapes:
        header = repr({"descr": "|u1", "fortran_order": False, "shape": shape}).encode()
        header = header.ljust(117) + b"\n"
        body = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        with ZipFile(path, "w") as file:
            file.writestr("labels.npy", body)
            file.writestr("accepted.npy", body)
        made.append(path.read_bytes())
    with ZipFile(path, "w", compression=8) as file:
        file.writestr("labels.npy", bytes(50_000_000))
    made.append(path.read_bytes())
    return made


def test_damaged_labels_say_so_and_what_to_do(all_windows: Path, scan) -> None:
    kept = kept_in(all_windows / "gone", scan)
    for content in damaged_files(kept.labels, scan):
        kept.labels.write_bytes(content)
        with pytest.raises(ScanError, match="gone or damaged") as caught:
            read(kept, scan)
        assert caught.value.remedy == "discard them"
