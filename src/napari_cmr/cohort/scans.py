"""Every scan below a folder: studies of any format, BIDS-like or loose."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from napari_cmr.scan import ScanError
from napari_cmr.scan.datasets.acdc import is_acdc_folder
from napari_cmr.scan.datasets.emidec import emidec_cases, is_emidec_folder
from napari_cmr.scan.datasets.lasc import is_lasc_file
from napari_cmr.scan.dicom.header import looks_like_dicom, read_planes
from napari_cmr.scan.nifti.file import is_nifti_name, nifti_stem
from napari_cmr.scan.nifti.reader import is_label_file

_RAW_SUFFIXES = (".mat", ".h5", ".hdf5", ".mrd")
_BIDS_LABELS = ("_dseg", "_mask")
#: What BIDS calls the folder of what was made of the scans.
_MADE = "derivatives"
#: Files of a folder that are looked into before it counts as one without DICOM.
_LOOKED_INTO = 50


@dataclass(frozen=True, order=True)
class FoundScan:
    """A scan of a cohort.

    Attributes
    ----------
    name : str
        Where it lies below the cohort's folder, without ending, with slashes on every system.
    path : Path
        What to open.
    series : str or None
        Which of its series, where it has several of one rank.
    """

    name: str
    path: Path
    series: str | None = None


def find_scans(folder: Path, *, leave_out: Path | None = None) -> list[FoundScan]:
    """Scans at and below a folder, by name.

    A NIfTI image, a raw file or a left atrium's archive is a scan; so are an ACDC patient folder, a
    case of an EMIDEC folder, and a DICOM study, however many folders it is spread over. Label
    files, hidden files, links to folders and what BIDS calls derivatives are passed over.

    Parameters
    ----------
    folder : Path
        A single file is found, too.
    leave_out : Path, optional
        Folder of results, which may lie below it.

    Raises
    ------
    ScanError
        If there is none.
    """
    if not folder.exists():
        raise ScanError("no such file or folder", source=folder, remedy="check the spelling")
    if not folder.is_dir():
        return [FoundScan(_stem(folder), folder)]
    dicom: dict[str, list[Path]] = defaultdict(list)
    found = [*_below(folder, leave_out and leave_out.resolve(), dicom)]
    found += [FoundScan("", path) for path in _studies(dicom)]
    if not found:
        raise ScanError(
            "holds no scan",
            source=folder,
            remedy="give a folder of NIfTI files, DICOM studies, ACDC patients or raw data",
        )
    return _named(found, folder)


def _below(
    folder: Path, leave_out: Path | None, dicom: dict[str, list[Path]]
) -> Iterator[FoundScan]:
    """Scans that are no DICOM; folders with DICOM files are added to ``dicom``, by their owner."""
    if is_nifti_name(folder.name) or is_acdc_folder(folder):
        yield FoundScan("", folder)
        return
    if is_emidec_folder(folder):
        for case in emidec_cases(folder):
            yield FoundScan("", folder, case)
        return
    entries = [entry for entry in _entries(folder) if not entry.name.startswith(".")]
    files = [entry for entry in entries if entry.is_file()]
    yield from (FoundScan("", file) for file in files if _is_scan(file))
    study = _study_of(files)
    if study is not None:
        dicom[study or str(folder)].append(folder)
    for entry in entries:
        is_own = entry.is_dir() and not entry.is_symlink() and entry.name != _MADE
        if is_own and entry.resolve() != leave_out:
            yield from _below(entry, leave_out, dicom)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []  # somebody else's folder beside the patients


def _is_scan(file: Path) -> bool:
    if is_nifti_name(file.name):
        return not is_label_file(file) and not nifti_stem(file).endswith(_BIDS_LABELS)
    return file.suffix.lower() in _RAW_SUFFIXES or is_lasc_file(file)


def _study_of(files: list[Path]) -> str | None:
    """Patient and study of the first DICOM image among files; None if there is no image."""
    for file in files[:_LOOKED_INTO]:
        try:
            if not is_nifti_name(file.name) and looks_like_dicom(file):
                planes = read_planes(file)
                if planes:
                    return planes[0].patient + planes[0].study  # one UID may be everybody's
        except (OSError, ValueError):
            continue
    return None


def _studies(dicom: dict[str, list[Path]]) -> Iterator[Path]:
    """Folder of each study; its folders one by one where another study lies among them."""
    for study, folders in dicom.items():
        whole = Path(os.path.commonpath(folders))
        others = (one for other, paths in dicom.items() if other != study for one in paths)
        if any(other.is_relative_to(whole) for other in others):
            yield from folders
        else:
            yield whole


def _named(found: list[FoundScan], folder: Path) -> list[FoundScan]:
    """Give scans their names; those of one stem keep their ending."""
    by_name: dict[str, list[FoundScan]] = defaultdict(list)
    for one in found:
        place = one.path.relative_to(folder)
        parts = [*place.parent.parts, _stem(one.path if place.parts else folder)]
        by_name["/".join([*parts, one.series] if one.series else parts)].append(one)
    named = []
    for name, same in by_name.items():
        for one in same:
            own = name if len(same) == 1 else "/".join((*name.split("/")[:-1], one.path.name))
            named.append(FoundScan(own, one.path, one.series))
    return sorted(named)


def _stem(path: Path) -> str:
    if is_nifti_name(path.name):
        return nifti_stem(path)
    return path.stem if path.suffix.lower() in (*_RAW_SUFFIXES, ".npz") else path.name
