"""What is written: images and labels as NIfTI on the scan's own grid, numbers as JSON and CSV.

No identifier of a patient is ever written: headers are made from the geometry alone, and keys named
``identifier`` are dropped from JSON.
"""

import csv
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan.atomic import atomic_path
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.labels import Label
from napari_cmr.scan.nifti.file import is_nifti_name, nifti_stem
from napari_cmr.scan.nifti.grid import (
    FEW_LINES_MARK,
    INVENTED_MARK,
    MODEL_MARK,
    SYNTHETIC_MARK,
    UNTRUSTED_MARK,
)
from napari_cmr.scan.notices import Code
from napari_cmr.scan.scan import Scan

_MILLIMETRE_AND_SECOND = 2 | 8  # NIfTI unit codes
_SCANNER, _ALIGNED = 1, 2  # NIfTI: scanner coordinates; aligned to something else
_LABEL_INTENT = 1002  # NIFTI_INTENT_LABEL
_LABEL_MARK = b"napari-cmr"
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_STEM = 100
_FORMULA_STARTS = tuple("=+-@\t\r\n")
_NUMBERS = (".json", ".csv", ".html", ".htm")  # what is written of a scan, and never read as one


def file_stem(scan: Scan) -> str:
    """Name, without ending, of files about a scan: one that tells studies apart.

    A NIfTI image lends its own. Elsewhere the study's folder comes before the scan's name, as many
    patients have a "short axis"; what not every system allows in a file name becomes a hyphen.
    """
    source = scan.source
    if source is not None and is_nifti_name(source.name):
        return nifti_stem(source)
    parts = [scan.name]
    if source is not None:
        study = source if source.is_dir() else source.parent
        if study.name not in scan.name:
            parts.insert(0, study.name)
    words = (_UNSAFE.sub("-", part).strip("-.") for part in parts)
    return "_".join(word for word in words if word)[:_LONGEST_STEM] or "scan"


def save_image(
    path: str | PathLike[str],
    image: np.ndarray,
    scan: Scan,
    *,
    invented: bool = False,
    few_lines: bool = False,
) -> None:
    """Write an image on the grid of a scan.

    Parameters
    ----------
    path : path
        ``.nii`` or ``.nii.gz``; replaced in one step if it exists.
    image : ndarray, shape (T, Z, Y, X) or (Z, Y, X)
        Real (stored as float32) or complex (complex64). ``Z, Y, X`` are the scan's; ``T`` may
        differ, and the frame times are written where it does not.
    scan : Scan
        Where the voxels are.
    invented : bool
        Whether an adversarial network had a part in it, so that its details may be invented: the
        header says so, and what opens the file does.
    few_lines : bool
        Whether it was made of fewer lines of k-space than a full image has. This and the other are
        also said of images made from a scan whose file said so.

    Raises
    ------
    ScanError
        If the image lies on another grid or holds NaN, or the file cannot be written.
    """
    image = np.asarray(image)
    image = image.astype(np.complex64 if np.iscomplexobj(image) else np.float32, copy=False)
    if not np.isfinite(image).all():
        raise ScanError("an image with NaN or infinite values is not written", source=path)
    known = {one.code for one in scan.notes}
    _write(
        path,
        image,
        scan,
        is_invented=invented or Code.DETAILS_INVENTED in known,
        of_few_lines=few_lines or Code.IMAGE_OF_FEW_LINES in known,
    )


def save_labels(
    path: str | PathLike[str], labels: np.ndarray, scan: Scan, *, by_model: bool = False
) -> None:
    """Write labels, as unsigned bytes in the numbering of :class:`Label`, on the grid of a scan.

    Parameters
    ----------
    path : path
        ``.nii`` or ``.nii.gz``; replaced in one step if it exists. With the image's name and
        ``_labels`` appended, the labels are found again when the image is opened.
    labels : ndarray of whole numbers, shape (T, Z, Y, X) or (Z, Y, X)
    scan : Scan
        Where the voxels are.
    by_model : bool
        Whether a model made them, corrected or not: its header then says so, and beside an image
        they are not taken for its reference.

    Raises
    ------
    ScanError
        If a value is no :class:`Label`, the labels lie on another grid, or the file cannot be
        written.
    """
    labels = np.asarray(labels)
    # Label by label: looking every voxel up at once takes eight times the memory of the labels.
    known = np.zeros(labels.shape, bool)
    for label in Label:
        known |= labels == label
    if not known.all():
        raise ScanError(
            f"{labels[~known].flat[0]} is not a label", source=path, remedy="labels are 0 to 5"
        )
    _write(path, labels.astype(np.uint8, copy=False), scan, is_labels=True, by_model=by_model)


def is_written_here(path: Path) -> bool:
    """Whether a file in a folder of images is one that this module adds to it, not an image.

    Labels are known by a mark in their header, numbers by the file's ending.
    """
    import nibabel

    if not is_nifti_name(path.name):
        return path.suffix.lower() in _NUMBERS
    try:
        header: Any = nibabel.load(path).header
        return bytes(header["intent_name"]).rstrip(b"\0") == _LABEL_MARK
    except Exception:  # whatever is wrong with it, it is not ours
        return False


def save_json(path: str | PathLike[str], content: Mapping[str, Any]) -> None:
    """Write measurements as JSON (UTF-8, indented); numpy numbers and arrays become plain ones.

    A byte of a file name that is no UTF-8 is written as an escape, so that the name comes back as
    it was.

    Raises
    ------
    ScanError
        If something in it has no JSON form (NaN has none: use None), or the file cannot be
        written.
    """
    try:
        text = json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ScanError(f"cannot be written as JSON: {error}", source=path) from error
    with atomic_path(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def save_csv(
    path: str | PathLike[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    columns: Sequence[str] | None = None,
) -> None:
    """Write rows as CSV (UTF-8); an unknown number is an empty cell.

    A text that a spreadsheet would take for a formula is written behind an apostrophe, which
    spreadsheets read as "this is text".

    Parameters
    ----------
    path : path
    rows : sequence of dict
    columns : sequence of str, optional
        Those of all rows, in the order in which they first come, by default.

    Raises
    ------
    ScanError
        If the file cannot be written.
    """
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    # Odd bytes of file names are shown as ?, as no text file could hold them.
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8", errors="replace") as file,
    ):
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}"
    is_formula = isinstance(value, str) and value.lstrip(" ")[:1] in _FORMULA_STARTS
    return f"'{value}" if is_formula and value else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if key != "identifier"}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value


def _write(
    path: str | PathLike[str],
    array: np.ndarray,
    scan: Scan,
    *,
    is_labels: bool = False,
    is_invented: bool = False,
    of_few_lines: bool = False,
    by_model: bool = False,
) -> None:
    import nibabel

    path = Path(path)
    if not is_nifti_name(path.name):
        raise ScanError(
            f"the name ends in {path.suffix!r}, but NIfTI is written",
            source=path,
            remedy="choose a name ending in .nii.gz",
        )
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4 or array.size == 0 or array.shape[1:] != scan.shape[1:]:
        raise ScanError(
            f"an array of shape {array.shape} does not lie on the scan's grid {scan.shape}",
            source=path,
        )
    voxels = array.transpose(3, 2, 1, 0)
    if len(array) == 1:
        voxels = voxels[..., 0]
    header = nibabel.Nifti1Header()
    header.set_data_dtype(array.dtype)
    header.set_data_shape(voxels.shape)
    affine = _affine(scan)
    code = _SCANNER if scan.geometry.trusted else _ALIGNED
    header.set_sform(affine, code)
    dz, dy, dx = scan.spacing
    header.set_zooms((dx, dy, dz) + (1.0,) * (voxels.ndim - 3))
    if np.allclose(_cosines(affine).T @ _cosines(affine), np.eye(3), atol=1e-4):
        header.set_qform(affine, code)  # quaternions hold rotations only
    marks = [
        (UNTRUSTED_MARK, not scan.geometry.trusted),
        (SYNTHETIC_MARK, scan.synthetic),
        (INVENTED_MARK, is_invented),
        (MODEL_MARK, by_model),
    ]
    header["descrip"] = "; ".join(mark for mark, holds in marks if holds).encode("ascii")
    if is_labels:
        header["intent_code"] = _LABEL_INTENT
        header["intent_name"] = _LABEL_MARK
    elif of_few_lines:
        header["intent_name"] = FEW_LINES_MARK.encode("ascii")
    header["xyzt_units"] = _MILLIMETRE_AND_SECOND
    if scan.phase_encode_axis == "X":  # rows are what is taken where nothing is said
        header.set_dim_info(freq=1, phase=0, slice=2)
    if len(array) > 1:
        step, start = _time_step(scan) if len(array) == scan.n_frames else (0.0, 0.0)
        header["pixdim"][4] = step / 1000.0
        header["toffset"] = start / 1000.0
    content = nibabel.Nifti1Image(voxels, None, header).to_bytes()
    with atomic_path(path) as temporary:
        if path.name.lower().endswith(".gz"):
            # No file name and no time in the gzip header: equal scans make equal files.
            content = gzip.compress(content, compresslevel=4, mtime=0)
        temporary.write_bytes(content)


def _affine(scan: Scan) -> np.ndarray:
    """Affine of the stack whose third column is as long as the distance between slices."""
    affine = np.array(scan.geometry.affine)
    step = float(np.linalg.norm(affine[:3, 2]))
    if step > 0:
        affine[:3, 2] *= scan.spacing[0] / step
    else:  # slices that all lie in one place: any direction but in-plane will do
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        affine[:3, 2] = normal / np.linalg.norm(normal) * scan.spacing[0]
    return affine


def _cosines(affine: np.ndarray) -> np.ndarray:
    directions: np.ndarray = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return directions


def _time_step(scan: Scan) -> tuple[float, float]:
    """Step and start in ms; a step of 0 (not said) unless the frames are evenly spaced."""
    if scan.frame_times_ms is None or scan.n_frames < 2:
        return 0.0, 0.0
    steps = np.diff(scan.frame_times_ms)
    if steps.min() <= 0 or np.ptp(steps) > 0.1 * steps.mean():
        return 0.0, 0.0
    return float(steps.mean()), float(scan.frame_times_ms[0])
