"""Files that are either wholly written or not there at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

from napari_cmr.scan.errors import ScanError


@contextmanager
def atomic_path(target: str | PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``target`` and move it there once the block has succeeded.

    Parameters
    ----------
    target : path
        Where the file shall be. An existing file is replaced at the end, in one step.

    Yields
    ------
    Path
        Path to write to: same folder, same suffixes. It is removed if the block raises.

    Raises
    ------
    ScanError
        If the folder does not exist or the operating system refuses to write.
    """
    target = Path(target)
    temporary = target.with_name(f".{secrets.token_hex(6)}.{target.name}")
    try:
        if not target.parent.is_dir():
            raise ScanError(
                f"cannot be written: the folder {str(target.parent)!r} does not exist",
                source=target,
                remedy="make the folder first, or choose another place",
            )
        if target.is_dir():
            raise ScanError(
                "cannot be written: a folder of that name exists",
                source=target,
                remedy="choose another file name",
            )
        yield temporary
        os.replace(temporary, target)
    except OSError as error:
        raise ScanError(
            f"cannot be written: {error.strerror or error}",
            source=target,
            remedy="check the free space and your permissions, or choose another place",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
