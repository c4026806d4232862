"""From an HDF5 file of raw k-space to images.

Images are made slice by slice, so that the memory stays that of the images. One
coil gives a complex image, with the phase that was measured. Several coils are combined by the
root of the sum of squares (Roemer et al., Magn Reson Med 16, 1990), which needs no coil maps and
gives a magnitude.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.scan import Scan

if TYPE_CHECKING:
    import h5py


def decode_raw(path: Path, spacing: tuple[float, float, float] | None) -> Scan:
    """Read raw data in this process (see :func:`napari_cmr.scan.read_raw`, which is safe)."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return _read_open_file(file, path, spacing)
    except ScanError:
        raise
    except PermissionError as error:
        raise ScanError(
            "permission denied", source=path, remedy="ask its owner for the right to read it"
        ) from error
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        # What h5py raises for a file whose inside is damaged depends on where the damage is.
        raise ScanError(
            f"the HDF5 file is damaged or in an unknown layout: {error}",
            source=path,
            remedy="copy or export it again",
        ) from error
    except MemoryError as error:
        raise ScanError("the file does not fit into memory", source=path) from error


def _read_open_file(
    file: "h5py.File", path: Path, spacing: tuple[float, float, float] | None
) -> Scan:
    from napari_cmr.scan.raw.cmrxrecon import find_kspace, read_cmrxrecon
    from napari_cmr.scan.raw.ismrmrd import find_dataset, read_ismrmrd

    group = find_dataset(file)
    if group is not None:
        return read_ismrmrd(group, path)
    if find_kspace(file) is not None:
        return read_cmrxrecon(file, path, spacing)
    names = ", ".join(sorted(str(name) for name in list(file)[:6])) or "nothing"
    raise ScanError(
        f"holds neither CMRxRecon's k-space (a variable kspace...) nor ISMRMRD's acquisitions, "
        f"but {names}",
        source=path,
        remedy="convert it to one of the two",
    )


def combine_coils(kspace: np.ndarray) -> np.ndarray:
    """Turn the k-space of one slice into an image.

    Parameters
    ----------
    kspace : complex ndarray, shape (coils, ky, kx)
        Centred: zero frequency at index ``n // 2``.

    Returns
    -------
    ndarray, shape (ky, kx)
        Centred orthonormal inverse transform; complex64 for one coil, otherwise the root of the
        sum of squares as float32.
    """
    shifted = np.fft.ifftshift(kspace.astype(np.complex64, copy=False), axes=(-2, -1))
    image = np.fft.fftshift(np.fft.ifft2(shifted, norm="ortho"), axes=(-2, -1))
    if len(image) == 1:
        single: np.ndarray = image[0].astype(np.complex64)
        return single
    combined: np.ndarray = np.sqrt((np.abs(image) ** 2).sum(axis=0)).astype(np.float32)
    return combined


def missing_lines_note(lines: np.ndarray) -> tuple[str, ...]:
    """Note on lines that were not measured; ``lines`` is boolean (frames, slices, ky)."""
    if lines.all():
        return ()
    mean = lines.sum(axis=-1).mean()
    return (
        f"On average {mean:.1f} of {lines.shape[-1]} lines per frame were measured: the images are "
        "zero-filled.",
    )
