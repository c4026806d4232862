"""Arguments of edits: what cannot be done is said before anything is changed."""

from collections.abc import Sequence

import numpy as np

from napari_cmr.scan import Label, ScanError

STRUCTURES = (Label.LV, Label.MYO, Label.RV)
Place = tuple[int, int]
"""``(frame, slice)``, counted from 0."""


def checked(labels: np.ndarray) -> np.ndarray:
    """Labels of a scan as bytes.

    Raises
    ------
    ScanError
        If they are not four-dimensional, or hold numbers that are no :class:`Label`.
    """
    labels = np.asarray(labels)
    if labels.ndim != 4 or labels.size == 0:
        raise ScanError(
            f"labels of shape {labels.shape} are not a (T, Z, Y, X) stack",
            remedy="choose a labels layer on the scan's own grid",
        )
    if labels.min() < 0 or labels.max() > max(Label):
        raise ScanError(
            f"the labels hold the number {labels.max() if labels.min() >= 0 else labels.min()}, "
            "which means nothing here",
            remedy="paint it over: 1 is LV, 2 myocardium, 3 RV, 4 scar, 5 no-reflow, 6 left atrium",
        )
    return labels.astype(np.uint8, copy=False)


def check_place(labels: np.ndarray, place: Place) -> None:
    """Raise a ScanError if labels ``(T, Z, Y, X)`` have no such frame or slice."""
    n_frames, n_slices = labels.shape[:2]
    frame, z = place
    if not 0 <= frame < n_frames:
        problem = f"there is no frame {frame + 1}"
    elif not 0 <= z < n_slices:
        problem = f"there is no slice {z + 1}"
    else:
        return
    raise ScanError(problem, remedy=f"the scan has {n_slices} slices and {n_frames} frames")


def check_structure(structure: Label | None) -> None:
    """Raise a ScanError if a structure is not one of :data:`STRUCTURES`, nor all of them."""
    if structure is not None and structure not in STRUCTURES:
        raise ScanError(
            f"{Label(structure).name} has no outline of its own",
            remedy="choose LV, MYO, RV or all structures",
        )


def pixel_of(spacing: Sequence[float]) -> tuple[float, float]:
    """``(dy, dx)`` of a spacing ``(dz, dy, dx)``, in mm.

    Raises
    ------
    ScanError
        If it is none.
    """
    steps = [float(step) for step in spacing]
    if len(steps) != 3 or not all(0 < step < np.inf for step in steps):
        raise ScanError(
            f"a spacing of {tuple(steps)} mm is no spacing of a scan",
            remedy="give (dz, dy, dx) in mm",
        )
    return steps[1], steps[2]
