"""Late gadolinium slices of the EMIDEC data set as they are passed around: PNG pictures.

Lalande et al., Emidec: a database usable for the automatic evaluation of myocardial infarction
from delayed-enhancement cardiac MRI, Data 5(4):89, 2020. A folder holds ``images`` and ``labels``
with a file ``Case_X###_slice###.png`` for every slice of every case, N for normal and P for
pathological ones.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan.datasets.aspect import picture_stretch
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.inputs import check_input_file
from napari_cmr.scan.labels import translate_labels
from napari_cmr.scan.notices import Code, Notice
from napari_cmr.scan.scan import Scan
from napari_cmr.scan.subject import Subject

ASSUMED_SPACING_MM = (10.0, 1.5, 1.5)
"""``(dz, dy, dx)`` where nobody says better: the pictures have lost it. The originals have pixels
of 1.25 to 2 mm, and 10 to 13 mm between slices."""

_NAME = re.compile(r"(Case_([NP])(\d{1,4}))_slice(\d{1,4})\.png", re.IGNORECASE)
_GROUPS = {"N": "normal", "P": "infarct"}
_MAX_PIXELS = 4096
_MAX_BYTES = 64 << 20  # of one picture, which has a hundredth of it
_MAX_VOXELS = 2**28
# What Pillow raises for a damaged picture depends on where the damage is.
_PICTURE_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, EOFError, OverflowError, MemoryError,
    struct.error, zlib.error,
)  # fmt: skip
_MODES = ("L", "P", "I;16", "I")


def is_emidec_folder(folder: Path) -> bool:
    """Whether a folder holds ``images`` with slices that are named as in the data set."""
    images = folder / "images"
    return images.is_dir() and any(_NAME.fullmatch(entry.name) for entry in images.iterdir())


def emidec_cases(folder: str | PathLike[str]) -> dict[str, tuple[Path, ...]]:
    """List the cases of a folder.

    Parameters
    ----------
    folder : path
        Holds ``images`` and, for reference labels, ``labels``.

    Returns
    -------
    dict of str to tuple of Path
        Pictures of every case in the order of their slices, by its name, such as ``Case_P002``.

    Raises
    ------
    ScanError
        If there are none, or slices of a case are missing.
    """
    folder = Path(folder)
    found: dict[str, dict[int, Path]] = {}
    try:
        entries = sorted((folder / "images").iterdir())
    except OSError as error:
        raise ScanError(
            f"its images cannot be listed: {error.strerror}",
            source=folder,
            remedy="choose the folder that holds 'images' and 'labels'",
        ) from error
    for path in entries:
        match = _NAME.fullmatch(path.name)
        if match:
            found.setdefault(match[1], {})[int(match[4])] = path
    if not found:
        raise ScanError("holds no slice named like Case_P001_slice000.png", source=folder)
    for case, slices in found.items():
        gaps = sorted(set(range(min(slices), max(slices))) - set(slices))
        if gaps:
            raise ScanError(
                f"slice {gaps[0]:03d} of {case} is missing",
                source=folder,
                remedy="copy the folder again: a gap in the stack would change its volume",
            )
    return {case: tuple(slices[k] for k in sorted(slices)) for case, slices in found.items()}


def read_emidec(
    folder: str | PathLike[str],
    case: str,
    *,
    spacing: Sequence[float] | None = None,
    label_scheme: str | None = None,
) -> Scan:
    """Read one case.

    Parameters
    ----------
    folder : path
        Holds ``images`` and, for reference labels, ``labels``.
    case : str
        Name of the case, ``Case_P002`` or short ``P002``.
    spacing : sequence of 3 floats, optional
        ``(dz, dy, dx)`` in mm. Lost in the pictures: without it 10 x 1.5 x 1.5 mm are assumed, and
        a note says so, as every volume and mass hangs on it. Many pictures were made square by
        stretching one side, up to twice: how far is estimated from their spatial frequencies
        (:func:`napari_cmr.scan.datasets.aspect.picture_stretch`), and pixels are that much
        narrower.
    label_scheme : str, optional
        Numbering of the labels, ``"emidec"`` unless they were converted.

    Returns
    -------
    Scan
        One frame of kind ``"lge"``; its geometry is not trusted. Pictures of slices are scaled one
        by one: grey values compare within a slice only.

    Raises
    ------
    ScanError
        If there is no such case, or a picture is damaged or of another size.
    """
    folder = Path(folder)
    cases = emidec_cases(folder)
    name = next((one for one in cases if case.lower() in (one.lower(), one.lower()[5:])), None)
    if name is None:
        few = ", ".join([*cases][:3])
        raise ScanError(
            f"holds no case {case!r}",
            source=folder,
            remedy=f"choose one of its {len(cases)} cases, such as {few}",
        )
    files = cases[name]
    rows, columns = picture_shape(files[0])
    if len(files) * rows * columns > _MAX_VOXELS:
        raise ScanError(
            f"{len(files)} pictures of {columns} x {rows} pixels are too large to open",
            source=folder,
        )
    image = np.stack(_same_size([_read_picture(path) for path in files], files))
    labels = None
    label_files = [folder / "labels" / path.name for path in files]
    notes = [
        Notice(
            Code.GREY_LEVELS_CHANGED,
            "Every slice was scaled to grey values of its own when it was made a picture.",
        )
    ]
    present = [path.exists() for path in label_files]
    if all(present):
        stack = np.stack(_same_size([_read_picture(path) for path in label_files], label_files))
        if stack.shape != image.shape:
            raise ScanError("labels and images differ in size", source=label_files[0])
        scheme = label_scheme or "emidec"
        labels = translate_labels(stack, scheme, source=f"{folder}: labels of {name}")[None]
    elif any(present):
        raise ScanError(
            f"labels of {present.count(False)} of the {len(files)} slices of {name} are missing",
            source=folder,
            remedy="copy the folder again, or take its labels away",
        )
    if spacing is None:
        stretch = picture_stretch(image)
        dz, dy, dx = ASSUMED_SPACING_MM
        dy, dx = dy * min(stretch, 1.0), dx / max(stretch, 1.0)
        if stretch != 1.0:
            side, factor = ("wide", stretch) if stretch > 1 else ("high", 1 / stretch)
            notes.append(
                Notice(
                    Code.PICTURES_STRETCHED,
                    f"The pictures look stretched: {factor:.1f} times too {side}. Pixels are taken "
                    "to be that much smaller along this side.",
                )
            )
        notes.append(
            Notice(
                Code.SPACING_ASSUMED,
                f"The pictures have lost their spacing: pixels {dx:.3g} mm wide and {dy:.3g} mm "
                f"high, with slices {dz:g} mm apart, are assumed, and every volume and mass "
                "depends on that.",
            )
        )
        spacing = (dz, dy, dx)
    group = _GROUPS[name[5].upper()]
    return Scan(
        image=image[None].astype(np.float32),
        geometry=Geometry.regular(spacing, len(files)),
        name=name,
        source=folder,
        subject=Subject(group=group),
        labels=labels,
        kind="lge",
        notes=tuple(notes),
    )


def picture_shape(path: Path) -> tuple[int, int]:
    """Rows and columns of a picture, from its header.

    Raises
    ------
    ScanError
        If it is no PNG.
    """
    with _opened(path) as picture:
        return int(picture.size[1]), int(picture.size[0])


def _read_picture(path: Path) -> np.ndarray:
    """Grey values (Y, X) of one picture."""
    with _opened(path) as picture:
        if max(picture.size) > _MAX_PIXELS:
            raise ScanError(
                f"a picture of {picture.size[0]} x {picture.size[1]} pixels is no slice",
                source=path,
            )
        if picture.mode not in _MODES:
            raise ScanError(
                f"a picture of mode {picture.mode} holds no grey values or labels", source=path
            )
        return np.array(picture)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from PIL import Image

    try:
        check_input_file(path)
        if path.stat().st_size > _MAX_BYTES:
            raise ScanError("is too large for a picture of one slice", source=path)
        # From memory: of a file as many bytes are asked for as a damaged chunk claims to have.
        with Image.open(BytesIO(path.read_bytes()), formats=("PNG",)) as picture:
            yield picture
    except ScanError:
        raise
    except (*_PICTURE_ERRORS, Image.DecompressionBombError) as error:
        raise ScanError(
            "the picture is damaged or no PNG", source=path, remedy="copy or download it again"
        ) from error


def _same_size(pictures: list[np.ndarray], files: Sequence[Path]) -> list[np.ndarray]:
    for picture, path in zip(pictures, files, strict=True):
        if picture.shape != pictures[0].shape:
            raise ScanError(
                f"is {picture.shape[0]} x {picture.shape[1]} pixels, and the first slice of its "
                f"case {pictures[0].shape[0]} x {pictures[0].shape[1]}",
                source=path,
            )
    return pictures
