"""Single slices to learn from: labelled cines at ED and ES, and late enhancement without labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from napari_cmr.nets.squares import sample, square_grid
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.scan.datasets.emidec import emidec_cases, read_emidec
from napari_cmr.training.data.subjects import NO_SUBJECTS, WHAT_TO_GIVE, labelled_subjects
from napari_cmr.training.time_limit import TimeLimit

Phase = Literal["ED", "ES", "LGE"]
#: Of EMIDEC every case whose number this divides is held out.
EMIDEC_VALIDATION = 5


@dataclass(frozen=True, eq=False)
class TrainingSlice:
    """One slice of one subject on its own grid.

    Attributes
    ----------
    subject : str
    group : str or None
        Diagnosis group, if the data set says it.
    phase : {"ED", "ES", "LGE"}
    index : int
        Which slice of the stack.
    image : ndarray of float32, shape (Y, X)
        Magnitude as read.
    labels : ndarray of uint8, shape (Y, X), or None
        LV, MYO and RV; None for late enhancement, whose labels nobody learns from.
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    centre : tuple of 2 floats
        Row and column of the heart in pixels, the same for all slices of a stack.
    """

    subject: str
    group: str | None
    phase: Phase
    index: int
    image: np.ndarray
    labels: np.ndarray | None
    spacing: tuple[float, float]
    centre: tuple[float, float]


def cine_slices(data: Path, limit: TimeLimit | None = None) -> list[TrainingSlice]:
    """Slices at ED and ES of every labelled subject, around the labels' centre.

    Parameters
    ----------
    data : Path
        As in :func:`~napari_cmr.training.data.subjects.labelled_subjects`.
    limit : TimeLimit, optional

    Raises
    ------
    ScanError
        If there is not one subject with labels, or no time for all.
    """
    found = []
    for name, opened in (limit or TimeLimit()).each(labelled_subjects(data)):
        scan = opened()
        if scan.labels is None or scan.ed_frame is None or scan.es_frame is None:
            continue
        rows, columns = np.nonzero((scan.labels > 0).any(axis=(0, 1)))
        if not rows.size:
            continue
        centre = float(rows.mean()), float(columns.mean())
        phases: tuple[tuple[Phase, int], ...] = (("ED", scan.ed_frame), ("ES", scan.es_frame))
        for phase, frame in phases:
            found += _stack(scan, name, phase, frame, centre, with_labels=True)
    if not found:
        raise ScanError(NO_SUBJECTS, source=data, remedy=WHAT_TO_GIVE)
    return found


def lge_slices(
    folder: Path,
    locate: Callable[[Scan], tuple[float, float]],
    limit: TimeLimit | None = None,
) -> list[TrainingSlice]:
    """Slices of every late enhancement case of an EMIDEC folder; its labels are not looked at.

    Parameters
    ----------
    folder : Path
        Holds ``images``.
    locate : callable
        Row and column of the heart in a scan, such as the zoo's localiser finds it.
    limit : TimeLimit, optional

    Raises
    ------
    ScanError
        If there are no cases, or there is no time for all.
    """
    found = []
    for case in (limit or TimeLimit()).each(list(emidec_cases(folder))):
        scan = read_emidec(folder, case).with_(labels=None, labelled_frames=())
        found += _stack(scan, case, "LGE", 0, locate(scan), with_labels=False)
    return found


def _stack(
    scan: Scan,
    subject: str,
    phase: Phase,
    frame: int,
    centre: tuple[float, float],
    *,
    with_labels: bool,
) -> list[TrainingSlice]:
    images = np.abs(scan.image[frame])
    labels = None
    if with_labels and scan.labels is not None:
        labels = np.where(scan.labels[frame] > Label.RV, np.uint8(Label.MYO), scan.labels[frame])
    _, dy, dx = scan.spacing
    return [
        TrainingSlice(
            subject=subject,
            group=scan.subject.group,
            phase=phase,
            index=z,
            image=images[z],
            labels=None if labels is None else labels[z],
            spacing=(dy, dx),
            centre=centre,
        )
        for z in range(len(images))
    ]


def is_held_out(case: str) -> bool:
    """Whether an EMIDEC case such as ``Case_P010`` is of the validation part."""
    return int(case[-3:]) % EMIDEC_VALIDATION == 0


def crop(
    slices: Sequence[TrainingSlice], size: int, spacing_mm: float
) -> tuple[Tensor, Tensor | None]:
    """Squares around the heart on a network's grid; see :mod:`napari_cmr.nets.squares` for units.

    Parameters
    ----------
    slices : sequence of TrainingSlice
        Either all with labels or all without.
    size, spacing_mm : int, float

    Returns
    -------
    images : float Tensor, shape (N, 1, size, size)
        Grey values as they are, 0 outside the image; segmenters are shown them
        :func:`~napari_cmr.nets.squares.standardised`.
    labels : uint8 Tensor, shape (N, size, size), or None
    """
    images = torch.empty(len(slices), 1, size, size)
    labels = torch.empty(len(slices), size, size, dtype=torch.uint8)
    for i, one in enumerate(slices):
        height, width = one.image.shape
        grid = square_grid(one.centre, one.spacing, (height, width), size, spacing_mm)
        image = torch.from_numpy(np.ascontiguousarray(one.image, dtype=np.float32))
        images[i] = sample(image[None, None], grid)[0]
        if one.labels is not None:
            truth = torch.from_numpy(np.ascontiguousarray(one.labels, dtype=np.float32))
            labels[i] = sample(truth[None, None], grid, "nearest")[0, 0].to(torch.uint8)
    return images, labels if slices and slices[0].labels is not None else None
