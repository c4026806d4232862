"""Patient folders of the ACDC data set.

Bernard et al., Deep learning techniques for automatic MRI cardiac multi-structures segmentation
and diagnosis, IEEE TMI 37(11), 2018.
"""

import re
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.inputs import check_input_file
from napari_cmr.scan.nifti.reader import read_labels, read_nifti_image
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan
from napari_cmr.scan.subject import Subject

_INFO_LIMIT = 65536
_FILE = re.compile(r"(.+?)_(?:frame(\d{1,6})|4d)(_gt)?\.nii(\.gz)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Info:
    """What an ``Info.cfg`` says; frames are 0-based."""

    ed_frame: int
    es_frame: int
    n_frames: int | None
    subject: Subject
    notes: tuple[Notice, ...]


@dataclass(frozen=True)
class _Files:
    """The NIfTI files of a patient, by 0-based frame."""

    patients: tuple[str, ...]
    cine: Path | None
    images: dict[int, Path]
    labels: dict[int, Path]


def is_acdc_folder(folder: Path) -> bool:
    """Whether a folder is one ACDC patient: an ``Info.cfg`` beside NIfTI frames."""
    return _info_path(folder) is not None and bool(_list_files(folder).patients)


def read_acdc(
    folder: str | PathLike[str],
    *,
    label_scheme: str | None = None,
    keep_identifiers: bool = False,
) -> Scan:
    """Read an ACDC patient folder.

    Where the whole cine (``*_4d.nii.gz``) is present it is read, with ED and ES marked and the
    reference labels placed at those frames. Otherwise the scan has two frames, ED and then ES,
    and ``source_frames`` says which frames of the cine they are.

    Parameters
    ----------
    folder : path
    label_scheme : str, optional
        Numbering of the labels, ``"acdc"`` unless they were converted.
    keep_identifiers : bool
        Keep the patient's number (a pseudonym) as the subject's identifier.

    Returns
    -------
    Scan
        With group, height and weight of ``Info.cfg``. The geometry is not trusted: every affine of
        the data set is diag(-1, -1, 1) without lengths or position.

    Raises
    ------
    ScanError
        If ``Info.cfg`` or a frame that it names is missing or damaged.
    """
    folder = Path(folder)
    try:
        info_path = _info_path(folder)
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror}", source=folder) from error
    if info_path is None:
        raise ScanError(
            "holds no Info.cfg, so it is not an ACDC patient folder",
            source=folder,
            remedy="open one of the patient folders of the data set",
        )
    info = _read_info(info_path)
    files = _list_files(folder)
    if len(files.patients) != 1:
        found = ", ".join(files.patients[:4]) or "none"
        raise ScanError(
            f"holds the frames of {len(files.patients)} patients ({found}) beside its Info.cfg",
            source=folder,
            remedy="keep one patient with its Info.cfg per folder",
        )
    name = files.patients[0]
    scheme = label_scheme or "acdc"
    if files.cine is not None:
        scan = _read_cine(files.cine, info, files.labels, scheme)
    else:
        scan = _read_two_frames(folder, info, files, scheme)
    subject = replace(info.subject, identifier=name if keep_identifiers else None)
    return scan.with_(name=name, source=folder, subject=subject, kind="cine")


def _read_cine(path: Path, info: _Info, label_paths: dict[int, Path], scheme: str) -> Scan:
    cine = read_nifti_image(path)
    frames = (info.ed_frame, info.es_frame)
    if max(frames) >= cine.n_frames:
        raise ScanError(
            f"Info.cfg marks frame {max(frames) + 1} of a cine of {cine.n_frames} frames",
            source=path,
            remedy="correct ED and ES in Info.cfg",
        )
    notes = cine.notes + info.notes
    if info.n_frames is not None and info.n_frames != cine.n_frames:
        notes += (
            Notice(
                Code.INFO_DOUBTFUL,
                f"Info.cfg speaks of {info.n_frames} frames, the cine has {cine.n_frames}.",
            ),
        )
    labels = np.zeros(cine.shape, dtype=np.uint8)
    labelled = tuple(frame for frame in sorted(frames) if frame in label_paths)
    one_frame = cine.with_(image=cine.image[:1], frame_times_ms=None, source_frames=None)
    for frame in labelled:
        labels[frame] = read_labels(label_paths[frame], scheme, one_frame)[0]
    return cine.with_(
        labels=labels if labelled else None,
        labelled_frames=labelled,
        ed_frame=info.ed_frame,
        es_frame=info.es_frame,
        notes=notes,
    )


def _read_two_frames(folder: Path, info: _Info, files: _Files, scheme: str) -> Scan:
    frames = (info.ed_frame, info.es_frame)
    missing = [str(frame + 1) for frame in frames if frame not in files.images]
    if missing:
        there = ", ".join(str(frame + 1) for frame in sorted(files.images)) or "none"
        raise ScanError(
            f"frame {' and '.join(missing)} named by Info.cfg is missing (frames here: {there})",
            source=folder,
            remedy="copy the folder again, or correct ED and ES in Info.cfg",
        )
    scans = [read_nifti_image(files.images[frame]) for frame in frames]
    first, second = scans
    if first.n_frames != 1 or second.n_frames != 1:
        raise ScanError("a file of one frame holds several", source=folder)
    if first.shape != second.shape or not np.allclose(first.spacing, second.spacing, rtol=0.01):
        raise ScanError(
            f"ED and ES lie on different grids: {first.shape[1:]} and {second.shape[1:]} voxels, "
            f"{first.spacing} and {second.spacing} mm (z, y, x)",
            source=folder,
            remedy="copy the folder again",
        )
    labels = np.zeros((2, *first.shape[1:]), dtype=np.uint8)
    labelled = tuple(index for index, frame in enumerate(frames) if frame in files.labels)
    for index in labelled:
        labels[index] = read_labels(files.labels[frames[index]], scheme, scans[index])[0]
    return first.with_(
        image=np.concatenate([first.image, second.image]),
        labels=labels if labelled else None,
        labelled_frames=labelled,
        ed_frame=0,
        es_frame=1,
        source_frames=frames,
        notes=first.notes + info.notes,
    )


def _info_path(folder: Path) -> Path | None:
    return next((path for path in folder.iterdir() if path.name.lower() == "info.cfg"), None)


def _list_files(folder: Path) -> _Files:
    patients, cine = set(), None
    images: dict[int, Path] = {}
    labels: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):  # .nii before .nii.gz: the packed original wins
        match = _FILE.fullmatch(path.name)
        if match is None or path.name.startswith("."):
            continue
        patient, frame, is_labels, _ = match.groups()
        patients.add(patient)
        if frame is None:
            cine = cine if is_labels else path
        elif int(frame) > 0:
            (labels if is_labels else images)[int(frame) - 1] = path
    return _Files(tuple(sorted(patients)), cine, images, labels)


def _read_info(path: Path) -> _Info:
    try:
        check_input_file(path)
        with path.open("rb") as file:
            text = file.read(_INFO_LIMIT).decode("utf-8", errors="replace")
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror}", source=path) from error
    fields = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields[key.strip().lower()] = value.strip()
    ed_frame, es_frame = (_frame(fields, key, path) for key in ("ED", "ES"))
    if ed_frame == es_frame:
        raise ScanError(
            f"ED and ES are the same frame ({ed_frame + 1})",
            source=path,
            remedy="correct ED and ES in Info.cfg",
        )
    n_frames = fields.get("nbframe", "")
    notes: list[Notice] = []
    subject = Subject(
        height_cm=_measure(fields, "Height", (30.0, 250.0), notes),
        weight_kg=_measure(fields, "Weight", (1.0, 400.0), notes),
        group=fields.get("group", "")[:16] or None,
    )
    return _Info(
        ed_frame,
        es_frame,
        int(n_frames) if _is_count(n_frames) else None,
        subject,
        tuple(notes),
    )


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6


def _frame(fields: dict[str, str], key: str, path: Path) -> int:
    value = fields.get(key.lower(), "")
    if not _is_count(value) or int(value) < 1:
        raise ScanError(
            f"{key} is {value[:20]!r}, which is not a frame number"
            if value
            else f"does not say which frame is {key}",
            source=path,
            remedy=f"Info.cfg needs a line such as '{key}: 1', counted from 1",
        )
    return int(value) - 1


def _measure(
    fields: dict[str, str], key: str, limits: tuple[float, float], notes: list[Notice]
) -> float | None:
    text = fields.get(key.lower())
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if limits[0] <= value <= limits[1]:
        return value
    notes.append(
        Notice(
            Code.INFO_DOUBTFUL,
            f"{key} in Info.cfg is {text[:20]!r}, which cannot be: it was left out.",
        )
    )
    return None
