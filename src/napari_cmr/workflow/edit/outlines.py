"""Labels of the heart as nested outlines, so that smoothing or blending them leaves no gaps.

The cavity of the left ventricle lies within the epicardium, no-reflow within scar, and scar within
the wall. Each of these sets has a signed distance to its rim; sets that are moved, smoothed or
blended one by one are put together again so that what was nested stays nested and what touched
still touches.
"""

from collections.abc import Sequence

import numpy as np

from napari_cmr.scan import Label

LV, EPI, RV, LESION, NO_REFLOW, HEART = range(6)
"""Index of each set: LV cavity; cavity and wall; RV cavity; scar and no-reflow; no-reflow; all."""

N_SETS = 6
FAR_MM = -1000.0
"""Signed distance to a set that is not there."""

HAIRLINE_MM = 1.5
"""Between two structures that touched, a gap up to twice this wide is closed."""

_WALL = (Label.MYO, Label.SCAR, Label.NO_REFLOW)


def sets_of(labels: np.ndarray) -> np.ndarray:
    """Nested sets of labels.

    Parameters
    ----------
    labels : ndarray of whole numbers, any shape

    Returns
    -------
    ndarray of bool, shape (6, ...)
        In the order of the indices above.
    """
    lv = labels == Label.LV
    lesion = np.isin(labels, (Label.SCAR, Label.NO_REFLOW))
    return np.stack(
        [
            lv,
            lv | lesion | (labels == Label.MYO),
            labels == Label.RV,
            lesion,
            labels == Label.NO_REFLOW,
            labels > 0,
        ]
    )


def labels_of_sets(sets: np.ndarray) -> np.ndarray:
    """Labels of nested sets; the left ventricle wins where the right one overlaps it.

    Parameters
    ----------
    sets : ndarray of bool, shape (6, ...)
        The last one is not looked at.

    Returns
    -------
    ndarray of uint8, shape (...)
    """
    labels = np.where(sets[RV], np.uint8(Label.RV), np.uint8(Label.BACKGROUND))
    inside = sets[EPI]
    labels[inside] = Label.MYO
    labels[inside & sets[LESION]] = Label.SCAR
    labels[inside & sets[LESION] & sets[NO_REFLOW]] = Label.NO_REFLOW
    labels[inside & sets[LV]] = Label.LV
    return labels


def signed_distances(sets: np.ndarray, pixel: Sequence[float]) -> np.ndarray:
    """In-plane signed distance to the rim of every set.

    Parameters
    ----------
    sets : ndarray of bool, shape (n, Z, Y, X)
    pixel : sequence of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    ndarray of float32, shape (n, Z, Y, X)
        In mm, positive inside; ``FAR_MM`` in slices without the set.
    """
    from scipy.ndimage import distance_transform_edt

    distances = np.full(sets.shape, FAR_MM, np.float32)
    half = min(pixel) / 2
    for index, z in np.argwhere(sets.any(axis=(2, 3))):
        inside = np.pad(sets[index, z], 1)  # a rim, even where a set fills the view
        inward = distance_transform_edt(inside, sampling=pixel)
        outward = distance_transform_edt(~inside, sampling=pixel)
        distances[index, z] = np.where(inside, inward - half, half - outward)[1:-1, 1:-1]
    return distances


def labels_of_distances(distances: np.ndarray) -> np.ndarray:
    """Labels of signed distances to nested sets.

    Parameters
    ----------
    distances : ndarray of float, shape (6, ...)
        In mm, as from :func:`signed_distances`, moved or blended.

    Returns
    -------
    ndarray of uint8, shape (...)
        A voxel that lies in both ventricles belongs to the one in which it lies deeper. A hairline
        between them that lies within the heart belongs to the nearer one.
    """
    epi, rv = distances[EPI], distances[RV]
    sets = distances > 0
    gap = ~(sets[EPI] | sets[RV]) & sets[HEART] & (np.maximum(epi, rv) > -HAIRLINE_MM)
    left = epi >= rv
    sets[EPI] = left & (sets[EPI] | gap)
    sets[RV] = ~left & (sets[RV] | gap)
    return labels_of_sets(sets)


def blend(first: np.ndarray, second: np.ndarray, weight: float) -> np.ndarray:
    """Signed distances between two shapes: ``first`` at a weight of 0, ``second`` at 1.

    A set that only one of them has shrinks on the way to the other, and is gone halfway.

    Parameters
    ----------
    first, second : ndarray of float, shape (n, Z, Y, X)
    weight : float
        Of ``second``, 0 to 1.
    """
    in_first, in_second = (_is_present(one) for one in (first, second))
    start = np.where(in_first, first, _emptied(second))
    end = np.where(in_second, second, _emptied(first))
    # Where neither has the set both are far away, and what is between them is as far.
    return (1 - weight) * start + weight * end


def _is_present(distances: np.ndarray) -> np.ndarray:
    present: np.ndarray = np.any(distances > 0, axis=(2, 3), keepdims=True)
    return present


def _emptied(distances: np.ndarray) -> np.ndarray:
    """As far below zero at the deepest point as that lies above it."""
    return distances - 2 * np.maximum(distances.max(axis=(2, 3), keepdims=True), 0)
