"""Named arrays of MATLAB and HDF5 files, read piece by piece and without trusting the file."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.scan.errors import ScanError

if TYPE_CHECKING:
    import h5py

MAX_PACKING = 1032
"""Deflate cannot do better (zlib technical notes)."""

SMALL_BYTES = 2**28
LIKELY_PACKING = 100
"""Of more than so many bytes, measured numbers are never packed better than this."""

MATLAB5_MARK = b"MATLAB 5.0 MAT-file"
_MAX_NAMES = 1000
_FIELDS = ({"real", "imag"}, {"r", "i"}, {"re", "im"})
_REAL_NAME = re.compile(r"(.*?)_?(real|re)$", re.IGNORECASE)


@dataclass(frozen=True)
class Variable:
    """A numeric array, its axes in the order of memory: the fastest last, as HDF5 shows them.

    Attributes
    ----------
    name : str
    shape : tuple of int
    read : callable
        Gives a part of it, for an index of its leading axes: complex where it holds complex
        numbers, in whatever way they are stored.
    """

    name: str
    shape: tuple[int, ...]
    read: Callable[[tuple[Any, ...]], np.ndarray]

    @property
    def is_complex(self) -> bool:
        """Whether it holds complex numbers; one of them is read to find out."""
        return self.size > 0 and np.iscomplexobj(self.read((0,) * len(self.shape)))

    @property
    def size(self) -> int:
        """Number of elements."""
        n = 1
        for length in self.shape:
            n *= length
        return n


def hard_link(group: "h5py.Group", name: str, path: Path) -> Any:
    """Member of a group that lies in the file itself.

    Raises
    ------
    ScanError
        If it is a link to somewhere else, or its numbers are stored in another file: opening a
        scan must not read what else is on the machine.
    """
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ScanError(
            f"its variable {name!r} is a link to somewhere else, which is not followed",
            source=path,
            remedy="copy what it points to into the file",
        )
    member = group[name]
    if isinstance(member, h5py.Dataset) and (member.external or member.is_virtual):
        raise ScanError(
            f"the numbers of its variable {name!r} are stored in another file, which is not read",
            source=path,
            remedy="save them in the file itself",
        )
    return member


def hdf5_variables(file: "h5py.File", path: Path) -> list[Variable]:
    """Numeric arrays at the top of an HDF5 file."""
    import h5py

    found = []
    for name in list(file)[:_MAX_NAMES]:
        if name.startswith("#"):  # what MATLAB keeps there for its own use
            continue
        member = hard_link(file, name, path)
        if isinstance(member, h5py.Dataset) and member.shape:
            variable = _hdf5_variable(name, member, path)
            if variable is not None:
                found.append(variable)
    return _joined_pairs(found)


def _hdf5_variable(name: str, dataset: Any, path: Path) -> Variable | None:
    fields = dataset.dtype.names
    if fields is not None:
        pair = next((pair for pair in _FIELDS if {f.lower() for f in fields} == pair), None)
        if pair is None or any(dataset.dtype[field].kind not in "fiu" for field in fields):
            return None
    elif dataset.dtype.kind not in "fciub":
        return None
    _check_size(name, dataset, path)

    def read(index: tuple[Any, ...]) -> np.ndarray:
        values = dataset[index]
        if fields is None:
            return np.asarray(values)
        real = next(field for field in fields if field.lower().startswith("r"))
        imaginary = next(field for field in fields if field.lower().startswith("i"))
        return _complex(values[real], values[imaginary])

    return Variable(name, tuple(int(n) for n in dataset.shape), read)


def _check_size(name: str, dataset: Any, path: Path) -> None:
    total = int(dataset.dtype.itemsize)
    for length in dataset.shape:
        total *= int(length)
    stored = int(dataset.id.get_storage_size())
    if total > stored * MAX_PACKING or (total > SMALL_BYTES and total > stored * LIKELY_PACKING):
        raise ScanError(
            f"the header promises {total / 1e6:.3g} MB for {name!r}, more than the file holds",
            source=path,
            remedy="the file is truncated or damaged, copy it again",
        )


def matlab5_variables(path: Path) -> list[Variable]:
    """Numeric arrays of a MATLAB file of versions 5.0 to 7.0.

    Raises
    ------
    ScanError
        If it is damaged, or a variable is larger than the file can hold.
    """
    import zlib

    from scipy.io import loadmat, whosmat
    from scipy.io.matlab import MatReadError

    errors = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, zlib.error,
              MatReadError, OverflowError, NotImplementedError, UnicodeError)  # fmt: skip
    damaged = ScanError(
        "the MATLAB file is damaged", source=path, remedy="copy it again, or save it with -v7.3"
    )
    try:
        listed = whosmat(str(path))[:_MAX_NAMES]
    except errors as error:
        raise damaged from error
    size = path.stat().st_size

    def variable(name: str, shape: tuple[int, ...]) -> Variable:
        loaded: list[np.ndarray] = []

        def read(index: tuple[Any, ...]) -> np.ndarray:
            if not loaded:
                try:
                    array = np.asarray(loadmat(str(path), variable_names=[name])[name])
                except errors as error:
                    raise damaged from error
                loaded.append(array.T)
            return loaded[0][index]

        return Variable(name, tuple(reversed(shape)), read)

    found = []
    for name, lengths, kind in listed:
        if kind not in ("double", "single", "logical") and not kind.startswith(("int", "uint")):
            continue
        one = variable(name, tuple(int(length) for length in lengths))
        if one.size > size * MAX_PACKING or (
            one.size * 8 > SMALL_BYTES and one.size * 8 > size * LIKELY_PACKING
        ):
            raise ScanError(
                f"the header promises {one.size * 8e-6:.3g} MB for {name!r}, more than the file "
                "holds",
                source=path,
                remedy="the file is truncated or damaged, copy it again",
            )
        found.append(one)
    return _joined_pairs(found)


def _joined_pairs(found: list[Variable]) -> list[Variable]:
    """Variables of which ``x_real`` and ``x_imag`` became one complex ``x``."""
    by_name = {one.name.lower(): one for one in found}
    result = []
    for one in found:
        match = _REAL_NAME.match(one.name)
        stem = match[1] if match else ""
        other = next(
            (
                by_name[name]
                for ending in ("imag", "im")
                for name in (f"{stem}_{ending}".lower(), f"{stem}{ending}".lower())
                if match and name in by_name
            ),
            None,
        )
        if other is None or other.shape != one.shape:
            result.append(one)
            continue
        result.append(Variable(stem or one.name, one.shape, _reader_of_pair(one, other)))
    return result


def _reader_of_pair(real: Variable, imaginary: Variable) -> Callable[[tuple[Any, ...]], np.ndarray]:
    return lambda index: _complex(real.read(index), imaginary.read(index))


def _complex(real: np.ndarray, imaginary: np.ndarray) -> np.ndarray:
    result = np.empty(np.shape(real), dtype=np.complex64)
    with np.errstate(all="ignore"):  # overflow becomes infinity, which a scan refuses
        result.real, result.imag = real, imaginary
    return result
