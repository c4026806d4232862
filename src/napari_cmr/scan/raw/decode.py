"""Opens a file of raw k-space, in this process, and hands it to the reader of its layout."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.raw.cmrxrecon import find_kspace, find_mask, read_cmrxrecon
from napari_cmr.scan.raw.ismrmrd import find_measurements, read_ismrmrd
from napari_cmr.scan.raw.variables import (
    MATLAB5_MARK,
    Variable,
    hdf5_variables,
    matlab5_variables,
)
from napari_cmr.scan.scan import Scan

_SUFFIXES = (".mat", ".h5", ".hdf5")


def decode_raw(path: Path, spacing: tuple[float, float, float] | None) -> Scan:
    """Read raw data in this process (see :func:`napari_cmr.scan.read_raw`, which is safe)."""
    try:
        if _is_matlab5(path):
            return _read_arrays(matlab5_variables(path), path, spacing)
        return _read_hdf5(path, spacing)
    except ScanError:
        raise
    except PermissionError as error:
        raise ScanError(
            "permission denied", source=path, remedy="ask its owner for the right to read it"
        ) from error
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        # What h5py and scipy raise for a damaged file depends on where the damage is.
        raise ScanError(
            f"the file is damaged or in an unknown layout: {error}",
            source=path,
            remedy="copy or export it again",
        ) from error
    except MemoryError as error:
        raise ScanError("the file does not fit into memory", source=path) from error


def _is_matlab5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MATLAB5_MARK)) == MATLAB5_MARK


def _read_hdf5(path: Path, spacing: tuple[float, float, float] | None) -> Scan:
    import h5py

    with h5py.File(path, "r") as file:
        measurements = find_measurements(file, path)
        if measurements:
            return read_ismrmrd(measurements, path)
        return _read_arrays(hdf5_variables(file, path), path, spacing)


def _read_arrays(
    variables: Sequence[Variable], path: Path, spacing: tuple[float, float, float] | None
) -> Scan:
    kspace, mask = find_kspace(variables), find_mask(variables)
    if kspace is not None:
        return read_cmrxrecon(kspace, path, spacing, mask or _mask_beside(path))
    names = ", ".join(sorted(one.name for one in variables[:6])) or "nothing"
    if mask is not None and len(variables) == 1:
        raise ScanError(
            f"holds a mask of lines ({names}) and no k-space",
            source=path,
            remedy="open the file of k-space beside it: the mask is read along with it",
        )
    raise ScanError(
        f"holds neither an array of k-space, such as CMRxRecon's kspace_full, nor ISMRMRD's "
        f"acquisitions, but {names}",
        source=path,
        remedy="convert it to one of the two",
    )


def _mask_beside(path: Path) -> Variable | None:
    """Mask in a file of its own: ``x_mask`` for ``x``, ``x_mask_y`` for ``x_kus_y``."""
    import h5py

    stems = dict.fromkeys((f"{path.stem}_mask", path.stem.replace("_kus_", "_mask_")))
    for stem, suffix in product(stems, dict.fromkeys((path.suffix, *_SUFFIXES))):
        beside = path.with_name(stem + suffix)
        if beside == path or not beside.is_file():
            continue
        if _is_matlab5(beside):
            return _loaded(find_mask(matlab5_variables(beside)))
        with h5py.File(beside, "r") as file:
            return _loaded(find_mask(hdf5_variables(file, beside)))
    return None


def _loaded(mask: Variable | None) -> Variable | None:
    """The mask with its numbers read, as its file is closed after this."""
    if mask is None:
        return None
    values = mask.read(())
    return Variable(mask.name, mask.shape, lambda index: values[index])
