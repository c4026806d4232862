"""A lock on a folder: held by one, given back, and never that of a folder that has gone."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from napari_cmr.viewer.core.folder_lock import NAME, FolderLock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of another kind there")


def test_one_holds_it_and_then_another(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    assert not first.is_held
    assert first.acquire()
    assert first.acquire()  # again
    assert first.is_held
    assert not second.acquire()
    assert not second.is_held
    first.release()
    assert not first.is_held
    assert not (tmp_path / NAME).exists()
    assert second.acquire()
    first.release()  # of nothing: no error, and the other keeps it
    assert second.is_held
    second.release()


def test_what_an_old_file_says_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"another machine, another time")
    lock = FolderLock(tmp_path)
    assert lock.acquire()
    lock.release()


def test_a_folder_that_was_made_again_is_not_held(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    lock, other = FolderLock(folder), FolderLock(folder)
    assert lock.acquire()
    shutil.rmtree(folder)
    assert not lock.is_held
    with pytest.raises(OSError, match="No such file"):
        lock.acquire()
    folder.mkdir()
    assert other.acquire()
    assert not lock.is_held
    lock.release()
    assert other.is_held  # nobody took its file away
    assert not lock.acquire()
    other.release()


def test_a_pipe_is_no_lock_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(OSError, match="is no file"):
        FolderLock(tmp_path).acquire()
