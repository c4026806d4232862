"""What a voxel is: the one label numbering of the project, and how others map onto it."""

from enum import IntEnum
from types import MappingProxyType
from typing import Literal

import numpy as np

from napari_cmr.scan.errors import ScanError


class Label(IntEnum):
    """Tissue classes, in the project's own numbering."""

    BACKGROUND = 0
    LV = 1
    MYO = 2
    RV = 3
    SCAR = 4
    NO_REFLOW = 5
    LA = 6


# The same colours in overlays, curves, tables and reports (sRGB, 0-1). Chosen to stay apart in
# deuteranopia and protanopia; contours differ in dash as well.
LABEL_COLOURS = MappingProxyType(
    {
        Label.LV: (0.90, 0.22, 0.21),
        Label.MYO: (0.26, 0.74, 0.34),
        Label.RV: (0.20, 0.50, 0.96),
        Label.SCAR: (1.00, 0.80, 0.15),
        Label.NO_REFLOW: (0.62, 0.32, 0.80),
        Label.LA: (0.96, 0.55, 0.15),
    }
)

_UNKNOWN = 255
_ROUNDING = 1e-3

#: Part of a label that lies in the wall if it is scar, and does not if it is a right ventricle.
MOSTLY = 0.8
#: Part of the border of a cavity that may touch the background rather than its wall.
MOST_BARE = 0.2

# Each scheme maps the numbers of a published data set to ours.
LABEL_SCHEMES: MappingProxyType[str, MappingProxyType[int, Label]] = MappingProxyType(
    {
        "napari-cmr": MappingProxyType({int(label): label for label in Label}),
        "acdc": MappingProxyType({0: Label.BACKGROUND, 1: Label.RV, 2: Label.MYO, 3: Label.LV}),
        "mnms": MappingProxyType({0: Label.BACKGROUND, 1: Label.LV, 2: Label.MYO, 3: Label.RV}),
        "emidec": MappingProxyType(
            {
                0: Label.BACKGROUND,
                1: Label.LV,
                2: Label.MYO,
                3: Label.SCAR,
                4: Label.NO_REFLOW,
            }
        ),
        "lasc": MappingProxyType({0: Label.BACKGROUND, 1: Label.LA}),
    }
)


def translate_labels(labels: np.ndarray, scheme: str, *, source: str = "labels") -> np.ndarray:
    """Translate a data set's label numbers to :class:`Label`.

    Parameters
    ----------
    labels : ndarray
        Whole numbers of any shape and dtype.
    scheme : str
        A key of :data:`LABEL_SCHEMES`.
    source : str
        What to name in an error, usually the file.

    Returns
    -------
    ndarray of uint8
        The same shape, in the numbering of :class:`Label`.

    Raises
    ------
    ScanError
        If the scheme is unknown, or a value is not a whole number of that scheme.
    """
    if scheme not in LABEL_SCHEMES:
        raise ScanError(
            f"unknown label scheme {scheme!r}",
            source=source,
            remedy=f"use one of {', '.join(LABEL_SCHEMES)}",
        )
    mapping = LABEL_SCHEMES[scheme]
    table = np.full(256, _UNKNOWN, dtype=np.uint8)
    for number, label in mapping.items():
        table[number] = label
    labels = np.asarray(labels)
    if labels.dtype == np.uint8:
        translated = _look_up(table, labels)
        if not (translated == _UNKNOWN).any():
            return translated
    if labels.dtype.kind == "f":
        # Stored with a scale, whole numbers come back a little off.
        whole = np.rint(labels)
        if np.abs(labels - whole).max(initial=0.0) <= _ROUNDING:
            labels = whole
    values = np.unique(labels)
    unknown = [value for value in values.tolist() if value not in mapping]
    if unknown:
        shown = ", ".join(f"{value:.10g}" for value in unknown[:5])
        raise ScanError(
            f"label values {shown} are not part of the scheme {scheme!r} "
            f"(which has {', '.join(str(key) for key in mapping)})",
            source=source,
            remedy="choose the scheme of the data set, or convert the labels",
        )
    return table[labels.astype(np.intp)]


def _look_up(table: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """``table[labels]`` of bytes; numpy's own index would take eight bytes a voxel first."""
    if not labels.flags.forc:
        labels = np.ascontiguousarray(labels)
    order: Literal["C", "F"] = "C" if labels.flags.c_contiguous else "F"
    found = bytearray(labels.ravel(order)).translate(table.tobytes())
    return np.frombuffer(found, dtype=np.uint8).reshape(labels.shape, order=order)


def third_is_scar(values: np.ndarray) -> bool:
    """Whether the label 3 of a still stack (Z, Y, X) with 1 LV and 2 myocardium lies in the wall.

    Scar does: it is no further from the middle of the cavity than the outermost muscle of its
    slice. A right ventricle lies beyond it. Labels whose cavity lies bare are of no heart.
    """
    if np.iscomplexobj(values) or not np.isin(values, range(5)).all():
        return False
    within = beyond = bare = border = 0
    for plane in values:
        pairs = ((plane[1:], plane[:-1]), (plane[:, 1:], plane[:, :-1]))
        for one, other in (*pairs, *(pair[::-1] for pair in pairs)):
            bare += int(((one == 1) & (other == 0)).sum())
            border += int(((one == 1) & (other != 1)).sum())
        cavity, muscle, third = (np.argwhere(plane == number) for number in (1, 2, 3))
        if cavity.size and muscle.size and third.size:
            middle = cavity.mean(axis=0)
            reach = np.linalg.norm(muscle - middle, axis=1).max()
            away = np.linalg.norm(third - middle, axis=1)
            within += int((away <= reach).sum())
            beyond += int((away > reach).sum())
    return within > MOSTLY * (within + beyond) and bare < MOST_BARE * border
