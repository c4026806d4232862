"""What a path holds, as the user wants to know it."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan import Scan, ScanError
from napari_cmr.scan.index import ScanIndex, index_scans
from napari_cmr.scan.notices import texts_and_details
from napari_cmr.scan.opener import open_scan
from napari_cmr.workflow.session.file import is_session_name


@dataclass(frozen=True)
class Description:
    """Contents of a file or folder.

    Attributes
    ----------
    index : ScanIndex
        Every series and stack.
    scan : Scan or None
        What opens if nobody chooses, or what was chosen.
    problem : str or None
        Why there is no scan, although there are series.
    """

    index: ScanIndex
    scan: Scan | None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; frames and slices count from 0."""
        return {
            **self.index.to_dict(),
            "scan": None if self.scan is None else scan_record(self.scan),
            "problem": self.problem,
            "use": "research only",
        }


def describe(path: str | PathLike[str], *, series: str | None = None) -> Description:
    """Index a path, and open the scan in it.

    Parameters
    ----------
    path : path
        Whatever :func:`napari_cmr.scan.open_scan` takes.
    series : str, optional
        Key of a series or stack of a DICOM folder.

    Returns
    -------
    Description

    Raises
    ------
    ScanError
        If there is nothing that can be opened, or it is a session file. A folder whose series can
        be listed but not opened is described with the problem.
    """
    path = Path(path)
    if path.is_file() and is_session_name(path):
        raise ScanError(
            "is a session file, not a scan",
            source=path,
            remedy="open it by 'napari-cmr view', make its labels again by 'napari-cmr replay', or "
            "write a page about it by 'napari-cmr report'",
        )
    index = index_scans(path)
    try:
        return Description(index, open_scan(path, series=series))
    except ScanError as error:
        if series is not None or index.format not in ("DICOM", "EMIDEC"):
            raise
        return Description(index, None, str(error))


def scan_record(scan: Scan) -> dict[str, Any]:
    """Describe a scan, JSON-ready, without anything that identifies the subject."""
    subject = scan.subject
    return {
        "name": scan.name,
        "kind": scan.kind,
        "synthetic": scan.synthetic,
        "complex": bool(np.iscomplexobj(scan.image)),
        "n_frames": scan.n_frames,
        "n_slices": scan.n_slices,
        "shape": list(scan.shape),
        "axes": "TZYX",
        "spacing_mm": [round(value, 4) for value in scan.spacing],
        "geometry_trusted": scan.geometry.trusted,
        "cycle_ms": scan.cycle_ms,
        "frame_times_ms": None if scan.frame_times_ms is None else scan.frame_times_ms.tolist(),
        "phase_encode_axis": scan.phase_encode_axis,
        "n_phase_encodes": scan.n_phase_encodes,
        "labelled_frames": list(scan.labelled_frames),
        "labels": [] if scan.labels is None else np.unique(scan.labels[scan.labels > 0]).tolist(),
        "ed_frame": scan.ed_frame,
        "es_frame": scan.es_frame,
        "source_frames": None if scan.source_frames is None else list(scan.source_frames),
        "subject": {
            "sex": subject.sex,
            "age_years": subject.age_years,
            "height_cm": subject.height_cm,
            "weight_kg": subject.weight_kg,
            "group": subject.group,
        },
        **texts_and_details(scan.notes, "notes"),
    }
