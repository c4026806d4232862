"""The grid of a NIfTI file: which axis is which, voxel sizes, affines and frame times."""

from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.notices import Code, Notice

UNTRUSTED_MARK = "napari-cmr: orientation unknown"
SYNTHETIC_MARK = "napari-cmr: synthetic"
INVENTED_MARK = "napari-cmr: adversarial"
MODEL_MARK = "napari-cmr: by a model"
"""Header descriptions of files that this package wrote: without knowing the orientation, of a scan
that no scanner made, of images in which an adversarial network had a part, or of labels that a
model made. As many as one file can have just fit into the header's 80 bytes."""

FEW_LINES_MARK = "cmr few lines"
"""What the voxels of an image mean, in the header's 16 bytes for it, where this package made them
of fewer lines of k-space than a full image has."""

SMALLEST_MM, LARGEST_MM = 0.02, 100.0
"""Voxels of a scan of a body."""

_UNITS_PER_MM = {1: 1000.0, 2: 1.0, 3: 0.001}  # NIfTI unit codes: metre, millimetre, micrometre
_UNITS_PER_MS = {8: 1000.0, 16: 1.0, 24: 0.001}  # second, millisecond, microsecond
_LENGTH_TOLERANCE = 0.01
_NO_ORIENTATION = Notice(
    Code.ORIENTATION_UNKNOWN,
    "The header does not say how the slices lie in the patient: lengths and volumes hold, "
    "directions are a guess.",
)
_CONTRADICTION = Notice(
    Code.ORIENTATION_UNKNOWN,
    "The header's affine contradicts its voxel sizes, which were used: lengths and volumes hold, "
    "directions are a guess.",
)


def axes_of(header: Any, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Axes of the file in the order in which the slices come last.

    Slices are few and far apart: an axis that is both, by far, is that of the slices.
    """
    steps = np.abs(np.asarray(header["pixdim"][1:4], dtype=np.float64))
    if not np.isfinite(steps).all() or steps.min() <= 0:
        return 0, 1, 2
    slices = int(steps.argmax())
    x, y = (axis for axis in range(3) if axis != slices)
    far_apart = steps[slices] >= 1.8 * max(steps[x], steps[y])
    if slices == 2 or not far_apart or 2 * shape[slices] > min(shape[x], shape[y]):
        return 0, 1, 2
    return x, y, slices


def read_geometry(
    header: Any, axes: tuple[int, int, int], n_slices: int, path: Path
) -> tuple[Geometry, tuple[Notice, ...]]:
    """Spacing and affine of the slices, with notes about what had to be guessed.

    Raises
    ------
    ScanError
        If the voxel sizes are not given, or are not those of a scan of a body.
    """
    geometry, notes = _stated_geometry(header, axes, n_slices, path)
    if not all(SMALLEST_MM <= step <= LARGEST_MM for step in geometry.spacing):
        shown = " x ".join(f"{step:.4g}" for step in reversed(geometry.spacing))
        raise ScanError(
            f"voxels of {shown} mm are not those of a scan of a body",
            source=path,
            remedy="correct the voxel sizes or their unit in the header",
        )
    return geometry, notes


def _stated_geometry(
    header: Any, axes: tuple[int, int, int], n_slices: int, path: Path
) -> tuple[Geometry, tuple[Notice, ...]]:
    to_mm = _UNITS_PER_MM.get(int(header["xyzt_units"]) & 7, 1.0)
    # Shortest decimals of the stored float32: 1.7857 mm, not 1.7856999635696411.
    pixdim = np.array([float(str(value)) for value in header["pixdim"][1:4]])[list(axes)] * to_mm
    pixdim_usable = bool(np.isfinite(pixdim).all() and (pixdim > 0).all())
    for affine in _header_affines(header, axes, to_mm):
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        if not pixdim_usable or np.allclose(lengths, pixdim, rtol=_LENGTH_TOLERANCE):
            trusted = UNTRUSTED_MARK not in text_of(header["descrip"])
            geometry = Geometry.from_affine(affine, n_slices, trusted=trusted)
            return geometry, () if trusted else (_NO_ORIENTATION,)
    if not pixdim_usable:
        raise ScanError(
            f"voxel spacing {tuple(float(f'{value:.4g}') for value in pixdim)} mm (x, y, z) is "
            "not three positive lengths",
            source=path,
            remedy="correct the header, volumes cannot be measured without it",
        )
    dx, dy, dz = pixdim
    for affine in _header_affines(header, axes, to_mm):
        # Directions without lengths (ACDC's affines are all diag(-1, -1, 1)): keep how the image
        # is shown, take the lengths from where they are.
        affine[:3, :3] *= pixdim / np.linalg.norm(affine[:3, :3], axis=0)
        return Geometry.from_affine(affine, n_slices, trusted=False), (_CONTRADICTION,)
    return Geometry.regular((dz, dy, dx), n_slices), (_NO_ORIENTATION,)


def _header_affines(header: Any, axes: tuple[int, int, int], to_mm: float) -> list[np.ndarray]:
    """Affines of the header that could be a patient orientation, the preferred one first."""
    from nibabel.spatialimages import HeaderDataError

    affines = []
    for name in ("sform", "qform"):
        if int(header[f"{name}_code"]) <= 0:
            continue
        try:
            with np.errstate(all="ignore"):
                affine = np.array(getattr(header, f"get_{name}")(), dtype=np.float64)
        except (HeaderDataError, ValueError, np.linalg.LinAlgError, ArithmeticError):
            continue  # a quaternion that is no rotation: the next best affine is used
        affine = affine[:, [*axes, 3]]
        affine[:3] *= to_mm
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        if not np.isfinite(affine).all() or not np.isfinite(lengths).all() or lengths.min() <= 0:
            continue
        if np.abs(affine[:3, 3]).max() > 1e5:
            continue  # a voxel 100 m away from the scanner
        if abs(np.linalg.det(affine[:3, :3] / lengths)) > 1e-3:
            affines.append(affine)
    return affines


def read_times(header: Any, n_frames: int) -> tuple[np.ndarray | None, tuple[Notice, ...]]:
    """Time of every frame in ms, None where the header does not say, and notes."""
    step, start = float(header["pixdim"][4]), float(header["toffset"])
    if n_frames == 1 or not np.isfinite(step) or step <= 0:
        return None, ()
    declared = _UNITS_PER_MS.get(int(header["xyzt_units"]) & 56)
    for to_ms in (declared, 1000.0, 1.0):
        # Cine frames are some 10 to 100 ms apart; many writers leave the default 1, or ms in a
        # field that they declare as seconds.
        if to_ms is None or not 2.0 <= step * to_ms <= 250.0:
            continue
        offset = start * to_ms if np.isfinite(start) and 0 <= start * to_ms < 5000 else 0.0
        times = offset + step * to_ms * np.arange(n_frames)
        if to_ms == declared:
            return times, ()
        unit = "seconds" if to_ms == 1000.0 else "milliseconds"
        return times, (
            Notice(
                Code.TIMES_ASSUMED,
                f"The time step {step:g} of the header was taken to be in {unit}.",
            ),
        )
    if declared is None and step == 1.0:
        return None, ()  # nothing was said
    return None, (
        Notice(
            Code.TIMES_UNKNOWN,
            f"The time step {step:g} of the header is not that of a cine: it was ignored.",
        ),
    )


def text_of(field: Any) -> str:
    """Text of a field of the header."""
    return bytes(field).split(b"\0")[0].decode("latin-1").strip()
