"""Which inputs are opened: files, and nothing that would wait for ever or never end."""

import stat
from pathlib import Path

from napari_cmr.scan.errors import ScanError

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)


def check_input_file(path: Path) -> None:
    """Refuse to open what is no file.

    Raises
    ------
    ScanError
        If it is a pipe, a device or the like.
    OSError
        If it does not exist or cannot be looked at.
    """
    mode = path.stat().st_mode
    for is_kind, name in _KINDS:
        if is_kind(mode):
            raise ScanError(f"is {name}, not a file", source=path, remedy="choose a file")
