"""Files that are either wholly written or not there at all, alone or several together."""

import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

from napari_cmr.scan.errors import ScanError

_NAME_KEPT = 40  # characters of a name's end in its temporary name: enough for any suffixes


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
        If the folder does not exist, something other than a regular file has that name, or the
        operating system refuses to write.
    """
    with atomic_paths([target]) as (temporary,):
        yield temporary


@contextmanager
def atomic_paths(targets: Sequence[str | PathLike[str]]) -> Iterator[tuple[Path, ...]]:
    """Give temporary paths beside ``targets`` and move all there once the block has succeeded.

    See :func:`atomic_path`. If one of them cannot be moved, the others are undone: the files that
    were there before are there again.

    Raises
    ------
    ScanError
        As :func:`atomic_path`; one about a temporary path is told about its target.
    """
    wanted = [Path(target) for target in targets]
    token = secrets.token_hex(6)
    staged: dict[Path, Path] = {}
    current = Path()
    try:
        for number, current in enumerate(wanted):
            check_place(current)
            staged[current] = _beside(current, f"{token}.{number}")
        yield tuple(staged.values())
        done: list[tuple[Path, Path | None]] = []
        try:
            for current in wanted:
                check_place(current)
                kept = _keep_former(current, f"{token}.old") if len(wanted) > 1 else None
                done.append((current, kept))
                os.replace(staged[current], _real(current))
        except BaseException:
            for target, kept in done:
                _put_back(target, kept, was_moved=not staged[target].exists())
            raise
        for _, kept in done:
            if kept is not None:
                kept.unlink(missing_ok=True)
    except ScanError as error:
        for target, temporary in staged.items():
            if error.source == str(temporary):
                raise ScanError(error.problem, source=target, remedy=error.remedy) from error
        raise
    except OSError as error:
        about = next((t for t, path in staged.items() if str(path) == error.filename), current)
        raise ScanError(
            f"cannot be written: {error.strerror or error}",
            source=about,
            remedy="check the free space and your permissions, or choose another place",
        ) from error
    finally:
        for temporary in staged.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def check_place(target: Path) -> None:
    """Refuse a place where no file can be, or where something other than a file would be lost.

    Raises
    ------
    ScanError
        If the folder does not exist or is read-only, or a folder, a device or a pipe has that name.
    """
    try:
        if not target.parent.is_dir():
            raise ScanError(
                f"cannot be written: the folder {str(target.parent)!r} does not exist",
                source=target,
                remedy="make the folder first, or choose another place",
            )
        try:
            mode = os.stat(target).st_mode
        except FileNotFoundError:
            mode = None
        if not os.access(_real(target).parent, os.W_OK):
            raise ScanError(
                f"cannot be written: nothing can be written into {str(_real(target).parent)!r}",
                source=target,
                remedy="check your permissions, or choose another place",
            )
    except OSError as error:
        raise ScanError(
            f"cannot be written: {error.strerror or error}",
            source=target,
            remedy="choose another file name, or check your permissions",
        ) from error
    if mode is None:
        return
    if stat.S_ISDIR(mode):
        raise ScanError(
            "cannot be written: a folder of that name exists",
            source=target,
            remedy="choose another file name",
        )
    if not stat.S_ISREG(mode):
        raise ScanError(
            "cannot be written: this is a device or a pipe, and would be replaced by a file",
            source=target,
            remedy="choose another file name",
        )


def _real(target: Path) -> Path:
    """Where a symbolic link leads: the file is replaced, the link stays."""
    return target.resolve() if target.is_symlink() else target


def _beside(target: Path, token: str) -> Path:
    return _real(target).with_name(f".{token}.{_real(target).name[-_NAME_KEPT:].lstrip('.')}")


def _keep_former(target: Path, token: str) -> Path | None:
    """Second name of the file that will be replaced; a copy where there are no hard links."""
    if not target.exists():
        return None
    kept = _beside(target, token)
    try:
        os.link(_real(target), kept)
    except OSError:
        shutil.copy2(target, kept)
    return kept


def _put_back(target: Path, kept: Path | None, *, was_moved: bool) -> None:
    with suppress(OSError):
        if kept is not None:
            os.replace(kept, _real(target))
            kept.unlink(missing_ok=True)  # two names of one file: nothing was moved
        elif was_moved:
            target.unlink()
