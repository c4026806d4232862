"""From two folders of scans of different contrast to a trained translation network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan import ScanError
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.data.split import split_subjects
from napari_cmr.training.time_limit import TimeLimit
from napari_cmr.workflow.train.export import train_and_export
from napari_cmr.workflow.train.request import TrainingRequest


def style_slices(
    source: Path,
    target: Path,
    *,
    held_out: bool = False,
    limit: TimeLimit | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[list[TrainingSlice], list[TrainingSlice]]:
    """Slices of both contrasts, of the subjects that training may see, or of the others.

    Parameters
    ----------
    source : Path
        Folder of ACDC patient folders; only slices with some heart in their labels are taken.
    target : Path
        EMIDEC folder. Its pictures are turned as ACDC's images are: in the pictures rows and
        columns are swapped, with the chest wall below.
    held_out : bool
        The subjects that validation holds out, rather than all others.
    limit : TimeLimit, optional
    report : callable

    Raises
    ------
    ScanError
        If a folder does not hold what it should, or there is no time for all of it.
    """
    from napari_cmr.training.data.slices import cine_slices, is_held_out, lge_slices
    from napari_cmr.workflow.segment.cine import load_localiser

    limit = limit or TimeLimit()
    cines = cine_slices(source, limit)
    parts = split_subjects(sorted({one.subject for one in cines}))
    wanted = parts[1 if held_out else 0]
    labelled = [
        one
        for one in cines
        if one.subject in wanted and one.labels is not None and one.labels.any()
    ]
    localiser = load_localiser()

    def centre(scan: Any) -> tuple[float, float]:
        found = localiser.locate_still(scan)
        return found.row, found.column

    enhanced = [
        turned(one)
        for one in lge_slices(target, centre, limit)
        if is_held_out(one.subject) is held_out
    ]
    if not labelled or not enhanced:
        raise ScanError(
            "no slices are left once subjects are split into training and validation",
            source=target if labelled else source,
        )
    report(f"{len(labelled)} slices with labels, {len(enhanced)} of late enhancement")
    return labelled, enhanced


def turned(one: TrainingSlice) -> TrainingSlice:
    """Mirror a slice at the diagonal that runs from lower left to upper right."""
    height, width = one.image.shape
    row, column = one.centre
    dy, dx = one.spacing
    return TrainingSlice(
        subject=one.subject,
        group=one.group,
        phase=one.phase,
        index=one.index,
        image=np.ascontiguousarray(one.image[::-1, ::-1].T),
        labels=None if one.labels is None else np.ascontiguousarray(one.labels[::-1, ::-1].T),
        spacing=(dx, dy),
        centre=(width - 1 - column, height - 1 - row),
    )


def train_translation(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train a network that renders one contrast as another.

    See :func:`napari_cmr.workflow.train.train_model`.
    """
    from napari_cmr.training.data.style_batches import StyleData

    limit = TimeLimit(request.minutes)
    model, recipe = request.found()
    if request.target is None:
        raise ScanError(
            f"{model.name} needs scans of both contrasts",
            remedy="give late enhancement by --target",
        )
    slices = style_slices(request.data, request.target, limit=limit, report=report)
    return train_and_export(request, recipe, StyleData(*slices), limit)
