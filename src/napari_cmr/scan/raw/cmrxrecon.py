"""K-space that lies in a file as one array: CMRxRecon's MATLAB files, and others like them.

CMRxRecon's are variables ``kspace_full``, ``kspace_sub..``, ``kspace`` of [kx, ky, coil, slice,
frame] and ``kspace_single_..`` without the coils, saved as v7.3; HDF5 shows the axes in reverse
order. Layout: Wang et al., CMRxRecon, arXiv:2309.10836, and the challenges' data pages of 2023 to
2025. Names differ from year to year and from group to group, so an array of another name is taken
too if its numbers look like k-space.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import view_of
from napari_cmr.scan.nifti.file import MAX_VOXELS
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.raw.lines import hybrid_lines, missing_lines_note
from napari_cmr.scan.raw.variables import Variable
from napari_cmr.scan.raw_kspace import RawKSpace
from napari_cmr.scan.scan import Scan

# The files hold no geometry. These are the paper's typical cine protocol: 2 mm pixels, slices of
# 8 mm with gaps of 4 mm.
_TYPICAL_SPACING = (12.0, 2.0, 2.0)
_MAX_KSPACE_BYTES = 2**33
_KSPACE_NAME = re.compile(r"k_?space|^kus|^ksp|underk|raw_?k|k_?data", re.IGNORECASE)
_MASK_NAME = re.compile(r"mask", re.IGNORECASE)
_CENTRAL_SHARE = 0.5


def find_kspace(variables: Sequence[Variable]) -> Variable | None:
    """K-space among the arrays of a file, or None: by its name, else by its numbers."""
    named = [one for one in variables if _KSPACE_NAME.search(one.name) and len(one.shape) > 1]
    named = [one for one in named if not _MASK_NAME.search(one.name)]
    if named:
        return min(named, key=lambda one: ("full" not in one.name.lower(), -one.size, one.name))
    others = [one for one in variables if len(one.shape) > 1 and one.is_complex]
    others.sort(key=lambda one: -one.size)
    return next((one for one in others if _looks_like_kspace(one)), None)


def find_mask(variables: Sequence[Variable]) -> Variable | None:
    """Mask of lines among the arrays of a file, or None."""
    masks = [one for one in variables if _MASK_NAME.search(one.name) and not one.is_complex]
    return max(masks, key=lambda one: one.size, default=None)


def read_cmrxrecon(
    variable: Variable,
    path: Path,
    spacing: tuple[float, float, float] | None,
    mask: Variable | None = None,
) -> Scan:
    """Reconstruct k-space that is one array (see :func:`napari_cmr.scan.read_raw`)."""
    single = "single" in variable.name.lower()
    shape, order, part, notes = _axes(variable, single, path)
    n_frames, n_slices, n_coils, ny, nx = shape
    n_bytes = n_coils * n_frames * n_slices * ny * nx * 8
    if n_frames * n_slices * ny * nx > MAX_VOXELS or n_bytes > _MAX_KSPACE_BYTES:
        raise ScanError(
            f"k-space of {shape} (frames, slices, coils, ky, kx) is too large to open",
            source=path,
            remedy="save fewer slices or coils in a file",
        )
    kspace = np.empty((n_coils, n_frames, n_slices, ny, nx), dtype=np.complex64)
    lines = np.zeros((n_frames, n_slices, ny), dtype=bool)
    whole = None if order is None else part(()).transpose(order).reshape(shape)
    for frame, slice_index in np.ndindex(n_frames, n_slices):
        if whole is None:
            coils = part((frame, slice_index)).reshape(n_coils, ny, nx)
        else:
            coils = whole[frame, slice_index]
        if coils.dtype.kind not in "fc":
            raise ScanError(
                f"the variable {variable.name!r} holds {coils.dtype}, not complex numbers",
                source=path,
                remedy="save k-space as single or double complex",
            )
        coils = coils.astype(np.complex64, copy=False)
        lines[frame, slice_index] = coils.any(axis=(0, 2))
        kspace[:, frame, slice_index] = hybrid_lines(coils)
    if mask is not None:
        lines, said = _with_mask(lines, mask, path)
        notes += said
    notes += missing_lines_note(lines)
    if spacing is None:
        dz, dy, dx = _TYPICAL_SPACING
        notes += (
            Notice(
                Code.SPACING_ASSUMED,
                f"The file does not say its voxel size: the data set's typical {dx:g} x {dy:g} mm "
                f"and {dz:g} mm between slices were assumed, do not rely on volumes in mL.",
            ),
        )
    geometry = Geometry.regular(spacing or _TYPICAL_SPACING, n_slices)
    raw = RawKSpace(kspace, lines, geometry)
    return Scan(
        image=raw.images(),
        geometry=geometry,
        raw=raw,
        name=path.stem,
        source=path,
        kind="cine" if n_frames > 1 else "other",
        view=view_of(path.stem) or ("SAX" if n_slices > 1 else "other"),
        notes=notes,
    )


def _axes(
    variable: Variable, single: bool, path: Path
) -> tuple[tuple[int, ...], tuple[int, ...] | None, Any, tuple[Notice, ...]]:
    """Order the axes of k-space: (frames, slices, coils, ky, kx).

    Returns the shape; a permutation where the array has to be read whole and its axes turned
    round, else None; how to read a part of it; and notes. MATLAB drops trailing axes of length
    one. The two largest axes are ky and kx, at one end or the other.
    """
    shape = variable.shape
    notes: tuple[Notice, ...] = ()
    n_lead = 2 if single else 3
    wanted = "frames, slices, ky, kx" if single else "frames, slices, coils, ky, kx"
    pair = None if variable.is_complex else _pair_axis(shape, n_lead + 2)
    axes = [axis for axis in range(len(shape)) if axis != pair]
    lengths = [shape[axis] for axis in axes]
    if not 2 <= len(lengths) <= n_lead + 2 or min(lengths) < 1:
        raise _no_kspace(shape, wanted, path)
    backwards = _is_backwards(lengths, shape, wanted, path)
    if backwards:
        axes, lengths = axes[::-1], lengths[::-1]
        notes = (
            Notice(
                Code.AXES_REORDERED,
                "The axes of k-space stand in reverse order in the file: they were put right.",
            ),
        )
    full = (*(1,) * (n_lead + 2 - len(lengths)), *lengths)
    if single:
        full = (*full[:2], 1, *full[2:])
    if backwards or pair is not None:

        def read_whole(index: tuple[Any, ...]) -> np.ndarray:
            values = variable.read(())
            if pair is None:
                return values
            parts = np.moveaxis(values, pair, 0)
            return _both(parts)

        # Once the pair is one number, the axes behind it have moved up by one.
        turned = tuple(axis - int(pair is not None and axis > pair) for axis in axes)
        return full, turned, read_whole, notes
    lead = len(lengths) - 2 - int(not single and len(lengths) > 2)

    def read_part(index: tuple[Any, ...]) -> np.ndarray:
        return variable.read(index[2 - lead :])

    return full, None, read_part, notes


def _both(parts: np.ndarray) -> np.ndarray:
    result = np.empty(parts.shape[1:], dtype=np.complex64)
    with np.errstate(all="ignore"):
        result.real, result.imag = parts[0], parts[1]
    return result


def _pair_axis(shape: Sequence[int], n_complex: int) -> int | None:
    """Axis that holds real and imaginary part of numbers stored as real ones, or None."""
    ends = [axis for axis in (len(shape) - 1, 0) if shape[axis] == 2]
    return ends[0] if ends and 3 <= len(shape) <= n_complex + 1 else None


def _is_backwards(lengths: Sequence[int], shape: Sequence[int], wanted: str, path: Path) -> bool:
    """Whether ky and kx, the largest axes, come first rather than last."""
    if len(lengths) == 2 or min(lengths[-2:]) >= max(lengths[:-2]):
        return False
    if min(lengths[:2]) >= max(lengths[2:]):
        return True
    raise _no_kspace(shape, wanted, path)


def _no_kspace(shape: Sequence[int], wanted: str, path: Path) -> ScanError:
    return ScanError(
        f"k-space of shape {tuple(shape)} is not ({wanted})",
        source=path,
        remedy="save it with the axes [kx, ky, coil, slice, frame] of CMRxRecon",
    )


def _looks_like_kspace(variable: Variable) -> bool:
    """Whether half of the energy lies in the middle ninth of the plane, as that of images does not.

    Of the first plane, at whichever end of the axes the largest two are.
    """
    shape = variable.shape
    if len(shape) > 5:
        return False
    if len(shape) == 2 or min(shape[-2:]) >= max(shape[:-2]):
        plane = variable.read((0,) * (len(shape) - 2))
    elif min(shape[:2]) >= max(shape[2:]):
        plane = variable.read((slice(None), slice(None), *(0,) * (len(shape) - 2)))
    else:
        return False
    if min(plane.shape) < 3:
        return False
    energy = np.abs(plane.astype(np.complex64)) ** 2
    rows, columns = (slice(n // 3, n - n // 3) for n in plane.shape)
    total = float(energy.sum())
    return total > 0 and float(energy[rows, columns].sum()) > _CENTRAL_SHARE * total


def _with_mask(
    lines: np.ndarray, mask: Variable, path: Path
) -> tuple[np.ndarray, tuple[Notice, ...]]:
    """Measured lines by the mask that lies with k-space, where the two agree.

    The mask is that of a line, of a plane, or of every frame: (ky), (ky, kx), (frames, ky, kx).
    """
    n_frames, _, ny = lines.shape
    values = mask.read(()) != 0
    squeezed = values.reshape([n for n in values.shape if n > 1] or [1])
    for candidate in (squeezed, squeezed.T):
        found = None
        if candidate.shape == (ny,):
            found = candidate[None, None]
        elif candidate.ndim == 2 and candidate.shape[0] == ny:
            found = candidate.any(axis=1)[None, None]
        elif candidate.ndim == 2 and candidate.shape == (n_frames, ny):
            found = candidate[:, None]
        elif candidate.ndim == 3 and candidate.shape[:2] == (n_frames, ny):
            found = candidate.any(axis=2)[:, None]
        if found is None:
            continue
        given = np.broadcast_to(found, lines.shape)
        if (lines & ~given).any():
            return lines, (
                Notice(
                    Code.MASK_NOT_USED,
                    f"The mask {mask.name!r} leaves out lines that k-space holds: it was not used.",
                ),
            )
        return given.copy(), ()
    raise ScanError(
        f"the mask {mask.name!r} of shape {mask.shape} does not fit k-space of {ny} lines and "
        f"{n_frames} frames",
        source=path,
        remedy="take the mask away, or put the one beside it that belongs to it",
    )
