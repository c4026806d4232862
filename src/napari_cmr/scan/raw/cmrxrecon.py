"""CMRxRecon's k-space files.

MATLAB variables ``kspace_full``, ``kspace_sub..``, ``kspace`` of [kx, ky, coil, slice, frame] and
``kspace_single_..`` without the coils, saved as v7.3; HDF5 shows the axes in reverse order and
complex numbers as pairs ``real``, ``imag``. Layout: Wang et al., CMRxRecon, arXiv:2309.10836, and
the challenges' data pages of 2023 to 2025.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import view_of
from napari_cmr.scan.nifti.file import MAX_VOXELS
from napari_cmr.scan.raw.lines import hybrid_lines, missing_lines_note
from napari_cmr.scan.raw_kspace import RawKSpace
from napari_cmr.scan.scan import Scan

if TYPE_CHECKING:
    import h5py

# The files hold no geometry. These are the paper's typical cine protocol: 2 mm pixels, slices of
# 8 mm with gaps of 4 mm.
_TYPICAL_SPACING = (12.0, 2.0, 2.0)
_MAX_PACKING = 1032  # deflate cannot do better
_MAX_SLICE_BYTES = 2**30


def find_kspace(file: "h5py.File") -> Any | None:
    """K-space variable of a CMRxRecon file, the fully sampled one first, or None."""
    import h5py

    names = [name for name in file if name.lower().startswith(("kspace", "kus"))]
    names.sort(key=lambda name: ("full" not in name.lower() and name.lower() != "kspace", name))
    for name in names:
        if isinstance(file[name], h5py.Dataset):
            return file[name]
    return None


def read_cmrxrecon(
    file: "h5py.File", path: Path, spacing: tuple[float, float, float] | None
) -> Scan:
    """Reconstruct a CMRxRecon file (see :func:`napari_cmr.scan.read_raw`)."""
    dataset = find_kspace(file)
    if dataset is None:
        raise ScanError("holds no variable whose name starts with kspace", source=path)
    name = str(dataset.name).rsplit("/", 1)[-1]
    _check_dtype(dataset, path)
    n_frames, n_slices, n_coils, ny, nx = shape = _axes(dataset.shape, "single" in name, path)
    _check_size(dataset, shape, path)
    kspace = np.empty((n_coils, n_frames, n_slices, ny, nx), dtype=np.complex64)
    lines = np.zeros((n_frames, n_slices, ny), dtype=bool)
    lead = len(dataset.shape) - 2 - (0 if "single" in name or len(dataset.shape) == 2 else 1)
    for frame, slice_index in np.ndindex(n_frames, n_slices):
        index = (frame, slice_index)[2 - lead :]
        coils = _as_complex(dataset[index]).reshape(n_coils, ny, nx)
        lines[frame, slice_index] = coils.any(axis=(0, 2))
        kspace[:, frame, slice_index] = hybrid_lines(coils)
    notes = missing_lines_note(lines)
    if spacing is None:
        dz, dy, dx = _TYPICAL_SPACING
        notes += (
            f"The file does not say its voxel size: the data set's typical {dx:g} x {dy:g} mm and "
            f"{dz:g} mm between slices were assumed, do not rely on volumes in mL.",
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


def _check_dtype(dataset: Any, path: Path) -> None:
    fields = dataset.dtype.names
    kinds = [dataset.dtype[field].kind for field in fields or ()]
    is_pair = fields is not None and set(fields) == {"real", "imag"} and set(kinds) == {"f"}
    if not is_pair and dataset.dtype.kind not in "fc":
        raise ScanError(
            f"the variable {dataset.name} holds {dataset.dtype}, not complex numbers",
            source=path,
            remedy="save k-space as single or double complex",
        )


def _as_complex(values: np.ndarray) -> np.ndarray:
    if values.dtype.names is None:
        return values.astype(np.complex64)
    result = np.empty(values.shape, dtype=np.complex64)
    with np.errstate(all="ignore"):  # overflow becomes infinity, which Scan refuses
        result.real, result.imag = values["real"], values["imag"]
    return result


def _axes(shape: tuple[int, ...], is_single: bool, path: Path) -> tuple[int, int, int, int, int]:
    """(frames, slices, coils, ky, kx); MATLAB drops trailing axes of length one."""
    if is_single and 2 <= len(shape) <= 4:
        full = (*(1,) * (4 - len(shape)), *shape)
        full = (*full[:2], 1, *full[2:])
    elif not is_single and 2 <= len(shape) <= 5:
        full = (*(1,) * (5 - len(shape)), *shape)
    else:
        full = ()
    if not full or min(full) < 1:
        raise ScanError(
            f"k-space of shape {shape} is not (frames, slices, coils, ky, kx)",
            source=path,
            remedy="save it with the axes [kx, ky, coil, slice, frame] of CMRxRecon",
        )
    n_frames, n_slices, n_coils, ny, nx = full
    return n_frames, n_slices, n_coils, ny, nx


def _check_size(dataset: Any, shape: tuple[int, ...], path: Path) -> None:
    n_frames, n_slices, n_coils, ny, nx = (int(length) for length in shape)
    total = n_frames * n_slices * n_coils * ny * nx * dataset.dtype.itemsize
    if total > int(dataset.id.get_storage_size()) * _MAX_PACKING:
        raise ScanError(
            f"the header promises k-space of {total / 1e6:.3g} MB, more than the file holds",
            source=path,
            remedy="the file is truncated or damaged, copy it again",
        )
    if n_frames * n_slices * ny * nx > MAX_VOXELS or n_coils * ny * nx * 16 > _MAX_SLICE_BYTES:
        raise ScanError(f"k-space of shape {shape} is too large", source=path)
