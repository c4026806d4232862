"""A labelled ED/ES pair turned into a cine on disk."""

from os import PathLike
from pathlib import Path

from napari_cmr.phantom.animation import animate_scan
from napari_cmr.scan import Scan, ScanError, save_image, save_json, save_labels
from napari_cmr.workflow.acquire.undersampled_files import nifti_name
from napari_cmr.workflow.measure.function import measure_scan


def save_animation(
    scan: Scan, output: str | PathLike[str], *, n_frames: int = 25, seed: int = 0
) -> tuple[Path, Path, Path]:
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

    Returns
    -------
    tuple of Path
        Image, labels, and a JSON with the ED and ES frames, what the cine was made from, and its
        measured function.

    Raises
    ------
    ScanError
        If the scan cannot be animated, the output is no NIfTI name or would replace the scan
        itself, or a file cannot be written.
    """
    output = Path(output)
    stem = nifti_name(output)
    if scan.source is not None and output.resolve() == scan.source.resolve():
        raise ScanError(
            "the output would replace the scan itself",
            source=output,
            remedy="choose another output name",
        )
    cine = animate_scan(scan, n_frames, seed=seed)
    assert cine.labels is not None  # an animated scan labels every frame
    paths = (
        output,
        output.with_name(f"{stem}_labels{output.name[len(stem) :]}"),
        output.with_name(f"{stem}.json"),
    )
    save_image(paths[0], cine.image, cine)
    save_labels(paths[1], cine.labels, cine)
    save_json(
        paths[2],
        {
            "scan": stem,
            "made_from": scan.name,
            "synthetic": True,
            "n_frames": cine.n_frames,
            "seed": seed,
            "ed_frame": cine.ed_frame,
            "es_frame": cine.es_frame,
            "frames_count_from": 0,
            "measured_from_labels": measure_scan(cine).to_dict(),
            "notes": list(cine.notes),
            "use": "research only",
        },
    )
    return paths
