"""Label files of a scan: those saved beside it, and those that are opened onto it."""

import re
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.export import file_stem
from napari_cmr.scan.labels import LABEL_SCHEMES, Label
from napari_cmr.scan.nifti.file import NiftiFile, is_nifti_name, nifti_stem
from napari_cmr.scan.nifti.label_origin import is_of_model, model_labels_notice
from napari_cmr.scan.nifti.reader import (
    LABEL_ENDINGS,
    guess_label_scheme,
    image_beside,
    is_label_file,
    read_labels,
    read_nifti_image,
)
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan

_FRAME = re.compile(r"_frame(\d+)")
#: What is said of the labels that came with a scan, and of no others.
_OF_OWN_LABELS = (Code.LABEL_NUMBERS_ASSUMED, Code.LABELS_FOUND, Code.LABELS_LEFT_OUT)


@dataclass(frozen=True, eq=False)
class LabelSet:
    """Labels of a file, on the grid of a scan.

    Attributes
    ----------
    scan : Scan
    path : Path
    labels : ndarray of uint8, shape (T, Z, Y, X)
    note : Notice or None
        What was assumed about the numbers in the file, or the frame that they are of.
    """

    scan: Scan
    path: Path
    labels: np.ndarray
    note: Notice | None = None


def labels_named(path: str | PathLike[str], scan: Scan) -> Path | None:
    """Path of a scan, where that is of labels that a model made for it: they are what is meant."""
    of_model = scan.model_labels
    return of_model if of_model is not None and of_model.samefile(path) else None


def is_label_map(path: str | PathLike[str]) -> bool:
    """Whether a NIfTI file is a label map: by its name, its header, or else its few whole numbers.

    Raises
    ------
    ScanError
        If the file cannot be read.
    """
    path = Path(path)
    if says_it_is_labels(path):
        return True
    file = NiftiFile.open(path)
    values = file.voxels(scaled_type=np.float64)
    if np.iscomplexobj(values) or values.min() < 0 or values.max() > max(Label):
        return False
    found = np.unique(values)
    return bool((found == np.round(found)).all())


def says_it_is_labels(path: Path) -> bool:
    """Whether a NIfTI file is a label map by its name, or by what napari-cmr writes in its header.

    A file that cannot be read says nothing.
    """
    if is_label_file(path):
        return True
    try:
        return NiftiFile.open(path).intent_name in LABEL_SCHEMES
    except ScanError:
        return False


def labels_for(
    path: str | PathLike[str],
    scan: Scan,
    *,
    label_scheme: str | None = None,
    shown_frame: int | None = None,
) -> LabelSet | None:
    """Read a label map for a scan that is open already.

    Labels of one frame of a cine, told by ``_frame`` and its number in the name of the file, come
    to that frame; without a number, to the frame that is shown, which the note says.

    Parameters
    ----------
    path : path
        NIfTI label map, see :func:`is_label_map`.
    scan : Scan
    shown_frame : int, optional
        Frame on screen, from 0; without it labels of one frame of a cine need one in their name.
    label_scheme : str, optional
        Numbering of the file, a key of :data:`napari_cmr.scan.LABEL_SCHEMES`; guessed if not given.

    Returns
    -------
    LabelSet or None
        None where the image that the labels lie beside is another than the scan: they are its.

    Raises
    ------
    ScanError
        If the labels do not lie on the grid of the scan.
    """
    path = Path(path)
    frame, is_assumed = _frame_of(path, scan), False
    if frame is None and shown_frame is not None and _is_one_frame_of(path, scan):
        frame, is_assumed = shown_frame, True
    part = scan if frame is None else _frame_alone(scan, frame)
    image = image_beside(path)
    if image is not None and not _is_of(scan, part, image):
        return None
    labels = _onto(scan, frame, read_labels(path, label_scheme, part))
    note = None if label_scheme else guess_label_scheme(NiftiFile.open(path))[1]
    if is_assumed and frame is not None:
        text = (
            f"{path.name} holds labels of one frame, and its name does not say of which: they lie "
            f"on frame {frame + 1}, which is shown."
        )
        said = text if note is None else f"{text} {note.text}"
        note = Notice(Code.FRAME_ASSUMED, said, frames=(frame,))
    return LabelSet(scan, path, labels, note)


def labels_on(path: str | PathLike[str], scan: Scan, scheme: str | None = None) -> np.ndarray:
    """Read a label map of a scan, or of the one frame that its name gives.

    Parameters
    ----------
    path : path
        NIfTI file of the scan's shape, or of one frame of it whose name says which, such as
        ``patient001_frame07_gt.nii.gz``.
    scan : Scan
    scheme : str, optional
        See :func:`~napari_cmr.scan.read_labels`.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)
        Zero in the frames that the file does not hold.

    Raises
    ------
    ScanError
        As :func:`~napari_cmr.scan.read_labels`.
    """
    path = Path(path)
    frame = _frame_of(path, scan)
    part = scan if frame is None else _frame_alone(scan, frame)
    return _onto(scan, frame, read_labels(path, scheme, part))


def numbering_note(path: str | PathLike[str], scheme: str | None = None) -> Notice | None:
    """What is assumed about the numbers in a label file; None where a scheme is given or named.

    Raises
    ------
    ScanError
        If the file cannot be read.
    """
    return None if scheme else guess_label_scheme(NiftiFile.open(Path(path)))[1]


def numbered_by(path: str | PathLike[str]) -> str | None:
    """Scheme that a label file names in its header, as napari-cmr writes it; None where none is.

    Raises
    ------
    ScanError
        If the file cannot be read.
    """
    name = NiftiFile.open(Path(path)).intent_name
    return name if name in LABEL_SCHEMES else None


def with_note_of(scan: Scan, path: str | PathLike[str], scheme: str | None = None) -> Scan:
    """Scan whose notes tell how a label file was numbered, rather than the labels beside it.

    Raises
    ------
    ScanError
        If the file cannot be read.
    """
    note = numbering_note(path, scheme)
    kept = (one for one in scan.notes if one.code not in _OF_OWN_LABELS)
    return scan.with_(notes=(*kept, *(() if note is None else (note,))))


def with_saved_labels(scan: Scan, *, label_scheme: str | None = None) -> Scan:
    """Take in the labels that were saved under a scan's name, beside it or in its folder.

    They are looked for under :func:`~napari_cmr.scan.file_stem` with ``_labels`` or another ending
    that label files have. Those that do not fit are left out, and the notes say why; those that a
    model made are no reference, and only named in ``Scan.model_labels``.
    """
    path = None if scan.labels is not None else _saved_for(scan)
    if path is None:
        return scan
    try:
        if is_of_model(path):
            notes = (*scan.notes, model_labels_notice(path))
            return replace(scan, model_labels=path, notes=notes)
        found = labels_for(path, scan, label_scheme=label_scheme)
    except ScanError as error:
        if label_scheme:
            raise
        text = f"The labels of {path.name} were left out: {error.problem}."
        note = Notice(Code.LABELS_LEFT_OUT, text)
        return replace(scan, labels_left_out=str(error), notes=(*scan.notes, note))
    if found is None:
        return scan
    drawn = tuple(np.flatnonzero(found.labels.any(axis=(1, 2, 3))).tolist())
    said = Notice(Code.LABELS_FOUND, f"Labels were found in {path.name}.")
    notes = (*scan.notes, said, *(() if found.note is None else (found.note,)))
    return scan.with_(labels=found.labels, labelled_frames=drawn, notes=notes)


def _saved_for(scan: Scan) -> Path | None:
    source = scan.source
    if source is None or is_nifti_name(source.name):
        return None  # a NIfTI image has brought them along
    folders = [source.parent, source] if source.is_dir() else [source.parent, source.parent.parent]
    for folder in folders:
        for ending in LABEL_ENDINGS:
            for suffix in (".nii.gz", ".nii"):
                path = folder / f"{file_stem(scan)}{ending}{suffix}"
                if path.is_file():
                    return path
    return None


def _is_one_frame_of(path: Path, scan: Scan) -> bool:
    """Whether a file without a frame in its name holds one frame of a cine, by its shape."""
    named = _FRAME.search(nifti_stem(path))
    return named is None and scan.n_frames > 1 and NiftiFile.open(path).shape[3] == 1


def _frame_of(path: Path, scan: Scan) -> int | None:
    """0-based frame of a cine that the name of a label file gives; None for the whole scan."""
    named = _FRAME.search(nifti_stem(path))
    if named is None or scan.n_frames == 1 or NiftiFile.open(path).shape[3] != 1:
        return None
    number = int(named[1]) - 1
    if scan.source_frames is not None:
        return scan.source_frames.index(number) if number in scan.source_frames else None
    return number if 0 <= number < scan.n_frames else None


def _frame_alone(scan: Scan, frame: int) -> Scan:
    return Scan(scan.image[frame : frame + 1], scan.geometry, name=scan.name, source=scan.source)


def _onto(scan: Scan, frame: int | None, labels: np.ndarray) -> np.ndarray:
    """Labels of a scan, from those of all its frames or of one."""
    if frame is None:
        return labels
    whole = np.zeros(scan.shape, np.uint8)
    whole[frame] = labels[0]
    return whole


def _is_of(scan: Scan, part: Scan, image: Path) -> bool:
    """Whether an image file holds the scan, or the part of it that the labels are of."""
    if scan.source is not None and scan.source.exists() and scan.source.samefile(image):
        return True
    try:
        found = read_nifti_image(image).image
    except ScanError:
        return False
    return np.array_equal(found, part.image)
