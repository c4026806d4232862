"""NIfTI images (3-D and 4-D) and the label maps that lie beside them."""

import re
from os import PathLike
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import View, view_of, view_of_normal
from napari_cmr.scan.labels import LABEL_SCHEMES, Label, third_is_scar, translate_labels
from napari_cmr.scan.nifti.file import NiftiFile, nifti_stem, resolve_nifti
from napari_cmr.scan.nifti.label_origin import is_of_model, model_labels_notice
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan

_FEWEST_FRAMES, _NEIGHBOURS, _ENDS = 10, 0.85, 0.8
"""Correlations of neighbours and of the ends by which frames are told from slices. The ends of
ACDC's stacks agree by 0.42 at most, first and last frame of three real cines by 0.93 at least."""

_TURNED = 0.12
"""Difference of two unit vectors, 7 degrees: slices of one stack may be tilted by 5."""

LABEL_ENDINGS = ("_gt", "_seg", "_labels", "_label")
"""What the name of a label file ends in, before ``.nii`` or ``.nii.gz``."""

_ACDC_FRAME = re.compile(r"patient\d+_frame(\d+)$")
_MNMS2_LONG_AXIS = re.compile(r"\d+_la_(ed|es|cine)$", re.IGNORECASE)
_ACDC_LABELS = re.compile(r"patient\d+_(frame\d+|4d)_gt$")


def read_nifti(path: str | PathLike[str], *, label_scheme: str | None = None) -> Scan:
    """Read a NIfTI image, and the labels beside it if there are any.

    Labels are looked for under the image's name with ``_gt``, ``_seg``, ``_labels`` or ``_label``
    appended; those that a model made are no reference, and only named in ``Scan.model_labels``. A
    label file opened by itself brings its image along; without an image, the labels
    are shown as the image, so that they can still be looked at and measured.

    Parameters
    ----------
    path : path
        ``.nii`` or ``.nii.gz``, stored as ``(x, y, z)`` or ``(x, y, z, t)``.
    label_scheme : str, optional
        Numbering of the labels, a key of :data:`napari_cmr.scan.LABEL_SCHEMES`. If it is not
        given it is guessed from the file and the notes say so, and labels that do not fit the
        image are left out with a note; if it is given, they are an error.

    Returns
    -------
    Scan
        ``(T, Z, Y, X)``, T = 1 for a 3-D image. Without a usable affine the geometry is not
        trusted.

    Raises
    ------
    ScanError
        If the file is unreadable, truncated, not NIfTI, not 3-D or 4-D, holds NaN, or has no
        voxel size.
    """
    path = resolve_nifti(Path(path))
    if _is_label_name(nifti_stem(path)):
        image_path = image_beside(path)
        if image_path is not None:
            return _read_image(image_path, path, label_scheme)
        labels_scan = _read_labels_alone(path, label_scheme)
        if labels_scan is not None:
            return labels_scan
    return _read_image(path, _labels_of(path), label_scheme)


def read_labels(
    path: str | PathLike[str], scheme: str | None = None, scan: Scan | None = None
) -> np.ndarray:
    """Read a label map.

    Parameters
    ----------
    path : path
        NIfTI file of whole numbers.
    scheme : str, optional
        Numbering of the file, a key of :data:`napari_cmr.scan.LABEL_SCHEMES`; by default the one
        that the file was written in or that its name suggests (see :func:`guess_label_scheme`).
    scan : Scan, optional
        Scan whose grid the labels must lie on.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)
        In the numbering of :class:`napari_cmr.scan.Label`.

    Raises
    ------
    ScanError
        If the file is no label map of that scheme, or lies on another grid than the scan.
    """
    file = NiftiFile.open(Path(path))
    labels = _translated(file, scheme or guess_label_scheme(file)[0])
    if scan is not None:
        if labels.shape != scan.shape:
            raise _other_grid(file, labels.shape, scan.shape)
        _check_grid(file, scan.geometry)
    return labels


def guess_label_scheme(file: NiftiFile) -> tuple[str, Notice | None]:
    """Scheme of a label file, and a note if it had to be assumed.

    Files written by :func:`napari_cmr.scan.save_labels` name their scheme in the header; names
    like ``patient001_frame01_gt`` are ACDC's; a still stack whose label 3 lies in the wall is in
    EMIDEC's, as no right ventricle lies there; anything else is taken to be in the project's own
    numbering.
    """
    if file.intent_name in LABEL_SCHEMES:
        return file.intent_name, None
    if _ACDC_LABELS.search(nifti_stem(file.path)):
        return "acdc", Notice(
            Code.LABEL_NUMBERS_ASSUMED,
            "Label numbers were read as ACDC's (1 RV, 2 myocardium, 3 LV).",
        )
    scheme = "napari-cmr"
    numbers = "assumed to be 1 LV, 2 myocardium, 3 RV, 4 scar, 5 no-reflow, 6 left atrium"
    if file.shape[3] == 1 and third_is_scar(file.voxels(scaled_type=np.float64)[0]):
        scheme, numbers = "emidec", "read as EMIDEC's, as label 3 lies in the wall as scar does"
    text = f"Label numbers of {file.path.name} were {numbers}: "
    text += "choose another label scheme if the colours are wrong."
    return scheme, Notice(Code.LABEL_NUMBERS_ASSUMED, text)


def is_label_file(path: Path) -> bool:
    """Whether a file is a label map by its name."""
    return _is_label_name(nifti_stem(path))


class NiftiDescription(NamedTuple):
    """What a NIfTI image is, by its header and its name."""

    shape: tuple[int, int, int, int]  # (T, Z, Y, X)
    spacing: tuple[float, float, float]
    kind: Literal["cine", "lge", "other"]
    view: View


def describe_nifti(path: Path) -> NiftiDescription:
    """Look at a NIfTI image without reading its voxels.

    Raises
    ------
    ScanError
        As :func:`read_nifti`, as far as its header tells.
    """
    file = NiftiFile.open(path)
    geometry, _ = file.geometry()
    stem = nifti_stem(file.path)
    nx, ny, nz, nt = file.shape
    return NiftiDescription(
        (nt, nz, ny, nx), geometry.spacing, _kind(stem, nt), _view(stem, geometry)
    )


def _kind(stem: str, n_frames: int) -> Literal["cine", "lge", "other"]:
    if n_frames > 1 or _ACDC_FRAME.search(stem):
        return "cine"
    return "lge" if "lge" in stem.lower() else "other"


def read_nifti_image(path: Path) -> Scan:
    """Read a NIfTI image without looking for labels (see :func:`read_nifti`)."""
    return _read_image(path, None, None)


def _read_image(path: Path, labels_path: Path | None, label_scheme: str | None) -> Scan:
    file = NiftiFile.open(path)
    path = file.path
    geometry, notes = file.geometry()
    times, time_notes = file.frame_times_ms()
    notes += time_notes
    notes += file.making
    image = file.voxels()
    stem = nifti_stem(path)
    frame = _ACDC_FRAME.search(stem)
    n_frames = len(image)
    _check_frames(image, path)
    labels, left_out, of_model = None, None, None
    if labels_path is not None and is_of_model(labels_path):
        of_model, notes = labels_path, (*notes, model_labels_notice(labels_path))
    elif labels_path is not None:
        labels, left_out, label_notes = _labels_beside(
            labels_path, image.shape, geometry, label_scheme
        )
        notes += label_notes
    return Scan(
        image=_as_float(image),
        geometry=geometry,
        name=stem,
        source=path,
        frame_times_ms=times,
        cycle_ms=_cycle_ms(times),
        labels=labels,
        labels_left_out=left_out,
        model_labels=of_model,
        source_frames=(int(frame[1]) - 1,) if frame and n_frames == 1 and int(frame[1]) else None,
        kind=_kind(stem, n_frames),
        view=_view(stem, geometry),
        phase_encode_axis=file.phase_encode_axis,
        synthetic=file.is_synthetic,
        notes=notes,
    )


def _view(stem: str, geometry: Geometry) -> View:
    """View that the file's name says, or else its affine where that places one oblique slice."""
    if _MNMS2_LONG_AXIS.search(stem):
        return "LAX"
    named = view_of(stem)
    if named is not None or geometry.n_slices > 1:
        return named or "SAX"
    axes = geometry.affines[0, :3, :2] / np.linalg.norm(geometry.affines[0, :3, :2], axis=0)
    # Axes along those of the scanner are what a writer puts there who does not know better.
    if not geometry.trusted or np.abs(axes).max(axis=0).min() > 0.999:
        return "other"
    normal = np.cross(axes[:, 0], axes[:, 1]) * (-1.0, -1.0, 1.0)  # RAS+ to LPS+
    return view_of_normal(normal / np.linalg.norm(normal))


def _check_frames(image: np.ndarray, path: Path) -> None:
    """Refuse a cine of one slice that was stored as a stack: frames are no slices.

    Frames of a heart cycle hardly differ from one to the next, and the last is like the first;
    slices from base to apex are not.
    """
    if len(image) > 1 or image.shape[1] < _FEWEST_FRAMES or np.iscomplexobj(image):
        return
    step = max(1, min(image.shape[2:]) // 64)
    small = image[0, :, ::step, ::step].reshape(image.shape[1], -1).astype(np.float64)
    small -= small.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(small, axis=1)
    if not np.isfinite(norms).all() or norms.min() <= 0:
        return
    small /= norms[:, None]
    neighbours = float((small[1:] * small[:-1]).sum(axis=1).min())
    ends, all_equal = float(small[0] @ small[-1]), float((small @ small[0]).min()) > 0.999
    if neighbours > _NEIGHBOURS and ends > _ENDS and not all_equal:
        raise ScanError(
            f"its {image.shape[1]} slices look like frames of one slice over the heart cycle",
            source=path,
            remedy="save it with four axes, (x, y, slice, time)",
        )


def _cycle_ms(times: np.ndarray | None) -> float | None:
    if times is None:
        return None
    cycle = float((times[1] - times[0]) * len(times))
    return cycle if 250.0 <= cycle <= 2500.0 else None  # 24 to 240 beats per minute


def _as_float(image: np.ndarray) -> np.ndarray:
    """Native, contiguous float32 or complex64."""
    wanted = np.complex64 if np.iscomplexobj(image) else np.float32
    with np.errstate(all="ignore"):  # overflow becomes infinity, which Scan refuses
        return np.ascontiguousarray(image, dtype=wanted)


def _labels_beside(
    path: Path, shape: tuple[int, ...], geometry: Geometry, label_scheme: str | None
) -> tuple[np.ndarray | None, str | None, tuple[Notice, ...]]:
    """Labels, or why they were left out; and notes."""
    try:
        file = NiftiFile.open(path)
        scheme, note = (label_scheme, None) if label_scheme else guess_label_scheme(file)
        if (file.shape[3], file.shape[2], file.shape[1], file.shape[0]) != shape:
            raise _other_grid(file, file.shape[::-1], shape)
        _check_grid(file, geometry)
        labels = _translated(file, scheme)
    except ScanError as error:
        if label_scheme:
            raise
        return (
            None,
            str(error),
            (Notice(Code.LABELS_LEFT_OUT, f"The labels beside the image were left out: {error}."),),
        )
    return labels, None, () if note is None else (note,)


def _translated(file: NiftiFile, scheme: str) -> np.ndarray:
    values = file.voxels(scaled_type=np.float64)
    if np.iscomplexobj(values):
        raise ScanError("complex numbers are not labels", source=file.path)
    return np.ascontiguousarray(translate_labels(values, scheme, source=str(file.path)))


def _check_grid(file: NiftiFile, geometry: Geometry) -> None:
    own, _ = file.geometry()
    if not np.allclose(own.spacing, geometry.spacing, rtol=0.01):
        raise ScanError(
            f"labels with voxels of {_mm(own.spacing)} mm on an image of {_mm(geometry.spacing)} "
            "mm (z, y, x)",
            source=file.path,
            remedy="labels must lie on the image's own grid",
        )
    if own.trusted and geometry.trusted:
        # One affine describes all slices of a file: an uneven stack is allowed how far it departs
        # from that by itself.
        uneven = np.abs(geometry.affines - geometry.regular_affines)[:, :3, 3].max()
        largest_offset = np.abs(own.affines - geometry.affines)[:, :3, 3].max()
        elsewhere = largest_offset > max(geometry.spacing) / 2 + uneven
    elif own.is_stated and geometry.is_stated:
        elsewhere = False  # places are not to be trusted, but directions must agree
    else:
        return
    own_axes, axes = (one.affines[:, :3, :3] for one in (own, geometry))
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    turned = np.abs(own_axes / lengths - axes / lengths).max() > _TURNED
    if geometry.n_slices == 1:  # no step from slice to slice that could run the other way
        turned = np.abs((own_axes - axes) / lengths)[:, :, :2].max() > _TURNED
    if elsewhere or turned:
        raise ScanError(
            "labels lie elsewhere in the patient than the image, or are stored mirrored or turned",
            source=file.path,
            remedy="resample them to the image's own grid",
        )


def _other_grid(file: NiftiFile, own: tuple[int, ...], wanted: tuple[int, ...]) -> ScanError:
    remedy = "labels must lie on the image's own grid"
    if own[0] == 1 and own[1:] == wanted[1:]:
        remedy = "labels of one frame need its number in their name, such as NAME_frame04_gt.nii.gz"
    return ScanError(
        f"labels of (frames, slices, rows, columns) {own} on an image of {wanted}",
        source=file.path,
        remedy=remedy,
    )


def _mm(spacing: tuple[float, ...]) -> str:
    return " x ".join(f"{value:.4g}" for value in spacing)


def _is_label_name(stem: str) -> bool:
    return stem.lower().endswith(LABEL_ENDINGS)


def _labels_of(image: Path) -> Path | None:
    stem = nifti_stem(image)
    for ending in LABEL_ENDINGS:
        for suffix in (".nii.gz", ".nii"):
            candidate = image.with_name(stem + ending + suffix)
            if candidate.exists():
                return candidate
    return None


def image_beside(labels: Path) -> Path | None:
    """Image that a label file belongs to by its name, if it lies beside it."""
    stem = nifti_stem(labels)
    ending = next((ending for ending in LABEL_ENDINGS if stem.lower().endswith(ending)), "")
    for suffix in (".nii.gz", ".nii"):
        candidate = labels.with_name(stem[: len(stem) - len(ending)] + suffix)
        if ending and candidate.exists():
            return candidate
    return None


def _read_labels_alone(path: Path, label_scheme: str | None) -> Scan | None:
    """Scan of a label map without its image; None if the file is an image after all."""
    file = NiftiFile.open(path)
    values = file.voxels(scaled_type=np.float64)
    if np.iscomplexobj(values) or len(np.unique(values)) > len(Label):
        return None
    scheme, note = (label_scheme, None) if label_scheme else guess_label_scheme(file)
    labels = translate_labels(values, scheme, source=str(path))
    geometry, notes = file.geometry()
    times, time_notes = file.frame_times_ms()
    notes += (
        *time_notes,
        Notice(Code.LABELS_ONLY, "The file holds labels only: they stand in for the image."),
    )
    return Scan(
        image=labels.astype(np.float32),
        geometry=geometry,
        name=nifti_stem(path),
        source=path,
        frame_times_ms=times,
        cycle_ms=_cycle_ms(times),
        labels=labels,
        kind="cine" if len(labels) > 1 else "other",
        view=_view(nifti_stem(path), geometry),
        notes=notes if note is None else (*notes, note),
    )
