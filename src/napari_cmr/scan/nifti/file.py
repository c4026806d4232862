"""The bytes of a NIfTI file: header, grid and voxels, checked before anything is allocated.

The voxels are read here rather than through an image class because a damaged header may promise
terabytes, name an offset beyond the end of the file, or sit in a gzip stream that unpacks without
end. nibabel interprets the header; the sizes are checked against the file first.
"""

import struct
import zlib
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.inputs import check_input_file
from napari_cmr.scan.nifti.grid import (
    FEW_LINES_MARK,
    INVENTED_MARK,
    MODEL_MARK,
    SYNTHETIC_MARK,
    axes_of,
    read_geometry,
    read_times,
    text_of,
)
from napari_cmr.scan.nifti.packed_file import MAX_GZIP_RATIO, is_packed, unpacked
from napari_cmr.scan.notices import Code, Notice

MAX_VOXELS = 2**29
"""Largest image that is opened: 2 GiB as float32, 100 frames of 20 slices of 512 x 512."""

LIKELY_VOXELS, VOXELS_PER_BYTE = 2**26, 16
"""Of more voxels than the first, a packed image has no more than the second for each byte of its
file: measured images pack to a half, and padded ones to a tenth. What asks for more is damaged."""

_INVENTED = Notice(
    Code.DETAILS_INVENTED,
    "An adversarial network had a part in making these images: details may be invented.",
)
_OF_FEW_LINES = Notice(
    Code.IMAGE_OF_FEW_LINES,
    "This image was made of few lines of k-space: what is found in it is of those, however many "
    "are chosen of it.",
)


def is_nifti_name(name: str) -> bool:
    """Whether a file name ends as NIfTI files do."""
    return name.lower().endswith((".nii", ".nii.gz"))


def nifti_stem(path: Path) -> str:
    """File name without ``.nii`` or ``.nii.gz``."""
    name = path.name
    for suffix in (".nii.gz", ".nii"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return path.stem


def resolve_nifti(path: Path) -> Path:
    """Return the file itself where ``path`` is a folder named ``*.nii`` that wraps one file.

    Some re-packed copies of public data sets hold ``case.nii/case.nii``.
    """
    try:
        if not path.is_dir():
            return path
        inside = sorted(entry for entry in path.iterdir() if is_nifti_name(entry.name))
        files = [entry for entry in inside if entry.is_file()]
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(files) != 1:
        raise ScanError(
            f"is a folder that holds {len(files)} NIfTI files",
            source=path,
            remedy="open one of the files in it",
        )
    return files[0]


@dataclass(frozen=True)
class NiftiFile:
    """An opened and checked NIfTI file; voxels are read on demand.

    Attributes
    ----------
    path : Path
    header : nibabel.Nifti1Header or nibabel.Nifti2Header
    shape : tuple of 4 ints
        ``(nx, ny, nz, nt)``, slices last in space however the file orders them.
    axes : tuple of 3 ints
        Axis of the file that each of x, y and z is; (0, 1, 2) in nearly every file.
    """

    path: Path
    header: Any
    shape: tuple[int, int, int, int]
    axes: tuple[int, int, int] = (0, 1, 2)

    @classmethod
    def open(cls, path: Path) -> "NiftiFile":
        """Read and check the header.

        Raises
        ------
        ScanError
            If the file cannot be read, is not NIfTI, or its header promises an image that the file
            cannot hold.
        """
        path = resolve_nifti(path)
        header = _read_header(path)
        shape = _check_shape(header, path)
        _check_size(header, shape, path)
        axes = axes_of(header, shape)
        nx, ny, nz = (shape[axis] for axis in axes)
        return cls(path, header, (nx, ny, nz, shape[3]), axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored voxels, with their byte order."""
        return np.dtype(self.header.get_data_dtype())

    @cached_property
    def intent_name(self) -> str:
        """What the voxels mean, as far as the header says."""
        return text_of(self.header["intent_name"])

    @property
    def is_synthetic(self) -> bool:
        """Whether this package wrote the image and knows that no scanner made it."""
        return SYNTHETIC_MARK in text_of(self.header["descrip"])

    @property
    def making(self) -> tuple[Notice, ...]:
        """What this package said of how the image was made, if it wrote it."""
        said = ((_INVENTED, INVENTED_MARK in text_of(self.header["descrip"])),
                (_OF_FEW_LINES, self.intent_name == FEW_LINES_MARK))  # fmt: skip
        return tuple(notice for notice, holds in said if holds)

    @property
    def phase_encode_axis(self) -> Literal["Y", "X"]:
        """Axis that the header names for phase encoding; Y where it names none of the plane's."""
        named = int(self.header["dim_info"]) >> 2 & 3  # from 1, and 0 where it is not known
        return "X" if named == self.axes[0] + 1 else "Y"

    @property
    def is_of_model(self) -> bool:
        """Whether this package wrote the labels and knows that a model made them."""
        return MODEL_MARK in text_of(self.header["descrip"])

    def voxels(self, *, scaled_type: type[np.floating[Any]] = np.float32) -> np.ndarray:
        """Read the voxels as ``(T, Z, Y, X)``, with the header's slope and intercept applied.

        Parameters
        ----------
        scaled_type : float type
            Real type to scale in; unscaled voxels keep the type they are stored in.
        """
        n_bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        raw = _read_bytes(self.path, int(self.header["vox_offset"]), n_bytes)
        stored = [0, 0, 0, self.shape[3]]
        for place, axis in enumerate(self.axes):
            stored[axis] = self.shape[place]
        x, y, z = self.axes
        array = raw.view(self.dtype).reshape(stored, order="F").transpose(3, z, y, x)
        slope, intercept = self._scaling()
        if (slope, intercept) != (1.0, 0.0):
            if np.iscomplexobj(array):
                array = array.astype(np.complex64)
            else:
                array = array.astype(scaled_type)
            with np.errstate(all="ignore"):  # overflow becomes infinity, which Scan refuses
                array *= slope
                array += intercept
        return array

    def geometry(self) -> tuple[Geometry, tuple[Notice, ...]]:
        """Spacing and affine, with notes about what had to be guessed."""
        geometry, notes = read_geometry(self.header, self.axes, self.shape[2], self.path)
        if self.axes != (0, 1, 2):
            notes += (
                Notice(
                    Code.AXES_REORDERED,
                    "The file does not store slices last: its axes were put in order.",
                ),
            )
        return geometry, notes

    def frame_times_ms(self) -> tuple[np.ndarray | None, tuple[Notice, ...]]:
        """Time of every frame in ms, or None where the header does not say."""
        return read_times(self.header, self.shape[3])

    def _scaling(self) -> tuple[float, float]:
        slope, intercept = float(self.header["scl_slope"]), float(self.header["scl_inter"])
        if not np.isfinite(slope) or slope == 0:
            return 1.0, 0.0  # the NIfTI standard: a slope of zero means no scaling
        return slope, intercept if np.isfinite(intercept) else 0.0


def _unreadable(path: Path, error: Exception) -> ScanError:
    if isinstance(error, PermissionError):
        return ScanError(
            "permission denied", source=path, remedy="ask its owner for the right to read it"
        )
    if isinstance(error, FileNotFoundError):
        return ScanError("no such file", source=path)
    if isinstance(error, EOFError | zlib.error):
        return ScanError(
            "the compressed file is truncated or damaged",
            source=path,
            remedy="copy or download it again",
        )
    return ScanError(f"cannot be read: {error}", source=path)


_READ_ERRORS = (OSError, EOFError, zlib.error, struct.error, MemoryError, ValueError)


def _read_header(path: Path) -> Any:
    import nibabel

    not_nifti = ScanError(
        "is not a NIfTI file, whatever its name says",
        source=path,
        remedy="convert it with dcm2niix, or open the original",
    )
    try:
        check_input_file(path)
        if path.stat().st_size == 0:
            raise ScanError("the file is empty", source=path, remedy="copy or download it again")
        with closing(unpacked(path, 540)) as pieces:
            block = b""
            while len(block) < 540 and (piece := next(pieces, b"")):
                block += piece
    except ScanError:
        raise
    except _READ_ERRORS as error:
        raise _unreadable(path, error) from error
    if len(block) < 348:
        raise not_nifti
    size = {struct.unpack(order + "i", block[:4])[0] for order in "<>"}
    if 348 in size and block[344:348] in (b"n+1\0", b"ni1\0"):
        kind, block, single = nibabel.Nifti1Header, block[:348], block[344:346] == b"n+"
    elif 540 in size and len(block) >= 540 and block[4:7] in (b"n+2", b"ni2"):
        kind, block, single = nibabel.Nifti2Header, block[:540], block[4:6] == b"n+"
    else:
        raise not_nifti
    if not single:
        raise ScanError(
            "is half of a NIfTI pair (.hdr and .img)",
            source=path,
            remedy="convert the pair to a single .nii file",
        )
    try:
        header = kind(binaryblock=block, check=False)
        # pixdim[0] says which way the third axis of the qform runs, and NIfTI has no other value
        # for it than 1 and -1; sizes are positive. Writers differ, and nibabel refuses.
        header["pixdim"][0] = -1.0 if header["pixdim"][0] < 0 else 1.0
        header["pixdim"][1:4] = np.abs(header["pixdim"][1:4])
        return header
    except (nibabel.spatialimages.HeaderDataError, ValueError, KeyError) as error:
        raise not_nifti from error


def _check_shape(header: Any, path: Path) -> tuple[int, int, int, int]:
    dims = [int(value) for value in header["dim"]]
    n_dims = dims[0]
    shape = dims[1 : n_dims + 1] if 1 <= n_dims <= 7 else []
    while len(shape) > 4 and shape[-1] == 1:
        shape.pop()
    if len(shape) not in (3, 4) or min(shape) < 1:
        shown = " x ".join(str(value) for value in shape) or f"dim[0] = {n_dims}"
        raise ScanError(
            f"an image of {shown} voxels is not a stack of slices (x, y, z) or a cine (x, y, z, t)",
            source=path,
            remedy="export it as a 3-D or 4-D image",
        )
    nx, ny, nz, nt = (*shape, 1)[:4]
    return nx, ny, nz, nt


def _check_size(header: Any, shape: tuple[int, ...], path: Path) -> None:
    """Refuse what the file cannot hold, in Python integers, before anything is allocated."""
    import nibabel

    n_voxels = 1
    for length in shape:
        n_voxels *= length
    shown = " x ".join(str(length) for length in shape)
    try:
        dtype = np.dtype(header.get_data_dtype())
    except (nibabel.spatialimages.HeaderDataError, KeyError, TypeError) as error:
        raise ScanError(
            f"unknown voxel type {int(header['datatype'])}", source=path, remedy="export it again"
        ) from error
    if dtype.kind not in "iufc":
        raise ScanError(
            "holds colours or another voxel type that is no measurement",
            source=path,
            remedy="export the grey-scale image",
        )
    offset = float(header["vox_offset"])
    minimum = int(header["sizeof_hdr"])
    size = path.stat().st_size
    capacity = size * MAX_GZIP_RATIO if is_packed(path) else size
    needed = n_voxels * dtype.itemsize
    if not 0 <= offset <= capacity:
        raise ScanError(
            f"the header says that the voxels start at byte {offset:g}, which is not in the file",
            source=path,
            remedy="the header is damaged, copy or export it again",
        )
    if offset < minimum:
        # Writers leave 0 to mean "right behind the header and its 4-byte extension flag".
        header["vox_offset"] = minimum + 4
    if needed + int(header["vox_offset"]) > capacity:
        raise ScanError(
            f"the header promises {shown} voxels ({needed / 1e6:.6g} MB), more than the file "
            f"of {size / 1e6:.3g} MB can hold",
            source=path,
            remedy="the file is truncated or its header damaged, copy or export it again",
        )
    likely = max(LIKELY_VOXELS, VOXELS_PER_BYTE * size) if capacity > size else MAX_VOXELS
    if n_voxels > likely:
        raise ScanError(
            f"the header promises {shown} voxels, more than a packed file of {size / 1e6:.3g} MB "
            "holds of any measured image",
            source=path,
            remedy="the file is damaged; if it is not, unpack it first",
        )
    if n_voxels > MAX_VOXELS:
        raise ScanError(
            f"an image of {shown} voxels is larger than the limit of {MAX_VOXELS} voxels",
            source=path,
            remedy="crop it or open fewer frames",
        )


def _read_bytes(path: Path, offset: int, n_bytes: int) -> np.ndarray:
    try:
        buffer = np.empty(n_bytes, dtype=np.uint8)
        position = -offset
        with closing(unpacked(path)) as pieces:
            for piece in pieces:  # one more than needed: the end of a gzip member is checked there
                if position >= n_bytes:
                    break
                start = max(0, position)
                new = np.frombuffer(piece, np.uint8)[start - position :][: n_bytes - start]
                buffer[start : start + len(new)] = new
                position += len(piece)
        if position < n_bytes:
            raise ScanError(
                f"the file ends after {max(0, position)} of {n_bytes} bytes of voxels",
                source=path,
                remedy="it is truncated, copy or download it again",
            )
    except ScanError:
        raise
    except _READ_ERRORS as error:
        raise _unreadable(path, error) from error
    return buffer
