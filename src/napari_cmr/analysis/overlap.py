"""Overlap of label maps."""

from collections.abc import Sequence

import numpy as np

from napari_cmr.analysis.contours import LABELS
from napari_cmr.scan import ScanError


def dice(
    first: np.ndarray,
    second: np.ndarray,
    *,
    labels: Sequence[int] = LABELS,
    per_slice: bool = False,
) -> np.ndarray:
    """Dice coefficient of every label: twice the overlap over the sum of sizes.

    Parameters
    ----------
    first, second : ndarray of whole numbers, shape (T, Z, Y, X)
        Label maps on one grid; the order does not matter.
    labels : sequence of int
        LV, MYO and RV by default.
    per_slice : bool
        One number for every slice, instead of one for the stack of every frame. Slice averages
        weigh a tiny apex like the wide mid-ventricle.

    Returns
    -------
    ndarray of float64, shape (T, number of labels) or (T, Z, number of labels)
        0 to 1. NaN where both maps lack the label (nothing to agree on), 0 where only one does.

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
    axes = (2, 3) if per_slice else (1, 2, 3)
    scores = []
    for label in labels:
        in_first, in_second = first == label, second == label
        size = in_first.sum(axis=axes) + in_second.sum(axis=axes)
        common = (in_first & in_second).sum(axis=axes)
        scores.append(np.where(size > 0, 2.0 * common / np.maximum(size, 1), np.nan))
    return np.stack(scores, axis=-1)
