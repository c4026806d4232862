"""Which view of the heart a series shows, from its description or else from its geometry."""

from collections.abc import Sequence

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.heart_views import (
    AXIS_TOLERANCE,
    BASE_TO_APEX,
    View,
    sort_of,
    view_of,
    view_of_normal,
)


def guess_short_axis(groups: Sequence[tuple[Sequence[Plane], int]]) -> np.ndarray | None:
    """Normal of the short-axis planes of a study (LPS+, base to apex), or None.

    Parameters
    ----------
    groups : sequence of (planes, number of slices)
        Sets of parallel planes.

    Notes
    -----
    Planes that call themselves short axis decide. Otherwise it is the largest set of at least
    three parallel planes whose normal lies within 40 degrees of :data:`BASE_TO_APEX`; transverse,
    coronal and sagittal stacks lie 48 degrees and more away from it.
    """
    best: tuple[int, int, int] | None = None
    axis = None
    for planes, n_slices in groups:
        first = planes[0]
        if not first.placed or first.localizer:
            continue
        named = view_of(first.description)
        normal = first.normal if first.normal @ BASE_TO_APEX >= 0 else -first.normal
        if named not in (None, "SAX") or (
            named is None and (n_slices < 3 or float(normal @ BASE_TO_APEX) < AXIS_TOLERANCE)
        ):
            continue
        rank = (int(named == "SAX"), n_slices, len(planes))
        if best is None or rank > best:
            best, axis = rank, normal
    return axis


def guess_view(
    planes: Sequence[Plane], *, n_frames: int, n_slices: int, axis: np.ndarray | None
) -> View:
    """View of a series: its description first, then its geometry.

    Parameters
    ----------
    planes : sequence of Plane
        Images of one orientation.
    n_frames, n_slices : int
    axis : ndarray or None
        Short-axis normal of the study, from :func:`guess_short_axis`.

    Notes
    -----
    See :func:`~napari_cmr.scan.heart_views.view_of_normal`. Stills, phase images and all else are
    "other" unless their description says otherwise.
    """
    first = planes[0]
    sort = sort_of(first.description)
    # Phase-sensitive late enhancement may call itself a phase image and is none.
    if (first.component != "magnitude" and sort != "lge") or first.localizer:
        return "other"
    if sort in ("scout", "flow"):
        return "other"
    named = view_of(first.description)
    if named is not None:
        return named
    if not first.placed:
        # Nothing to go by: many parallel cine slices are nearly always the short axis.
        return "SAX" if n_frames > 1 and n_slices >= 5 else "other"
    found = view_of_normal(first.normal, axis)
    if found == "SAX":
        return found
    if (n_frames == 1 and sort != "lge") or n_slices > 3:
        return "other"
    return found
