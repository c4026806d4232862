"""Labels that the user has drawn, on disk: NIfTI, their measurement, and a table of volumes."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from napari_cmr.analysis import Reading
from napari_cmr.analysis.interpretation import AS_LABELLED
from napari_cmr.analysis.volumes import voxel_counts
from napari_cmr.scan import (
    Label,
    Scan,
    ScanError,
    save_csv,
    save_json,
    save_labels,
    written_together,
)
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.workflow.acquire.undersampled_files import nifti_name
from napari_cmr.workflow.edit.arguments import checked
from napari_cmr.workflow.edit.provenance import Provenance, interval_fields
from napari_cmr.workflow.measure.function import measure_scan, measurement_record

_RECORD_BYTES = 1 << 24  # a record has less than a tenth of it
TISSUES = tuple(label for label in Label if label != Label.BACKGROUND)
VOLUME_COLUMNS = (
    "frame",
    "slice",
    *(f"{tissue.name.lower()}_ml" for tissue in TISSUES),
    "accepted",
    "corrected",
)


class SavedAnnotation(NamedTuple):
    """What :func:`save_annotation` wrote."""

    labels: Path
    record: Path
    table: Path


def annotation_paths(output: Path) -> SavedAnnotation:
    """Files that :func:`save_annotation` writes for a name.

    Raises
    ------
    ScanError
        If the output is no NIfTI name.
    """
    stem = nifti_name(output)
    return SavedAnnotation(
        output, output.with_name(f"{stem}.json"), output.with_name(f"{stem}.csv")
    )


def save_annotation(
    scan: Scan,
    labels: np.ndarray,
    output: AnyPath,
    *,
    accepted: np.ndarray | None = None,
    reading: Reading = AS_LABELLED,
    provenance: Provenance | None = None,
    inputs: Sequence[AnyPath | None] = (),
    overwrite: bool = False,
) -> SavedAnnotation:
    """Write labels as NIfTI, what they measure as JSON, and their volumes as CSV beside it.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    output : path
        ``NAME.nii`` or ``NAME.nii.gz``; ``NAME.json`` and ``NAME.csv`` come beside it.
    accepted : ndarray of bool, shape (T, Z), optional
        Slices that the user has looked at and found right.
    reading : Reading
        How the labels are turned into the numbers of the JSON; the table counts plain voxels.
    provenance : Provenance, optional
        What the labels were made from, what was said of them, and which slices were corrected.
    inputs : sequence of path
        Files and folders that were read for it, beside the scan's own.
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    SavedAnnotation

    Raises
    ------
    ScanError
        If nothing is labelled, the labels are not on the scan's grid, the output is no NIfTI name,
        or one of the files may not be written (see :func:`~napari_cmr.scan.check_outputs`). No file
        is left then.
    """
    saved = annotation_paths(Path(output))
    labels = checked(labels)
    if not labels.any():
        raise ScanError(
            "nothing is labelled yet, so there is nothing to save",
            source=scan.name,
            remedy="draw the LV, the myocardium or the RV first",
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
    made = provenance or Provenance()
    corrected = np.zeros_like(marks)
    for place in made.corrected:
        corrected[place] = True
    function = measure_scan(scan.with_(labels=labels, labelled_frames=labelled), reading=reading)
    record = measurement_record(scan, function, warnings=made.warnings) | {
        "labels": saved.labels.name,
        "accepted": np.argwhere(marks).tolist(),
        "accepted_are": ["frame", "slice"],
        "labels_sha256": labels_digest(labels),
        "made_from": made.record(),
        **interval_fields(made.intervals_of(function)),
        "reading": reading.model_dump(mode="json"),
    }
    with written_together(*saved, inputs=[scan.source, *inputs], overwrite=overwrite) as at:
        save_labels(at[saved.labels], labels, scan, by_model=made.model is not None)
        save_json(at[saved.record], record)
        save_csv(
            at[saved.table], volume_rows(scan, labels, marks, corrected), columns=VOLUME_COLUMNS
        )
    return saved


class KnownOfLabels(NamedTuple):
    """What :func:`save_annotation` wrote beside labels: accepted slices are ``(T, Z)``."""

    made: Provenance
    accepted: np.ndarray
    reading: Reading


def known_of_labels(path: AnyPath, labels: np.ndarray) -> KnownOfLabels | None:
    """Read what is known of labels from the JSON beside their file.

    Parameters
    ----------
    path : path
        Of the labels, ``NAME.nii`` or ``NAME.nii.gz``.
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
        As they were read from it.

    Returns
    -------
    KnownOfLabels or None
        None without such a JSON, and where another program has changed the labels since.
    """
    try:
        record = annotation_paths(Path(path)).record
        if not record.is_file() or record.stat().st_size > _RECORD_BYTES:
            return None
        content = json.loads(record.read_text(encoding="utf-8"))
        if content["labels_sha256"] != labels_digest(labels):
            return None
        accepted = np.zeros(labels.shape[:2], bool)
        for frame, z in content["accepted"]:
            accepted[frame, z] = True
        made = Provenance.model_validate(content["made_from"])
        reading = Reading.model_validate(content["reading"])
        reading.check(*labels.shape[:2])
    except (OSError, ValueError, LookupError, TypeError, RecursionError, ScanError):
        return None  # it is a JSON of something else
    return KnownOfLabels(made, accepted, reading)


def labels_digest(labels: np.ndarray) -> str:
    """SHA-256 of a label map: its shape, then a byte for each voxel."""
    digest = hashlib.sha256(repr(tuple(labels.shape)).encode())
    digest.update(np.ascontiguousarray(labels, dtype=np.uint8).data)
    return digest.hexdigest()


def volume_rows(
    scan: Scan, labels: np.ndarray, accepted: np.ndarray, corrected: np.ndarray
) -> list[dict[str, Any]]:
    """Volume of every tissue in every labelled slice, a row each for a spreadsheet.

    Frames and slices count from 1 in it, as on the screen; volumes are in mL.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    accepted, corrected : ndarray of bool, shape (T, Z)
    """
    volumes = voxel_counts(labels) * scan.geometry.voxel_volume_ml
    rows = []
    for frame, z in np.argwhere(volumes[:, :, 1:].any(axis=2)).tolist():
        cells = [f"{volumes[frame, z, tissue]:.3f}" for tissue in TISSUES]
        marked = ["yes" if marks[frame, z] else "no" for marks in (accepted, corrected)]
        rows.append(dict(zip(VOLUME_COLUMNS, [frame + 1, z + 1, *cells, *marked], strict=True)))
    return rows
