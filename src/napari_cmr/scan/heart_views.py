"""Views of the heart: which one words name, and which one a slice's normal shows."""

import re
from typing import Literal

import numpy as np

View = Literal["SAX", "2CH", "3CH", "4CH", "LAX", "other"]
"""Short axis; 2-, 3- and 4-chamber long axes; long axes of which it is not known which, or several;
anything else, or not known. Late enhancement is no view: it comes in all of them."""

VIEW_NAMES: dict[View, str] = {
    "SAX": "short axis",
    "2CH": "2-chamber",
    "3CH": "3-chamber",
    "4CH": "4-chamber",
    "LAX": "long axis",
}
LONG_AXES: tuple[View, ...] = ("2CH", "3CH", "4CH", "LAX")

# The left ventricle's long axis from base to apex in DICOM patient axes (LPS+): to the left, to
# the front and down. Hearts vary by some 25 degrees around it.
BASE_TO_APEX = np.array([0.60, -0.65, -0.47]) / np.linalg.norm([0.60, -0.65, -0.47])
AXIS_TOLERANCE = np.cos(np.deg2rad(40.0))
_LONG_AXIS_TOLERANCE = 22.0  # degrees around the axis; an outflow tract view lies in between

_START, _END = r"(?:^|[^a-z])", r"(?:$|[^a-z])"
_WORDS: tuple[tuple[View, str], ...] = (
    ("other", r"rvot|scout|locali[sz]er|survey|aort|pulmonary|plan\b|4d ?flow"),
    ("3CH", r"lvot|3[ _-]?ch|three[ _-]?ch|3[ _-]?kammer"),
    ("4CH", rf"4[ _-]?ch|four[ _-]?ch|4[ _-]?kammer|horizontal[ _-]?long|{_START}hla{_END}"),
    ("2CH", rf"2[ _-]?ch|two[ _-]?ch|2[ _-]?kammer|vertical[ _-]?long|{_START}vla{_END}"),
    ("SAX", rf"{_START}sax|{_START}sa(?:$|[^a-z])|short[ _-]?ax|kurz|kurzachse|petit[ _-]?axe"),
    ("LAX", rf"{_START}lax{_END}|long[ _-]?ax|lange[ _-]?achse"),
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


def view_of_normal(normal: np.ndarray, axis: np.ndarray | None = None) -> View:
    """View that a plane shows, from its normal.

    Parameters
    ----------
    normal : ndarray, shape (3,)
        Unit vector across the slice in DICOM patient axes (LPS+); its sign does not matter.
    axis : ndarray, shape (3,), optional
        Short-axis normal of the study; :data:`BASE_TO_APEX` if it is not known.

    Notes
    -----
    Planes across the axis are SAX. A plane that contains the axis is told apart by the angle of
    its normal around the axis, as the 4-, 2- and 3-chamber planes lie about 60 degrees apart
    (through septum and lateral wall; anterior and inferior wall; anteroseptal and inferolateral
    wall: the 17-segment model, Cerqueira et al., Circulation 2002).
    """
    tilt = abs(float(normal @ (BASE_TO_APEX if axis is None else axis)))
    # Against the study's own axis a short axis is exact; against that of most hearts it is not.
    if tilt > (AXIS_TOLERANCE if axis is None else np.cos(np.deg2rad(10.0))):
        return "SAX"
    if tilt > 0.5:
        return "other"
    return _long_axis_view(normal, BASE_TO_APEX if axis is None else axis)


def _long_axis_view(normal: np.ndarray, axis: np.ndarray) -> View:
    left = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
    left /= np.linalg.norm(left)
    up = np.cross(axis, left)
    angle = np.rad2deg(np.arctan2(normal @ up, normal @ left)) % 180.0
    typical: dict[View, float] = {"4CH": 98.0, "2CH": 157.0, "3CH": 38.0}
    away = {v: abs((angle - at + 90.0) % 180.0 - 90.0) for v, at in typical.items()}
    nearest = min(away, key=lambda view: away[view])
    return nearest if away[nearest] < _LONG_AXIS_TOLERANCE else "other"
