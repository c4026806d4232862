"""Distances between the contours of label maps, in mm, slice by slice.

A contour is the set of pixels of a mask that have a 4-neighbour outside of it (or lie at the edge
of the image), and distances run between pixel centres. So defined, the Hausdorff distance, the
directed averages and the average over both contours' points are those of medpy (``hd``, ``asd``,
``assd``) and MONAI. Packages that weigh surface elements by their area give lower averages.

Masks are cropped to the label and only contour points are compared, which is what makes it fast.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from napari_cmr.scan import Label, ScanError

LABELS = (Label.LV, Label.MYO, Label.RV)
_LARGEST_TABLE = 1 << 18  # pairs of points beyond which a tree is faster than all distances


@dataclass(frozen=True)
class ContourDistance:
    """Distances between two contours, in mm.

    Attributes
    ----------
    first_to_second, second_to_first : float
        Mean distance of the points of one contour to the nearest of the other: the directed
        average surface distance (ASD).
    average_surface : float
        Mean over the points of both contours together.
    hausdorff : float
        Largest distance of any point of either contour to the other contour.
    """

    first_to_second: float
    second_to_first: float
    average_surface: float
    hausdorff: float

    @property
    def mean_contour(self) -> float:
        """Mean contour distance: the mean of the two directed averages."""
        return 0.5 * (self.first_to_second + self.second_to_first)


@dataclass(frozen=True, eq=False)
class LabelDistances:
    """Contour distances of every label in every slice of two label maps, in mm.

    Arrays have the shape (T, Z, number of labels), and NaN where a label is absent from one map or
    from both; ``in_first`` and ``in_second`` tell these apart.

    Attributes
    ----------
    labels : tuple of int
        What the last axis stands for.
    mean_contour, hausdorff, average_surface, first_to_second, second_to_first : ndarray
        See :class:`ContourDistance`.
    in_first, in_second : ndarray of bool
        Whether the label is there at all.
    """

    labels: tuple[int, ...]
    mean_contour: np.ndarray
    hausdorff: np.ndarray
    average_surface: np.ndarray
    first_to_second: np.ndarray
    second_to_first: np.ndarray
    in_first: np.ndarray
    in_second: np.ndarray

    @property
    def n_disagreements(self) -> np.ndarray:
        """Slices in which only one map has the label, for each label: no distance tells of them."""
        return (self.in_first != self.in_second).sum(axis=(0, 1))

    def mean(self, name: str = "mean_contour") -> dict[int, float]:
        """Mean over all slices that both maps have, by label; NaN where there are none."""
        values = getattr(self, name)
        return {
            label: float(np.mean(values[..., i][~np.isnan(values[..., i])]))
            if not np.isnan(values[..., i]).all()
            else float("nan")
            for i, label in enumerate(self.labels)
        }


def contour_distance(
    first: np.ndarray, second: np.ndarray, spacing: tuple[float, float]
) -> ContourDistance | None:
    """Distances between the contours of two masks of one slice.

    Parameters
    ----------
    first, second : ndarray of bool, shape (Y, X)
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    ContourDistance or None
        None if a mask is empty: an empty contour lies nowhere.

    Raises
    ------
    ScanError
        If the masks differ in shape.
    """
    distances = label_distances(
        np.asarray(first, dtype=bool)[None, None].astype(np.uint8),
        np.asarray(second, dtype=bool)[None, None].astype(np.uint8),
        spacing,
        labels=(1,),
    )
    if not (distances.in_first.item() and distances.in_second.item()):
        return None
    return ContourDistance(
        first_to_second=distances.first_to_second.item(),
        second_to_first=distances.second_to_first.item(),
        average_surface=distances.average_surface.item(),
        hausdorff=distances.hausdorff.item(),
    )


def label_distances(
    first: np.ndarray,
    second: np.ndarray,
    spacing: Sequence[float],
    *,
    labels: Sequence[int] = LABELS,
) -> LabelDistances:
    """Contour distances of every label in every slice.

    Parameters
    ----------
    first, second : ndarray of whole numbers, shape (T, Z, Y, X)
        Label maps on one grid.
    spacing : sequence of floats
        ``(dy, dx)`` or ``(dz, dy, dx)`` in mm; slices are compared in their own plane, so that
        ``dz`` does not matter.
    labels : sequence of int
        LV, MYO and RV by default. The contour of MYO is its inner and outer border together.

    Returns
    -------
    LabelDistances

    Raises
    ------
    ScanError
        If the maps differ in shape.
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or first.ndim != 4:
        raise ScanError(
            f"labels of shape {first.shape} and {second.shape} cannot be compared",
            remedy="both must be (T, Z, Y, X) on one grid",
        )
    dy, dx = (float(step) for step in spacing[-2:])
    n_frames, n_slices = first.shape[:2]
    shape = (n_frames, n_slices, len(labels))
    measured = np.full((4, *shape), np.nan)
    present = np.zeros((2, *shape), dtype=bool)
    first, second = _crop(first, second)
    for i, label in enumerate(labels):
        pairs = zip(
            _contours(first == label, dy, dx), _contours(second == label, dy, dx), strict=True
        )
        for place, (a, b) in enumerate(pairs):
            at = (*divmod(place, n_slices), i)
            present[(0, *at)], present[(1, *at)] = len(a) > 0, len(b) > 0
            if len(a) and len(b):
                measured[(slice(None), *at)] = _compare(a, b)
    to_second, to_first, average, hausdorff = measured
    return LabelDistances(
        labels=tuple(int(label) for label in labels),
        mean_contour=0.5 * (to_second + to_first),
        hausdorff=hausdorff,
        average_surface=average,
        first_to_second=to_second,
        second_to_first=to_first,
        in_first=present[0],
        in_second=present[1],
    )


def _crop(*maps: np.ndarray) -> list[np.ndarray]:
    """Planes ``(T * Z, y, x)`` of label maps, without the background around all of them.

    A pixel of background stays on every side, which also stands in for the edge of the image.
    """
    planes = [one.reshape(-1, *one.shape[2:]) for one in maps]
    used = np.zeros(planes[0].shape[1:], dtype=bool)
    for one in planes:
        used |= one.any(axis=0)
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    box = tuple(
        slice(inside[0], inside[-1] + 1) if inside.size else slice(0, 0)
        for inside in (rows, columns)
    )
    return [np.pad(one[:, *box], ((0, 0), (1, 1), (1, 1))) for one in planes]


def _contours(inside: np.ndarray, dy: float, dx: float) -> Iterator[np.ndarray]:
    """Contour points ``(n, 2)`` in mm of every plane of padded masks, in order."""
    core = inside[:, 1:-1, 1:-1]
    surrounded = inside[:, :-2, 1:-1] & inside[:, 2:, 1:-1]
    surrounded &= inside[:, 1:-1, :-2]
    surrounded &= inside[:, 1:-1, 2:]
    contour = core > surrounded
    flat = np.flatnonzero(contour)
    n_rows, n_columns = contour.shape[1:]
    plane, within = np.divmod(flat, max(n_rows * n_columns, 1))
    points = np.stack(np.divmod(within, n_columns), axis=1) * (dy, dx)
    ends = np.searchsorted(plane, np.arange(len(contour) + 1))
    for start, end in pairwise(ends):
        yield points[start:end]


def _compare(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float, float]:
    """Directed means, mean over all points, and the largest distance."""
    if len(a) * len(b) <= _LARGEST_TABLE:
        squared = np.subtract.outer(a[:, 0], b[:, 0])
        squared *= squared
        across = np.subtract.outer(a[:, 1], b[:, 1])
        across *= across
        squared += across
        from_a, from_b = np.sqrt(squared.min(axis=1)), np.sqrt(squared.min(axis=0))
    else:
        from scipy.spatial import cKDTree

        from_a, from_b = cKDTree(b).query(a)[0], cKDTree(a).query(b)[0]
    total_a, total_b = float(from_a.sum()), float(from_b.sum())
    return (
        total_a / len(a),
        total_b / len(b),
        (total_a + total_b) / (len(a) + len(b)),
        float(max(from_a.max(), from_b.max())),
    )
