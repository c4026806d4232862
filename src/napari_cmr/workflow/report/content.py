"""What a report is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from napari_cmr.analysis import AS_LABELLED, Reading
from napari_cmr.scan import Scan
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance
from napari_cmr.workflow.reconstruct.quality import MethodQuality
from napari_cmr.workflow.session.derived_results import NOTHING_DERIVED, DerivedResults


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
        The model, the lines that it saw, what it said, and the slices that were corrected since.
    accepted : tuple of (int, int)
        Frames and slices, from 0, that the user has accepted.
    edited_voxels : int or None
        How many voxels the user changed in a model's labels, where that is known.
    reading : Reading
    derived : DerivedResults
        Scar, comparison and styles.
    reconstructions : tuple of MethodQuality
        Images that were made of few lines.
    scar_labels : str
        Name of the labels in whose muscle the scar was found.
    sources : dict of str to str
        What labels were made from, by name, for those of scar and comparison.
    """

    scan: Scan
    labels: np.ndarray
    labels_from: str
    frames: tuple[int, ...]
    made_from: Provenance = NO_MODEL
    accepted: tuple[tuple[int, int], ...] = ()
    edited_voxels: int | None = None
    reading: Reading = AS_LABELLED
    derived: DerivedResults = NOTHING_DERIVED
    reconstructions: tuple[MethodQuality, ...] = ()
    scar_labels: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    def source_of(self, labels: str) -> str:
        """Labels by name, and what they were made from."""
        made = self.sources.get(labels)
        return f"{labels} ({made})" if made else labels
