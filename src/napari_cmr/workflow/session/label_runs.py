"""Label maps as runs: sparse, exact, and as harmless as a list of numbers can be.

A run is three whole numbers: where it starts in the flattened ``(T, Z, Y, X)`` array (C order,
from 0), how many voxels it has, and the label that they get. Runs are sorted and do not overlap.
"""

from collections.abc import Sequence

import numpy as np

from napari_cmr.scan import Label, ScanError


def encode_runs(labels: np.ndarray, base: np.ndarray | None = None) -> tuple[int, ...]:
    """Runs of the voxels in which a label map differs from another.

    Parameters
    ----------
    labels : ndarray of whole numbers
    base : ndarray of the same shape, optional
        Background everywhere by default.

    Returns
    -------
    tuple of int
        ``start, length, label, start, length, label, ...``; empty where the maps are equal.
    """
    flat = np.ravel(labels)
    changed = flat != (0 if base is None else np.ravel(base))
    places = np.flatnonzero(changed)
    if not places.size:
        return ()
    values = flat[places].astype(np.int64)
    begins = np.flatnonzero((np.diff(places) != 1) | (np.diff(values) != 0)) + 1
    begins = np.concatenate([[0], begins])
    lengths = np.diff(np.append(begins, places.size))
    runs = np.stack([places[begins], lengths, values[begins]], axis=1)
    return tuple(runs.ravel().tolist())


def apply_runs(runs: Sequence[int], base: np.ndarray) -> np.ndarray:
    """Label map that differs from ``base`` in the runs.

    Parameters
    ----------
    runs : sequence of int
        As :func:`encode_runs` gives them.
    base : ndarray of whole numbers
        Is not changed.

    Returns
    -------
    ndarray of uint8, shape of ``base``

    Raises
    ------
    ScanError
        If the numbers are no runs of an array of that size: out of order, out of bounds, or not of
        a :class:`~napari_cmr.scan.Label`.
    """
    labels = np.array(base, dtype=np.uint8, order="C")
    if len(runs) % 3:
        raise ScanError("runs of labels come in threes: start, length, label")
    if not runs:
        return labels
    try:
        table = np.array(runs, dtype=np.int64).reshape(-1, 3)
    except (OverflowError, ValueError) as error:
        raise ScanError("a run of labels is too long") from error
    starts, lengths, values = table.T
    ends = starts + lengths
    in_order = starts[0] >= 0 and (lengths > 0).all() and (starts[1:] >= ends[:-1]).all()
    if not in_order or ends[-1] > labels.size or ends.min() < 0:
        raise ScanError("the runs of labels lie outside the scan, or over each other")
    if values.min() < 0 or values.max() > max(Label):
        raise ScanError("a run has a number that is no label", remedy="labels are 0 to 5")
    flat = labels.reshape(-1)
    for start, end, value in zip(starts.tolist(), ends.tolist(), values.tolist(), strict=True):
        flat[start:end] = value
    return labels
