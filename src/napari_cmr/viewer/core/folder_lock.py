"""A lock on a folder that the operating system takes back when its process ends, however it ends.

The file says nothing: whatever is in it, and whoever wrote it on which machine, only a living
process holds the lock.
"""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

NAME = "lock"


class FolderLock:
    """Lock on a folder, held by at most one object of any process."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock, and the lock is still that of the folder."""
        if self._file is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self.path))
        except OSError:
            return False  # the folder was removed, and perhaps made again

    def acquire(self) -> bool:
        """Take the lock; False if another object has it.

        Raises
        ------
        OSError
            If it cannot be taken or looked at: no space, no permission.
        """
        if self.is_held:
            return True
        self.release()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0), 0o600)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError(f"{self.path} is no file")
            taken = _lock(file)
        except OSError:
            os.close(file)
            raise
        if not taken:
            os.close(file)
            return False
        self._file = file
        return self.is_held  # not if another process has just removed the file

    def release(self) -> None:
        """Give the lock back and remove its file; no error if it was not held."""
        if self._file is None:
            return
        if self.is_held and sys.platform != "win32":  # Windows removes no open file
            with suppress(OSError):
                self.path.unlink()
        os.close(self._file)
        self._file = None
        if sys.platform == "win32":
            with suppress(OSError):
                self.path.unlink()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
else:
    import errno
    import fcntl

    #: Of a disk that knows no locks, as some network drives: then everyone gets them.
    _NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True
