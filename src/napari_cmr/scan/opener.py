"""One way in: find out what a path holds, by its content first, and read it."""

import gzip
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from napari_cmr.scan.datasets.acdc import is_acdc_folder, read_acdc
from napari_cmr.scan.datasets.emidec import emidec_cases, is_emidec_folder, read_emidec
from napari_cmr.scan.datasets.lasc import is_lasc_file, is_lasc_start, read_lasc
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.label_files import says_it_is_labels, with_saved_labels
from napari_cmr.scan.nifti.file import is_nifti_name
from napari_cmr.scan.nifti.reader import read_nifti
from napari_cmr.scan.raw.variables import MATLAB5_MARK
from napari_cmr.scan.scan import Scan

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_HDF5_OFFSETS = (0, 512, 1024, 2048)  # MATLAB puts 512 bytes of its own in front
_DICOM_SUFFIXES = {".dcm", ".ima", ".dicom"}
_RAW_SUFFIXES = {".mat", ".h5", ".hdf5", ".mrd"}
_MAX_LISTED = 20000
_KNOWN_FORMATS = (
    "NIfTI, DICOM, an ACDC patient folder, an EMIDEC folder of PNGs, a left-atrium .npz, CMRxRecon "
    ".mat, ISMRMRD .h5"
)
_OTHER_FORMATS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF document",
    b"NRRD": "an NRRD image",
    b"\x93NUMPY": "a NumPy array without a voxel size",
}


def open_scan(
    path: str | PathLike[str],
    *,
    label_scheme: str | None = None,
    keep_identifiers: bool = False,
    series: int | str | None = None,
) -> Scan:
    """Open whatever scan a path holds.

    Parameters
    ----------
    path : path
        A NIfTI file, an ACDC patient folder, a DICOM file or folder, an EMIDEC folder of PNG
        slices, a left atrium's ``.npz`` of the 2018 challenge, a CMRxRecon ``.mat`` or an ISMRMRD
        ``.h5`` file (the last two need the extra ``raw``).
    label_scheme : str, optional
        Numbering of labels beside the image; a key of :data:`napari_cmr.scan.LABEL_SCHEMES`. Those
        of a DICOM study are found where the program saves them, see
        :func:`~napari_cmr.scan.label_files.with_saved_labels`.
    keep_identifiers : bool
        Keep the patient's identifier in memory. It is never written to a file.
    series : int or str, optional
        Series of a DICOM folder, as numbered or named by :func:`napari_cmr.scan.index_scans`; the
        short-axis stack if not given. Of an EMIDEC folder the name of the case.

    Returns
    -------
    Scan

    Raises
    ------
    ScanError
        If there is nothing there that can be opened; the message says what was found instead and
        what to do.
    """
    path = Path(path)
    kind = kind_of(path)
    if kind in FOLDER_READERS and (series is None or FOLDER_READERS[kind].has_series):
        reader = FOLDER_READERS[kind]
        return reader.read(path, series, label_scheme, keep_identifiers)
    if series is not None and kind != "dicom":
        raise ScanError(
            f"series {series} was asked for, but only DICOM and EMIDEC folders have any",
            source=path,
            remedy="leave the series out",
        )
    if kind == "dicom":
        from napari_cmr.scan.dicom.reader import read_dicom

        scan = read_dicom(path, series=series, keep_identifiers=keep_identifiers)
        return with_saved_labels(scan, label_scheme=label_scheme)
    if kind == "raw":
        from napari_cmr.scan.raw.reader import read_raw

        return with_saved_labels(read_raw(path), label_scheme=label_scheme)
    if kind == "lasc":
        return read_lasc(path, label_scheme=label_scheme)
    if kind == "folder":
        return open_scan(_only_scan_in(path), label_scheme=label_scheme)
    return read_nifti(path, label_scheme=label_scheme)


def _open_case(
    folder: Path, case: int | str | None, label_scheme: str | None, _keep_identifiers: bool
) -> Scan:
    """Open a case of an EMIDEC folder; the only one, or the one that was asked for."""
    cases = emidec_cases(folder)
    if case is None and len(cases) > 1:
        few = ", ".join([*cases][:3])
        raise ScanError(
            f"holds {len(cases)} EMIDEC cases ({few}, ...), not one scan",
            source=folder,
            remedy=f"name the case as the series, such as --series {next(iter(cases))}",
        )
    return read_emidec(folder, str(case or next(iter(cases))), label_scheme=label_scheme)


def _open_patient(
    folder: Path, _series: int | str | None, label_scheme: str | None, keep_identifiers: bool
) -> Scan:
    return read_acdc(folder, label_scheme=label_scheme, keep_identifiers=keep_identifiers)


@dataclass(frozen=True)
class FolderReader:
    """How folders of a data set with a layout of its own are opened.

    Attributes
    ----------
    recognises : callable
        Whether a folder is one of them, by its names alone.
    read : callable
        Its scan, from the folder, the series that was asked for, the numbering of the labels (both
        may be None) and whether to keep the patient's identifier.
    has_series : bool
        Whether a folder may hold several scans, one of which is named as the series.
    """

    recognises: Callable[[Path], bool]
    read: Callable[[Path, int | str | None, str | None, bool], Scan]
    has_series: bool = False


#: By the kind that :func:`kind_of` gives; asked in this order, before DICOM and single files.
FOLDER_READERS = {
    "acdc": FolderReader(is_acdc_folder, _open_patient),
    "emidec": FolderReader(is_emidec_folder, _open_case, has_series=True),
}


def kind_of(path: str | PathLike[str]) -> str:
    """Find out what a path holds without reading the image.

    Returns
    -------
    str
        ``"nifti"``, ``"dicom"``, ``"raw"``, ``"lasc"``, one of :data:`FOLDER_READERS`, or
        ``"folder"`` for a folder in which exactly one file has to be chosen.

    Raises
    ------
    ScanError
        If the path does not exist, may not be read, is empty, or is of no known kind.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise ScanError("no such file or folder", source=path, remedy="check the spelling")
        return _kind_of_folder(path) if path.is_dir() else _kind_of_file(path)
    except PermissionError as error:
        raise ScanError(
            "permission denied", source=path, remedy="ask its owner for the right to read it"
        ) from error
    except (OSError, ValueError) as error:  # too long a name, a null byte, a lost network drive
        if isinstance(error, ScanError):
            raise
        raise ScanError(f"cannot be read: {error}", source=path) from error


def _kind_of_file(path: Path) -> str:
    if not path.is_file():
        raise ScanError("is neither a file nor a folder", source=path)
    kind = _sniff(path)
    if kind is not None:
        return kind
    start = _start_of(path)
    if not start:
        raise ScanError("the file is empty", source=path, remedy="copy or download it again")
    if is_nifti_name(path.name):
        return "nifti"  # its reader says what is wrong with it
    if path.suffix.lower() in _DICOM_SUFFIXES:
        return "dicom"
    for magic, name in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise ScanError(
                f"is {name}, not a scan",
                source=path,
                remedy=f"open one of: {_KNOWN_FORMATS}",
            )
    raise ScanError(
        "is not a scan in a known format", source=path, remedy=f"open one of: {_KNOWN_FORMATS}"
    )


def _start_of(path: Path, size: int = 2560) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _sniff(path: Path) -> str | None:
    """Kind of a file by its first bytes, or None."""
    start = _start_of(path)
    if start[128:132] == b"DICM":
        return "dicom"
    if any(start[offset : offset + 8] == _HDF5_MAGIC for offset in _HDF5_OFFSETS):
        return "raw"
    if start.startswith(MATLAB5_MARK):
        return "raw"
    if is_lasc_start(start):
        return "lasc"
    if start[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path, "rb") as file:
                start = file.read(540)
        except (OSError, EOFError, zlib.error):
            return "nifti" if is_nifti_name(path.name) else None
    if start[344:348] in (b"n+1\0", b"ni1\0") or start[4:7] in (b"n+2", b"ni2"):
        return "nifti"
    return None


def _kind_of_folder(path: Path) -> str:
    if is_nifti_name(path.name):
        return "nifti"
    for kind, reader in FOLDER_READERS.items():
        if reader.recognises(path):
            return kind
    patients = sorted(entry.name for entry in path.iterdir() if entry.is_dir() and _is_acdc(entry))
    if patients:
        few = ", ".join(patients[:3]) + (", ..." if len(patients) > 3 else "")
        raise ScanError(
            f"holds {len(patients)} ACDC patient folders ({few}), not one scan",
            source=path,
            remedy=f"open one of them, such as {path / patients[0]}",
        )
    files = [entry for entry in path.iterdir() if entry.is_file() and _is_scan_file(entry)]
    own = sorted(entry for entry in path.iterdir() if entry not in files)
    if not all(_is_label_file(entry) for entry in files) and not _any_dicom(own):
        return "folder"
    if _any_dicom(_files_below(path)):
        return "dicom"  # what a user has saved among its files does not stand for the study
    if files:
        return "folder"
    raise ScanError(
        f"holds no scan ({_what_is_in(path)})",
        source=path,
        remedy=f"choose a folder or file with one of: {_KNOWN_FORMATS}",
    )


def _is_acdc(folder: Path) -> bool:
    try:
        return is_acdc_folder(folder)
    except PermissionError:
        return False  # somebody else's folder beside the patients


def _is_scan_file(path: Path) -> bool:
    """Whether a file in a folder is NIfTI, raw data or an archive with an image, by its name."""
    name = path.name.lower()
    if name.startswith("."):
        return False
    return is_nifti_name(name) or Path(name).suffix in _RAW_SUFFIXES or is_lasc_file(path)


def _is_label_file(path: Path) -> bool:
    return is_nifti_name(path.name) and says_it_is_labels(path)


def _is_mask(path: Path) -> bool:
    stem = path.stem.lower()
    return path.suffix.lower() in _RAW_SUFFIXES and (stem.endswith("_mask") or "_mask_" in stem)


def scans_in(folder: Path) -> list[Path]:
    """Files of a folder that are scans by their names; labels and masks only if there is no other.

    Labels and masks of lines are read along with what they lie beside.
    """
    scans = sorted(entry for entry in folder.iterdir() if _is_scan_file(entry))
    images = [entry for entry in scans if not _is_label_file(entry)] or scans
    return [entry for entry in images if not _is_mask(entry)] or images


def _only_scan_in(folder: Path) -> Path:
    images = scans_in(folder)
    if len(images) == 1:
        return images[0]
    few = ", ".join(entry.name for entry in images[:3]) + (", ..." if len(images) > 3 else "")
    raise ScanError(
        f"holds {len(images)} scans ({few})",
        source=folder,
        remedy=f"open one of them, such as {images[0]}",
    )


def _any_dicom(paths: list[Path]) -> bool:
    for path in paths:
        try:
            if not path.is_file():  # a pipe would wait for ever
                continue
            if path.suffix.lower() in _DICOM_SUFFIXES or _sniff(path) == "dicom":
                return True
        except OSError:
            continue  # one unreadable file does not speak for the folder
    return False


def _files_below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        found.extend(Path(root, name) for name in sorted(names) if not name.startswith("."))
        if len(found) > _MAX_LISTED:
            break
    return found[:_MAX_LISTED]


def _what_is_in(folder: Path) -> str:
    files = _files_below(folder)
    if not files:
        return "it is empty"
    endings: dict[str, int] = {}
    for path in files:
        ending = path.suffix.lower() or "no ending"
        endings[ending] = endings.get(ending, 0) + 1
    common = sorted(endings, key=lambda ending: -endings[ending])[:4]
    return f"{len(files)} file{'s' if len(files) > 1 else ''}: " + ", ".join(
        f"{endings[end]} x {end}" for end in common
    )
