"""Which view of the heart a series shows, from its description or else from its geometry."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from napari_cmr.scan.dicom.header import Plane

View = Literal["SAX", "2CH", "3CH", "4CH", "other"]

# The left ventricle's long axis from base to apex in DICOM patient axes (LPS+): to the left, to
# the front and down. Hearts vary by some 25 degrees around it.
BASE_TO_APEX = np.array([0.60, -0.65, -0.47]) / np.linalg.norm([0.60, -0.65, -0.47])
_AXIS_TOLERANCE = np.cos(np.deg2rad(40.0))
_LONG_AXIS_TOLERANCE = 22.0  # degrees around the axis; an outflow tract view lies in between

_START, _END = r"(?:^|[^a-z])", r"(?:$|[^a-z])"
_WORDS: tuple[tuple[View, str], ...] = (
    ("other", r"rvot|scout|locali[sz]er|survey|aort|pulmonary|plan\b|4d ?flow"),
    ("3CH", r"lvot|3[ _-]?ch|three[ _-]?ch|3[ _-]?kammer"),
    ("4CH", rf"4[ _-]?ch|four[ _-]?ch|4[ _-]?kammer|horizontal[ _-]?long|{_START}hla{_END}"),
    ("2CH", rf"2[ _-]?ch|two[ _-]?ch|2[ _-]?kammer|vertical[ _-]?long|{_START}vla{_END}"),
    ("SAX", rf"{_START}sax|{_START}sa(?:$|[^a-z])|short[ _-]?ax|kurz|kurzachse|petit[ _-]?axe"),
)
_SORTS = (
    ("scout", r"scout|locali[sz]er|survey"),
    ("map", rf"molli|shmolli|sasha|{_START}t[12]\*?[ _-]?map|{_START}t1{_END}|{_START}ecv{_END}"),
    ("perfusion", r"perf|first[ _-]?pass|dynamic"),
    ("flow", r"flow|venc|phase[ _-]?contrast|velocity"),
    ("tagging", r"tag|spamm|dense"),
    ("lge", rf"psir|{_START}d?lge|{_START}de{_END}|{_START}d?e[ _-]?mri|delay|{_START}late|viab"
            rf"|ce[ _-]?mri|gadolinium|enhance|{_START}ti[ _-]?\d"),
)  # fmt: skip


def sort_of(description: str) -> str:
    """Sort of measurement that a description names: "lge", "map", "flow" ... or ""."""
    lowered = description.lower()
    return next((name for name, pattern in _SORTS if re.search(pattern, lowered)), "")


def view_of(description: str) -> View | None:
    """View that a description names, or None."""
    lowered = description.lower()
    return next((view for view, pattern in _WORDS if re.search(pattern, lowered)), None)


def guess_short_axis(groups: Sequence[tuple[Sequence[Plane], int]]) -> np.ndarray | None:
    """Normal of the short-axis planes of a study (LPS+, base to apex), or None.

    Parameters
    ----------
    groups : sequence of (planes, number of slices)
        Sets of parallel planes.

    Notes
    -----
    Planes that call themselves short axis decide. Otherwise it is the largest set of at least
    three parallel planes whose normal lies within 40 degrees of :data:`BASE_TO_APEX`; transverse,
    coronal and sagittal stacks lie 48 degrees and more away from it.
    """
    best: tuple[int, int, int] | None = None
    axis = None
    for planes, n_slices in groups:
        first = planes[0]
        if not first.placed or first.localizer:
            continue
        named = view_of(first.description)
        normal = first.normal if first.normal @ BASE_TO_APEX >= 0 else -first.normal
        if named not in (None, "SAX") or (
            named is None and (n_slices < 3 or float(normal @ BASE_TO_APEX) < _AXIS_TOLERANCE)
        ):
            continue
        rank = (int(named == "SAX"), n_slices, len(planes))
        if best is None or rank > best:
            best, axis = rank, normal
    return axis


def guess_view(
    planes: Sequence[Plane], *, n_frames: int, n_slices: int, axis: np.ndarray | None
) -> View:
    """View of a series: its description first, then its geometry.

    Parameters
    ----------
    planes : sequence of Plane
        Images of one orientation.
    n_frames, n_slices : int
    axis : ndarray or None
        Short-axis normal of the study, from :func:`guess_short_axis`.

    Notes
    -----
    Planes across the axis are SAX. A plane that contains the axis is told apart by the angle of
    its normal around the axis, as the 4-, 2- and 3-chamber planes lie about 60 degrees apart
    (through septum and lateral wall; anterior and inferior wall; anteroseptal and inferolateral
    wall: the 17-segment model, Cerqueira et al., Circulation 2002). Stills, phase images and all
    else are "other" unless their description says otherwise.
    """
    first = planes[0]
    sort = sort_of(first.description)
    # Phase-sensitive late enhancement may call itself a phase image and is none.
    if (first.component != "magnitude" and sort != "lge") or first.localizer:
        return "other"
    if sort in ("scout", "flow"):
        return "other"
    named = view_of(first.description)
    if named is not None:
        return named
    if not first.placed:
        # Nothing to go by: many parallel cine slices are nearly always the short axis.
        return "SAX" if n_frames > 1 and n_slices >= 5 else "other"
    axis = BASE_TO_APEX if axis is None else axis
    tilt = abs(float(first.normal @ axis))
    if tilt > np.cos(np.deg2rad(10.0)):
        return "SAX"
    if tilt > 0.5 or (n_frames == 1 and sort != "lge") or n_slices > 3:
        return "other"
    return _long_axis_view(first.normal, axis)


def _long_axis_view(normal: np.ndarray, axis: np.ndarray) -> View:
    left = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
    left /= np.linalg.norm(left)
    up = np.cross(axis, left)
    angle = np.rad2deg(np.arctan2(normal @ up, normal @ left)) % 180.0
    typical: dict[View, float] = {"4CH": 98.0, "2CH": 157.0, "3CH": 38.0}
    away = {v: abs((angle - at + 90.0) % 180.0 - 90.0) for v, at in typical.items()}
    nearest = min(away, key=lambda view: away[view])
    return nearest if away[nearest] < _LONG_AXIS_TOLERANCE else "other"
