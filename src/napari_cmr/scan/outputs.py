"""Files and folders that work writes: checked before it starts; files are written all or none."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from napari_cmr.scan.atomic import atomic_paths, check_place
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.export import is_written_here
from napari_cmr.scan.nifti.file import is_nifti_name
from napari_cmr.scan.nifti.reader import image_beside

AnyPath = str | PathLike[str]


def check_outputs(
    *outputs: AnyPath | None, inputs: Iterable[AnyPath | None] = (), overwrite: bool = False
) -> None:
    """Refuse outputs that would destroy something, before any work is done.

    Parameters
    ----------
    outputs : path or None
        Files that will be written; None for those that nobody asked for.
    inputs : iterable of path or None
        Files and folders that the work reads. No output may be one of these files, nor replace
        anything in these folders, or the labels that lie beside these files and are read with them,
        but labels and numbers that this program wrote.
    overwrite : bool
        Whether files that exist may be replaced.

    Raises
    ------
    ScanError
        If an output is read, or is another output too, or is something other than a regular file,
        or exists and may not be replaced; or if its folder does not exist.
    """
    targets = [Path(output) for output in outputs if output is not None]
    sources = [Path(source) for source in inputs if source is not None]
    places: set[Path] = set()
    for target in targets:
        check_place(target)
        place = target.resolve()
        if place in places:
            raise ScanError(
                "two outputs have this one name", source=target, remedy="give each its own"
            )
        places.add(place)
        for source in sources:
            _check_apart(target, source)
        if not overwrite and target.exists():
            raise ScanError(
                "exists already",
                source=target,
                remedy="choose another name, or replace it: --force, or overwrite=True in Python",
            )


@contextmanager
def output_folder(
    out: AnyPath,
    *,
    inputs: Iterable[AnyPath | None] = (),
    own: Iterable[str] = (),
    left_out: bool = False,
) -> Iterator[Path]:
    """Make a folder for the results of a block, and take it away if that fails before any is there.

    A folder of an earlier run is gone on with.

    Parameters
    ----------
    out : path
    inputs : iterable of path or None
        What the work reads. The folder may not be one of these.
    own : iterable of str
        Names of what the work writes there: a folder that holds other files and none of these is
        not of an earlier run. What is in it does not matter if none are given.
    left_out : bool
        Whether the work leaves the folder out of a folder that it reads, so that it may lie there.

    Yields
    ------
    Path

    Raises
    ------
    ScanError
        If the folder is read, holds something else, or cannot be made or written into.
    """
    folder, names = Path(out), tuple(own)
    place = folder.resolve()
    for source in (Path(one).resolve() for one in inputs if one is not None):
        if place == source or (not left_out and place.is_relative_to(source)):
            raise ScanError(
                "results need a folder of their own, apart from what is read",
                source=folder,
                remedy="choose a folder that does not lie in it",
            )
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = {one.name for one in folder.iterdir()}
    except OSError as error:
        raise ScanError(
            f"the folder cannot be made: {error.strerror or error}",
            source=folder,
            remedy="choose another place",
        ) from error
    if not os.access(folder, os.W_OK):
        raise ScanError(
            "nothing can be written into this folder",
            source=folder,
            remedy="check your permissions, or choose another place",
        )
    if names and there and there.isdisjoint(names):
        raise ScanError(
            "is not empty, and not of an earlier run", source=folder, remedy="choose a new folder"
        )
    try:
        yield folder
    except BaseException:
        inside = sorted(folder.rglob("*"), reverse=True) if new else []
        for one in (*inside, *new):
            if one.is_dir() and not one.is_symlink() and not any(one.iterdir()):
                one.rmdir()
        raise


@contextmanager
def written_together(
    *outputs: AnyPath | None, inputs: Iterable[AnyPath | None] = (), overwrite: bool = False
) -> Iterator[dict[Path, Path]]:
    """Check outputs, and give temporary paths that are moved there once the block has succeeded.

    Parameters
    ----------
    outputs, inputs, overwrite
        See :func:`check_outputs`.

    Yields
    ------
    dict of Path to Path
        Where to write each output that was asked for, by its name.

    Raises
    ------
    ScanError
        As :func:`check_outputs`, or if a file cannot be written: then none is.
    """
    sources = tuple(inputs)
    check_outputs(*outputs, inputs=sources, overwrite=overwrite)
    targets = [Path(output) for output in outputs if output is not None]
    with atomic_paths(targets) as temporary:
        yield dict(zip(targets, temporary, strict=True))
        check_outputs(*outputs, inputs=sources, overwrite=overwrite)  # the work took its time


def _check_apart(target: Path, source: Path) -> None:
    """Refuse an output that is an input, or lies in a folder of images and would replace one."""
    if not target.exists() or not source.exists():
        is_read = target.resolve() == source.resolve()
    elif source.is_dir():
        inside = target.resolve().is_relative_to(source.resolve())
        is_read = inside and not is_written_here(target)
    else:
        is_read = target.samefile(source) or _is_reference_of(target, source)
    if is_read:
        raise ScanError(
            "the output would replace what is read",
            source=target,
            remedy="choose another name for the output",
        )


def _is_reference_of(target: Path, source: Path) -> bool:
    """Whether a file holds somebody's labels of an image, which are read with it."""
    image = image_beside(target) if is_nifti_name(target.name) else None
    return image is not None and image.samefile(source) and not is_written_here(target)
