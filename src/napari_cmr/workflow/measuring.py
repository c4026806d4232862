"""From a labelled scan to the function of its ventricles."""

import numpy as np

from napari_cmr.analysis import CardiacFunction, cardiac_function
from napari_cmr.scan import Scan, ScanError


def measure_scan(scan: Scan, *, labels: np.ndarray | None = None) -> CardiacFunction:
    """Measure the ventricles in a scan's labels.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X), optional
        Labels of every frame on the scan's grid; the scan's own reference labels by default.

    Returns
    -------
    CardiacFunction
        Frames that the scan marks as ED and ES are compared with those found.

    Raises
    ------
    ScanError
        If there are no labels, or they are not on the scan's grid.
    """
    where = scan.source or scan.name
    if labels is None:
        if scan.labels is None:
            raise ScanError(
                "there are no labels to measure",
                source=where,
                remedy="segment the scan, or put labels beside it as NAME_gt.nii.gz, "
                "NAME_seg.nii.gz or NAME_labels.nii.gz",
            )
        labels, frames = scan.labels, scan.labelled_frames
    else:
        labels, frames = np.asarray(labels), tuple(range(scan.n_frames))
        if labels.shape != scan.shape:
            raise ScanError(
                f"labels of shape {labels.shape} on an image of shape {scan.shape}",
                source=where,
                remedy="labels must lie on the image's own grid",
            )
    return cardiac_function(
        labels,
        scan.geometry,
        cycle_ms=scan.cycle_ms,
        subject=scan.subject,
        frames=frames,
        marked_ed=scan.ed_frame,
        marked_es=scan.es_frame,
    )
