"""Letters at the edges of a picture that say where in the patient they lie."""

from typing import NamedTuple

import numpy as np

from napari_cmr.scan.geometry import Geometry

_LETTERS = (("L", "R"), ("P", "A"), ("I", "S"))
"""Of the three patient axes (RAS+), towards their lower and their higher end."""

_WORTH_SAYING = float(np.sin(np.radians(22.5)))
"""Component of a direction that gets a letter: half of the way to the next diagonal."""


class EdgeLetters(NamedTuple):
    """What lies beyond each edge, such as ``L`` or ``AL``: the main direction first."""

    left: str
    right: str
    top: str
    bottom: str


def edge_letters(geometry: Geometry, z: int) -> EdgeLetters | None:
    """Letters of a slice; None where the geometry is a guess.

    Parameters
    ----------
    geometry : Geometry
    z : int
        Slice.

    Returns
    -------
    EdgeLetters or None
        R and L, A and P, S and I are the patient's right and left, front and back, head and feet.
    """
    if not geometry.trusted:
        return None
    axes = geometry.affines[z, :3, :2]
    along_row, down_column = (axes / np.linalg.norm(axes, axis=0)).T
    return EdgeLetters(
        _letters(-along_row), _letters(along_row), _letters(-down_column), _letters(down_column)
    )


def _letters(direction: np.ndarray) -> str:
    order = np.argsort(-np.abs(direction), kind="stable")
    said = [axis for axis in order if abs(direction[axis]) >= _WORTH_SAYING]
    return "".join(_LETTERS[axis][int(direction[axis] > 0)] for axis in said)
