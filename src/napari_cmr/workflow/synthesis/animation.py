"""A labelled ED/ES pair turned into a cine on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from napari_cmr.phantom.animation import animate_scan
from napari_cmr.scan import Scan, save_image, save_json, save_labels, written_together
from napari_cmr.scan.notices import texts_and_details
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.workflow.acquire.undersampled_files import nifti_name
from napari_cmr.workflow.measure.function import measure_scan


class SavedCine(NamedTuple):
    """Files of a cine that was made: image, labels, and a JSON of what it is."""

    image: Path
    labels: Path
    record: Path


def cine_paths(output: Path) -> SavedCine:
    """Files of a cine that go by a name.

    Raises
    ------
    ScanError
        If the output is no NIfTI name.
    """
    stem = nifti_name(output)
    return SavedCine(
        output,
        output.with_name(f"{stem}_labels{output.name[len(stem) :]}"),
        output.with_name(f"{stem}.json"),
    )


def save_animation(
    scan: Scan,
    output: AnyPath,
    *,
    n_frames: int = 25,
    seed: int = 0,
    inputs: Sequence[AnyPath | None] = (),
    overwrite: bool = False,
) -> SavedCine:
    """Animate a scan (see :func:`~napari_cmr.phantom.animation.animate_scan`) and write the cine.

    Parameters
    ----------
    scan : Scan
        With labels at ED and ES.
    output : path
        ``NAME.nii`` or ``NAME.nii.gz``; ``NAME_labels`` and ``NAME.json`` come beside it.
    n_frames : int
        Frames of the cycle, at least 3.
    seed : int
        Draws the timing of the cycle.
    inputs : sequence of path
        Files and folders that were read for it, beside the scan's own.
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    SavedCine
        The JSON has the ED and ES frames, what the cine was made from, and its measured function.

    Raises
    ------
    ScanError
        If the scan cannot be animated, the output is no NIfTI name, or one of the files may not be
        written (see :func:`~napari_cmr.scan.check_outputs`). No file is left then.
    """
    saved = cine_paths(Path(output))
    cine = animate_scan(scan, n_frames, seed=seed)
    assert cine.labels is not None  # an animated scan labels every frame
    record = {
        "scan": nifti_name(saved.image),
        "made_from": scan.name,
        "synthetic": True,
        "n_frames": cine.n_frames,
        "seed": seed,
        "ed_frame": cine.ed_frame,
        "es_frame": cine.es_frame,
        "frames_count_from": 0,
        "measured_from_labels": measure_scan(cine).to_dict(),
        **texts_and_details(cine.notes, "notes"),
        "use": "research only",
    }
    with written_together(*saved, inputs=[scan.source, *inputs], overwrite=overwrite) as at:
        save_image(at[saved.image], cine.image, cine)
        save_labels(at[saved.labels], cine.labels, cine)
        save_json(at[saved.record], record)
    return saved
