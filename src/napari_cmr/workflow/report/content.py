"""What a report is made of."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.analysis import AS_LABELLED, Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Notice, Scan
from napari_cmr.workflow.session.file import ModelReference


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
    acquisition : Acquisition or None
        Lines that the model saw; None where no model made the labels.
    model : ModelReference or None
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
    acquisition: Acquisition | None = None
    model: ModelReference | None = None
    edited_voxels: int | None = None
    warnings: tuple[Notice, ...] = ()
    reading: Reading = AS_LABELLED
