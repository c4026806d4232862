"""Labels that a person has drawn, on disk: NIfTI, their measurement, and a table of volumes."""

import csv
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from napari_cmr.analysis import Reading
from napari_cmr.analysis.interpretation import AS_LABELLED
from napari_cmr.analysis.volumes import voxel_counts
from napari_cmr.scan import Label, Scan, ScanError, atomic_path, save_json, save_labels
from napari_cmr.workflow.acquire.undersampled_files import nifti_name
from napari_cmr.workflow.edit.operations import checked
from napari_cmr.workflow.measure.function import measure_scan, measurement_record

TISSUES = tuple(label for label in Label if label != Label.BACKGROUND)


class SavedAnnotation(NamedTuple):
    """What :func:`save_annotation` wrote."""

    labels: Path
    record: Path
    table: Path


def save_annotation(
    scan: Scan,
    labels: np.ndarray,
    output: str | PathLike[str],
    *,
    accepted: np.ndarray | None = None,
    reading: Reading = AS_LABELLED,
) -> SavedAnnotation:
    """Write labels as NIfTI, what they measure as JSON, and their volumes as CSV beside it.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    output : path
        ``NAME.nii`` or ``NAME.nii.gz``; ``NAME.json`` and ``NAME.csv`` come beside it. Each file is
        replaced in one step.
    accepted : ndarray of bool, shape (T, Z), optional
        Slices that a person has looked at and found right.
    reading : Reading
        How the labels are turned into the numbers of the JSON; the table counts plain voxels.

    Returns
    -------
    SavedAnnotation

    Raises
    ------
    ScanError
        If nothing is labelled, the labels are not on the scan's grid, the output is no NIfTI name
        or would replace the scan itself, or a file cannot be written.
    """
    output = Path(output)
    stem = nifti_name(output)
    labels = checked(labels)
    if not labels.any():
        raise ScanError(
            "nothing is labelled yet, so there is nothing to save",
            source=scan.name,
            remedy="draw the LV, the myocardium or the RV first",
        )
    if scan.source is not None and output.resolve() == scan.source.resolve():
        raise ScanError(
            "the labels would replace the scan itself",
            source=output,
            remedy="choose another name, such as the scan's with _labels at its end",
        )
    if labels.shape != scan.shape:
        raise ScanError(
            f"labels of shape {labels.shape} on an image of shape {scan.shape}",
            source=scan.name,
            remedy="labels must lie on the image's own grid",
        )
    marks = np.zeros(labels.shape[:2], bool) if accepted is None else np.asarray(accepted, bool)
    # Frames that nobody has labelled are unknown, not empty.
    labelled = tuple(np.flatnonzero(labels.any(axis=(1, 2, 3))).tolist())
    function = measure_scan(scan.with_(labels=labels, labelled_frames=labelled), reading=reading)
    saved = SavedAnnotation(
        output, output.with_name(f"{stem}.json"), output.with_name(f"{stem}.csv")
    )
    save_labels(saved.labels, labels, scan)
    record = measurement_record(scan, function)
    save_json(
        saved.record,
        {
            **record,
            "labels": output.name,
            "accepted": np.argwhere(marks).tolist(),
            "accepted_are": ["frame", "slice"],
        },
    )
    with atomic_path(saved.table) as temporary:
        temporary.write_text(volumes_table(scan, labels, marks), encoding="utf-8", newline="")
    return saved


def volumes_table(scan: Scan, labels: np.ndarray, accepted: np.ndarray) -> str:
    """Volume of every tissue in every labelled slice, as CSV for a spreadsheet.

    Frames and slices count from 1 in it, as on the screen; volumes are in mL.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    accepted : ndarray of bool, shape (T, Z)
    """
    volumes = voxel_counts(labels) * scan.geometry.voxel_volume_ml
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["frame", "slice", *(f"{tissue.name.lower()}_ml" for tissue in TISSUES), "accepted"]
    )
    for frame, z in np.argwhere(volumes[:, :, 1:].any(axis=2)):
        cells = (f"{volumes[frame, z, tissue]:.3f}" for tissue in TISSUES)
        writer.writerow([frame + 1, z + 1, *cells, "yes" if accepted[frame, z] else "no"])
    return text.getvalue()
