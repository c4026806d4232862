"""Left atria of the 2018 segmentation challenge: late enhancement, a NumPy archive a patient.

Xiong et al., A global benchmark of algorithms for segmenting the left atrium from late
gadolinium-enhanced cardiac magnetic resonance imaging, Medical Image Analysis 67:101832, 2021;
cropped around the atrium by Yu et al., MICCAI 2019. A file ``caseNN.npz`` holds ``image`` and
``label``, bytes of the shape (Z, Y, X).
"""

import math
import zlib
from io import BytesIO
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.inputs import check_input_file
from napari_cmr.scan.labels import translate_labels
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan

SPACING_MM = (0.625, 0.625, 0.625)
"""``(dz, dy, dx)`` of the data set as published; the files do not hold it."""

_FIRST_MEMBERS = (b"image.npy", b"label.npy")
_MAX_BYTES = 2**27
_HEADER_BYTES = 4096
_ARCHIVE_ERRORS = (
    BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, RuntimeError,
    NotImplementedError, OverflowError, MemoryError, SyntaxError, TypeError,
)  # fmt: skip


def is_lasc_start(start: bytes) -> bool:
    """Whether a file that starts with these bytes is an archive of an image and its labels."""
    return start[:4] == b"PK\x03\x04" and start[30:39] in _FIRST_MEMBERS


def is_lasc_file(path: Path) -> bool:
    """Whether a path is such a file, by its name and first bytes."""
    if path.suffix.lower() != ".npz" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return is_lasc_start(file.read(39))
    except OSError:
        return False  # somebody else's file


def read_lasc(path: str | PathLike[str], *, label_scheme: str | None = None) -> Scan:
    """Read one patient.

    Parameters
    ----------
    path : path
        A file ``caseNN.npz``.
    label_scheme : str, optional
        Numbering of the labels, ``"lasc"`` unless they were converted.

    Returns
    -------
    Scan
        One frame of kind ``"lge"``, axial slices (view ``"other"``) from one end of the atrium to
        the other; labels of the left atrium's cavity. Spacing is that of the publication.

    Raises
    ------
    ScanError
        If the file is damaged, or its arrays are no stacks of bytes of one shape.
    """
    path = Path(path)
    check_input_file(path)
    try:
        with ZipFile(path) as archive:
            image = _bytes_of(archive, "image")
            labels = _bytes_of(archive, "label")
    except _ARCHIVE_ERRORS as error:
        if isinstance(error, ScanError):
            raise
        raise ScanError(
            f"is no readable archive of 'image' and 'label': {error or type(error).__name__}",
            source=path,
            remedy="copy or download it again",
        ) from error
    if image.shape != labels.shape:
        raise ScanError(
            f"labels of shape {labels.shape} on an image of shape {image.shape}", source=path
        )
    return Scan(
        image=image[None].astype(np.float32),
        geometry=Geometry.regular(SPACING_MM, len(image)),
        name=path.stem,
        source=path,
        labels=translate_labels(labels, label_scheme or "lasc", source=str(path))[None],
        kind="lge",
        view="other",
        notes=(
            Notice(
                Code.SPACING_ASSUMED,
                "The file does not hold its spacing: "
                f"{' x '.join(f'{one:g}' for one in SPACING_MM)} mm are assumed, as the data set "
                "was published, and every volume depends on that.",
            ),
            Notice(
                Code.GREY_LEVELS_CHANGED,
                "The image was cut around the atrium and stored in 256 grey levels when the data "
                "set was made: its k-space is not the scanner's.",
            ),
        ),
    )


def _bytes_of(archive: ZipFile, name: str) -> np.ndarray:
    """Stack of bytes of an archive, which is not unpacked if it claims to be larger than a scan."""
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > _MAX_BYTES:
        raise ScanError(
            f"{name!r} of {member.file_size} bytes is too large for a scan", source=archive.filename
        )
    with archive.open(member) as file:
        content = file.read(_MAX_BYTES + 1)
    header = BytesIO(content)
    np.lib.format.read_magic(header)
    shape, columns_first, kind = np.lib.format.read_array_header_1_0(header, _HEADER_BYTES)
    size = math.prod(shape)
    if kind != np.uint8 or len(shape) != 3 or not size:
        raise ScanError(
            f"{name!r} of {kind} and shape {shape} is no stack of bytes", source=archive.filename
        )
    if len(content) - header.tell() != size:
        raise ValueError(f"{name!r} is cut off")
    array = np.frombuffer(content, np.uint8, size, header.tell())
    return array.reshape(shape, order="F" if columns_first else "C")
