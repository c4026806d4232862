"""One way to show a heart to a network, however its file stores rows and columns.

Networks answer a little differently for mirror images and quarter turns of one picture, although
they have learned from all of them. The same scan must give the same labels whichever way it is
stored, so it is turned before a network sees it, and the answer is turned back.

The affine is not asked: it is missing or wrong in many files, and the same picture must give the
same labels with and without it.
"""

import numpy as np

from napari_cmr.scan import Geometry
from napari_cmr.zoo.views import AS_STORED, TURNS, Turn

#: Where the bright side of a picture goes: down and a little to the left, as in short-axis stacks
#: that scanners write. As (row, column), in the middle of one of the eight sectors that turns bring
#: to one another: exactly one of them brings a picture there.
BRIGHT_SIDE = np.array([np.cos(np.pi / 8), -np.sin(np.pi / 8)])


def canonical_turn(images: np.ndarray, geometry: Geometry) -> Turn:
    """Turn that brings a stack to the one orientation that networks are shown.

    What is seen says: tissue near the receive coils is brightest, so the centre of brightness lies
    off the middle of the picture. Whichever side that is, it is the same side of the patient
    however the picture is stored.

    Parameters
    ----------
    images : ndarray, shape (Z, Y, X)
        Magnitude.
    geometry : Geometry
    """
    total = images.astype(np.float64).sum(axis=0)
    if total.sum() <= 0:
        return AS_STORED
    offsets = [
        (total.sum(axis=1 - axis) * (np.arange(length) - (length - 1) / 2)).sum() * step
        for axis, (length, step) in enumerate(zip(total.shape, geometry.spacing[1:], strict=True))
    ]
    return max(TURNS, key=lambda turn: float(_turned(turn, np.array(offsets)) @ BRIGHT_SIDE))


def _turned(turn: Turn, way: np.ndarray) -> np.ndarray:
    """A direction (row, column) of a picture, in the turned picture."""
    way = way[::-1] if turn.transposed else way
    return np.array([-at if axis in turn.flipped else at for axis, at in enumerate(way, start=2)])
