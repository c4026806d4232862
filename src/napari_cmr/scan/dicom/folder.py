"""Every MR image that a folder tree (or one file) holds, and a tally of what was passed over."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from napari_cmr.scan.dicom.header import Plane, UnusableFile, looks_like_dicom, read_planes
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.notices import Code, Notice

MAX_FILES = 100_000


@dataclass(frozen=True)
class DicomFolder:
    """Planes of a folder, in no particular order, and notes on the files that gave none."""

    path: Path
    planes: tuple[Plane, ...]
    notes: tuple[Notice, ...]


def read_folder(path: Path) -> DicomFolder:
    """Read the headers of all DICOM files under ``path``, or of the one file that it is.

    Links to folders are not followed (they may run in circles), links to files are. A DICOMDIR
    stands for its folder.

    Raises
    ------
    ScanError
        If there is no such path, it cannot be read, or no file holds a usable MR image.
    """
    path = Path(path)
    if path.name.upper() == "DICOMDIR" and path.is_file():
        path = path.parent
    files, unlistable = _list_files(path)
    reasons: Counter[str] = Counter()
    planes: list[Plane] = []
    others = 0
    for file in files:
        try:
            if looks_like_dicom(file):
                planes.extend(read_planes(file))
            else:
                others += 1
        except OSError:
            reasons["not readable (permission or disk error)"] += 1
        except UnusableFile as reason:
            if str(reason) != "DICOMDIR":
                reasons[str(reason)] += 1
    if not planes:
        raise _nothing_usable(path, reasons, others, unlistable)
    kept, copies = _without_copies(planes)
    notes = [
        Notice(
            Code.FILES_PASSED_OVER,
            f"{count} DICOM {'file' if count == 1 else 'files'} passed over: {reason}",
        )
        for reason, count in reasons.most_common(8)
    ]
    if others:
        notes.append(
            Notice(
                Code.FILES_PASSED_OVER,
                f"{others} {'file is' if others == 1 else 'files are'} not DICOM",
            )
        )
    if unlistable:
        notes.append(
            Notice(
                Code.FILES_PASSED_OVER,
                f"{unlistable} {'folder' if unlistable == 1 else 'folders'} not readable",
            )
        )
    if copies:
        notes.append(Notice(Code.FILES_PASSED_OVER, f"{copies} copies of the same image ignored"))
    return DicomFolder(path, tuple(kept), tuple(notes))


def _list_files(path: Path) -> tuple[list[Path], int]:
    try:
        if path.is_file():
            return [path], 0
        is_folder = path.is_dir()
    except OSError as error:
        raise ScanError("cannot be read", source=path, remedy=str(error.strerror)) from error
    if not is_folder:
        raise ScanError("no such file or folder", source=path)
    unlistable: list[OSError] = []
    files: list[Path] = []
    for folder, subfolders, names in os.walk(path, onerror=unlistable.append):
        subfolders.sort()
        files.extend(
            Path(folder, name)
            for name in sorted(names)
            if not name.startswith(".") and name.upper() != "DICOMDIR"
        )
        if len(files) > MAX_FILES:
            raise ScanError(
                f"more than {MAX_FILES} files lie under this folder",
                source=path,
                remedy="open the folder of one study",
            )
    return files, len(unlistable)


def _nothing_usable(path: Path, reasons: Counter[str], others: int, unlistable: int) -> ScanError:
    if reasons:
        main = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        return ScanError(
            f"no usable MR image ({main})",
            source=path,
            remedy="export the original MR images of the study again",
        )
    if unlistable:
        return ScanError(
            "the folder cannot be read", source=path, remedy="check its access permissions"
        )
    found = f"none of its {others} files is DICOM" if others > 1 else "not a DICOM file"
    if not others:
        found = "the folder is empty"
    return ScanError(f"no DICOM image found: {found}", source=path)


def _without_copies(planes: list[Plane]) -> tuple[list[Plane], int]:
    # The UID alone does not do: some anonymisers give all images the same one.
    seen: set[tuple[object, ...]] = set()
    kept = []
    for plane in planes:
        place = tuple(plane.position.tolist())
        key = (plane.uid, plane.series, plane.number, plane.instance, plane.trigger_ms, place)
        if not plane.uid.startswith("/"):
            if key in seen:
                continue
            seen.add(key)
        kept.append(plane)
    return kept, len(planes) - len(kept)
