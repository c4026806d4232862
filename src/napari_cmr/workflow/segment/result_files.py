"""What a segmentation writes: labels, their measurement as JSON, and as one row of a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from napari_cmr.scan import Scan, save_csv, save_json, save_labels, written_together
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.workflow.measure.table import function_row


class ResultFiles(NamedTuple):
    """Where to write the labels (``.nii`` or ``.nii.gz``), the JSON and the CSV of a scan."""

    labels: Path
    record: Path | None = None
    table: Path | None = None


def save_result(
    scan: Scan,
    labels: np.ndarray,
    content: dict[str, Any],
    files: ResultFiles,
    *,
    inputs: Sequence[AnyPath | None] = (),
    overwrite: bool = False,
) -> None:
    """Write labels and, if asked, the measurement made from them; all or none.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of uint8, shape (T, Z, Y, X)
        Of all slices, on the scan's own grid.
    content : dict
        The measurement, of :func:`~napari_cmr.workflow.segment.cine.segmentation_record` or
        :func:`~napari_cmr.workflow.segment.late_enhancement.lge_record`.
    files : ResultFiles
    inputs : sequence of path
        Files and folders that were read for it, beside the scan's own.
    overwrite : bool
        Whether files that exist may be replaced.

    Raises
    ------
    ScanError
        If one of the files may not be written, see :func:`~napari_cmr.scan.check_outputs`. No file
        is left then.
    """
    sources = [scan.source, *inputs]
    with written_together(*files, inputs=sources, overwrite=overwrite) as at:
        save_labels(at[files.labels], labels, scan, by_model=True)
        if files.record is not None:
            save_json(at[files.record], content)
        if files.table is not None:
            save_csv(at[files.table], [function_row(content)])
