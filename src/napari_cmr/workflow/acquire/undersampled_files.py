"""From a scan to undersampled images on disk, with a record of how they were acquired."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.kspace.measured import Measured, undersample
from napari_cmr.scan import Scan, ScanError, save_image, save_json, written_together
from napari_cmr.scan.outputs import AnyPath


@dataclass(frozen=True)
class SavedAcquisition:
    """What :func:`save_undersampled` wrote.

    Attributes
    ----------
    image : Path
        Magnitude of the zero-filled images.
    record : Path
        JSON: the acquisition, its acceleration and the lines of every frame.
    average : Path or None
        Magnitude of the temporal average.
    """

    image: Path
    record: Path
    average: Path | None


def undersampled_paths(output: Path, *, temporal_average: bool = False) -> SavedAcquisition:
    """Files that :func:`save_undersampled` writes for a name.

    Raises
    ------
    ScanError
        If the output is no NIfTI name.
    """
    stem = nifti_name(output)
    average = output.with_name(f"{stem}_average{output.name[len(stem) :]}")
    return SavedAcquisition(
        output, output.with_name(f"{stem}.json"), average if temporal_average else None
    )


def acquisition_record(scan: Scan, undersampled: Measured) -> dict[str, Any]:
    """Describe an acquisition, JSON-ready: enough to make it again from the same scan.

    Lines count from 0 at the most negative spatial frequency; the centre of k-space is line
    ``n_phase_encodes // 2``.
    """
    mask = undersampled.mask
    return {
        "scan": scan.name,
        "acquisition": undersampled.acquisition.model_dump(mode="json"),
        "n_frames": mask.n_frames,
        "n_phase_encodes": mask.n_phase_encodes,
        "phase_encode_axis": scan.phase_encode_axis,
        "acceleration": mask.acceleration,
        "scan_time_saved": mask.scan_time_saved,
        "lines": [np.flatnonzero(frame).tolist() for frame in mask.array],
        "lines_count_from": 0,
        "raw": undersampled.is_raw,
        "n_coils": undersampled.n_coils,
        "synthetic_phase": undersampled.acquisition.phase
        and not undersampled.is_raw
        and not np.iscomplexobj(scan.image),
        "synthetic_scan": scan.synthetic,
        "use": "research only",
    }


def save_undersampled(
    scan: Scan,
    acquisition: Acquisition,
    output: AnyPath,
    *,
    temporal_average: bool = False,
    inputs: Sequence[AnyPath | None] = (),
    overwrite: bool = False,
) -> tuple[SavedAcquisition, dict[str, Any]]:
    """Undersample a scan and write what comes out.

    Parameters
    ----------
    scan : Scan
    acquisition : Acquisition
    output : path
        ``NAME.nii`` or ``NAME.nii.gz`` for the magnitude of the zero-filled images; ``NAME.json``
        and ``NAME_average.nii.gz`` come beside it.
    temporal_average : bool
        Also write the image of all frames' lines pooled.
    inputs : sequence of path
        Files and folders that were read for it, beside the scan's own.
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    SavedAcquisition
    dict
        The record that was written.

    Raises
    ------
    ScanError
        If the output is no NIfTI name, or one of the files may not be written (see
        :func:`~napari_cmr.scan.check_outputs`), or the acquisition asks for more lines than there
        are. No file is left then.
    """
    saved = undersampled_paths(Path(output), temporal_average=temporal_average)
    undersampled = undersample(scan, acquisition)
    record = acquisition_record(scan, undersampled)
    with written_together(
        saved.image, saved.record, saved.average, inputs=[scan.source, *inputs], overwrite=overwrite
    ) as at:
        few = not undersampled.mask.array.all()
        save_image(at[saved.image], np.abs(undersampled.zero_filled), scan, few_lines=few)
        save_json(at[saved.record], record)
        if saved.average is not None:
            still = scan.with_(
                image=scan.image[:1],
                labels=None,
                labelled_frames=(),
                frame_times_ms=None,
                ed_frame=None,
                es_frame=None,
            )
            average = np.abs(undersampled.temporal_average)[None]
            save_image(at[saved.average], average, still, few_lines=few)
    return saved, record


def nifti_name(path: Path) -> str:
    """Name of a NIfTI file without ``.nii`` or ``.nii.gz``.

    Raises
    ------
    ScanError
        If the name has another ending.
    """
    for ending in (".nii.gz", ".nii"):
        if path.name.lower().endswith(ending) and len(path.name) > len(ending):
            return path.name[: -len(ending)]
    raise ScanError(
        "is not the name of a NIfTI file", source=path, remedy="let it end in .nii.gz or .nii"
    )
