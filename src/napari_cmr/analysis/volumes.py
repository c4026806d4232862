"""Volumes from labels: count the voxels of every slice, sum the slices."""

from collections.abc import Sequence

import numpy as np

from napari_cmr.scan import Geometry, Label, ScanError

MYOCARDIAL_DENSITY_G_PER_ML = 1.05
"""Density of myocardium, g/mL, as in Schulz-Menger et al., J Cardiovasc Magn Reson 22:19, 2020."""

MYOCARDIUM = (Label.MYO, Label.SCAR, Label.NO_REFLOW)
"""Labels that are muscle: scar and no-reflow lie inside the myocardium."""


def voxel_counts(labels: np.ndarray) -> np.ndarray:
    """Count the voxels of every label in every slice of every frame.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
        In the numbering of :class:`~napari_cmr.scan.Label`.

    Returns
    -------
    ndarray of int64, shape (T, Z, number of labels)

    Raises
    ------
    ScanError
        If the labels are not four-dimensional.
    """
    labels = _checked(labels)
    n_frames, n_slices = labels.shape[:2]
    planes = labels.reshape(n_frames * n_slices, -1)
    counts = np.zeros((len(planes), len(Label)), dtype=np.int64)
    # One small plane at a time stays in cache: faster than whole-stack comparisons.
    for plane, row in zip(planes, counts, strict=True):
        if plane.any():
            for label in Label:
                row[label] = np.count_nonzero(plane == label)
        else:
            row[Label.BACKGROUND] = plane.size
    return counts.reshape(n_frames, n_slices, len(Label))


def volumes_ml(
    labels: np.ndarray, geometry: Geometry, label: Label | int | Sequence[Label | int]
) -> np.ndarray:
    """Volume of a label in every frame, by summation of slices.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    geometry : Geometry
        Its ``dz`` is the distance between slice centres, so that gaps count as tissue.
    label : Label or sequence of Label
        One label, or several whose volumes are added.

    Returns
    -------
    ndarray of float64, shape (T,)
        In mL.

    Raises
    ------
    ScanError
        If the labels do not fit the geometry.
    """
    labels = _checked(labels, geometry)
    wanted = [int(label)] if isinstance(label, (int, np.integer)) else [int(one) for one in label]
    inside = labels == wanted[0] if len(wanted) == 1 else np.isin(labels, wanted)
    return np.array([np.count_nonzero(frame) for frame in inside]) * geometry.voxel_volume_ml


def _checked(labels: np.ndarray, geometry: Geometry | None = None) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 4 or labels.size == 0:
        raise ScanError(f"labels of shape {labels.shape} are not a (T, Z, Y, X) stack")
    if geometry is not None and geometry.n_slices != labels.shape[1]:
        raise ScanError(
            f"labels of {labels.shape[1]} slices do not fit a geometry of {geometry.n_slices}",
            remedy="labels must lie on the image's own grid",
        )
    return labels
