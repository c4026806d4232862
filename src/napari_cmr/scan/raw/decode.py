"""Opens an HDF5 file of raw k-space, in this process, and hands it to the reader of its layout."""

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.raw.cmrxrecon import find_kspace, read_cmrxrecon
from napari_cmr.scan.raw.ismrmrd import find_dataset, read_ismrmrd
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
