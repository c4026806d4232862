"""From a scan to reconstructed images on disk, with a record of how they were made."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.kspace import Measured
from napari_cmr.kspace.reconstruction import Reconstruction
from napari_cmr.scan import (
    Code,
    Scan,
    ScanError,
    save_image,
    save_json,
    texts_and_details,
    written_together,
)
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.workflow.acquire.undersampled_files import acquisition_record
from napari_cmr.workflow.reconstruct.methods import find_method, no_motion


def reconstruction_record(scan: Scan, measured: Measured, result: Reconstruction) -> dict[str, Any]:
    """Describe a reconstruction, JSON-ready: enough to make it again from the same scan."""
    solver = find_method(result.method)
    return acquisition_record(scan, measured) | {
        "method": result.method,
        "title": solver.title,
        "publication": solver.publication,
        "departs": list(solver.departs),
        "settings": dict(result.settings),
        "weights": None if result.weights is None else dict(result.weights),
        "slices": list(result.slices),
        "seconds": round(result.seconds, 3),
        **texts_and_details(result.notices),
    }


def save_reconstruction(
    scan: Scan,
    measured: Measured,
    result: Reconstruction,
    output: AnyPath,
    record: AnyPath | None = None,
    *,
    motion: AnyPath | None = None,
    keep_phase: bool = False,
    inputs: Sequence[AnyPath | None] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write a reconstruction and, if asked, its record.

    Parameters
    ----------
    scan : Scan
    measured : Measured
        What it was made from.
    result : Reconstruction
        Of all slices.
    output : path
        NIfTI on the scan's own grid.
    record : path, optional
        JSON, see :func:`reconstruction_record`.
    motion : path, optional
        NIfTI of how far each pixel of the reference frame has moved in each frame, in mm.
    keep_phase : bool
        Write complex numbers, rather than magnitudes.
    inputs : sequence of path
        Files and folders that were read for it, beside the scan's own.
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    dict
        The record.

    Raises
    ------
    ScanError
        If the reconstruction lacks slices or the motion that is asked for, or one of the files
        may not be written, see :func:`~napari_cmr.scan.check_outputs`. No file is left then.
    """
    if result.slices != tuple(range(scan.n_slices)):
        raise ScanError(
            f"a reconstruction of {len(result.slices)} of {scan.n_slices} slices is not written",
            source=output,
            remedy="reconstruct all slices",
        )
    if motion is not None and result.motion is None:
        raise no_motion(result.method, motion)
    output = Path(output)
    record, motion = (None if path is None else Path(path) for path in (record, motion))
    content = reconstruction_record(scan, measured, result)
    with written_together(
        output, record, motion, inputs=[scan.source, *inputs], overwrite=overwrite
    ) as at:
        save_image(
            at[output],
            result.image if keep_phase else np.abs(result.image),
            scan,
            invented=any(one.code is Code.DETAILS_INVENTED for one in result.notices),
            few_lines=not measured.mask.array.all(),
        )
        if motion is not None and result.motion is not None:
            save_image(at[motion], _way_mm(scan, result.motion), scan)
        if record is not None:
            save_json(at[record], content)
    return content


def _way_mm(scan: Scan, motion: np.ndarray) -> np.ndarray:
    """Length in mm (T, Z, Y, X) of a motion in pixels (2, T, Z, Y, X)."""
    way: np.ndarray = np.hypot(motion[0] * scan.spacing[1], motion[1] * scan.spacing[2])
    return way.astype(np.float32)
