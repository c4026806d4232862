"""What a report is made of."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.analysis import AS_LABELLED, Reading
from napari_cmr.scan import Notice, Scan
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance


@dataclass(frozen=True, eq=False)
class ReportContent:
    """What a report is about.

    Attributes
    ----------
    scan : Scan
    labels : ndarray of uint8, shape (T, Z, Y, X)
        The labels that are reported.
    labels_from : str
        Where they came from, in words: a layer's or a file's name.
    frames : tuple of int
        0-based frames that are labelled.
    made_from : Provenance
        The model, the lines that it saw, and the slices that were corrected since.
    accepted : tuple of (int, int)
        Frames and slices, from 0, that the user has accepted.
    edited_voxels : int or None
        How many voxels the user changed in a model's labels, where that is known.
    warnings : tuple of Notice
        What the model said.
    reading : Reading
    """

    scan: Scan
    labels: np.ndarray
    labels_from: str
    frames: tuple[int, ...]
    made_from: Provenance = NO_MODEL
    accepted: tuple[tuple[int, int], ...] = ()
    edited_voxels: int | None = None
    warnings: tuple[Notice, ...] = ()
    reading: Reading = AS_LABELLED
