"""Papillary muscles and trabeculae of the left ventricle: muscle, or part of the blood pool."""

import numpy as np

from napari_cmr.analysis.volumes import MYOCARDIUM
from napari_cmr.scan import Label


def fill_cavity(labels: np.ndarray) -> np.ndarray:
    """Count the muscle inside the convex hull of the LV cavity as blood.

    In every slice of every frame the convex hull of the centres of the cavity's pixels is drawn;
    what is labelled as muscle, scar or no-reflow with its centre inside becomes cavity. A cavity
    that is convex already stays as it is, pixel by pixel. Background and the right ventricle stay
    too, so that nothing is taken from outside the wall. Where the labels
    already count papillary muscles as blood, as those of ACDC do, hardly anything changes. Where
    the septum bulges into the cavity, as in a pressure-loaded right ventricle, the hull takes a
    part of the septum: look at it.

    Both ways of counting are in use, and normal values hold for one of them (Schulz-Menger et al.,
    J Cardiovasc Magn Reson 22:19, 2020).

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)

    Returns
    -------
    ndarray of the same shape and type
        New; the labels themselves are not changed.
    """
    filled = np.array(labels)
    planes = filled.reshape(-1, *filled.shape[-2:])
    for plane in planes:
        rows = np.flatnonzero((plane == Label.LV).any(axis=1))
        if rows.size == 0:
            continue
        columns = np.flatnonzero((plane[rows[0] : rows[-1] + 1] == Label.LV).any(axis=0))
        part = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        muscle = np.isin(part, [int(label) for label in MYOCARDIUM])
        if muscle.any():
            part[muscle & _hull(part == Label.LV)] = Label.LV
    return filled


def _hull(inside: np.ndarray) -> np.ndarray:
    """Pixels whose centre lies in the convex hull of the centres of some pixels."""
    rows, columns = np.indices(inside.shape)
    hull = np.ones(inside.shape, dtype=bool)
    outline = _outline(inside)
    for (y, x), (next_y, next_x) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        hull &= (next_y - y) * (columns - x) - (next_x - x) * (rows - y) >= 0
    return hull


def _outline(inside: np.ndarray) -> np.ndarray:
    """Vertices (row, column) of the convex hull, in order: Andrew's monotone chain."""
    rows = np.flatnonzero(inside.any(axis=1))
    first = inside[rows].argmax(axis=1)
    last = inside.shape[1] - 1 - inside[rows, ::-1].argmax(axis=1)
    # In each row only the outermost pixels can be vertices.
    points = sorted(
        {(int(y), int(x)) for ends in (first, last) for y, x in zip(rows, ends, strict=True)}
    )
    chain: list[tuple[int, int]] = []
    for ordered in (points, points[::-1]):
        half: list[tuple[int, int]] = []
        for point in ordered:
            while len(half) >= 2 and _turn(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        chain += half[:-1]
    return np.array(chain)


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
