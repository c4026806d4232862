"""Edits of labels that spare the user the drawing: copy, interpolate, fill, smooth, clean up.

Every function takes the labels of a whole scan, ``(T, Z, Y, X)``, changes some slices and returns
new labels; what is not meant stays as it was. A structure is the LV cavity, the myocardium (with
scar and no-reflow in it), the RV cavity, or None for all labels.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from napari_cmr.analysis.pieces import largest_piece
from napari_cmr.scan import Label, ScanError
from napari_cmr.workflow.edit import outlines
from napari_cmr.workflow.edit.arguments import (
    STRUCTURES,
    Place,
    check_place,
    check_structure,
    checked,
    pixel_of,
)
from napari_cmr.workflow.edit.outlines import (
    blend,
    labels_of_distances,
    labels_of_sets,
    sets_of,
    signed_distances,
)

SMOOTHING_MM = 2.0
_SET_OF = {Label.LV: outlines.LV, Label.MYO: outlines.EPI, Label.RV: outlines.RV}


def copy_slice(
    labels: np.ndarray, source: Place, target: Place, structure: Label | None = None
) -> np.ndarray:
    """Copy the contours of one slice to another, of the same frame or not.

    Copied LV takes the place of the target's LV, and what that leaves behind within the wall
    becomes wall. A copied wall keeps the target's cavity within it, and a copied RV ends at the
    target's wall.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    source, target : (int, int)
        Frame and slice.
    structure : Label, optional
        LV, MYO or RV; by default all labels of the slice are copied over those of the target.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)

    Raises
    ------
    ScanError
        If a place lies outside of the scan, both are the same, or the source has nothing to copy.
    """
    labels = checked(labels).copy()
    check_structure(structure)
    for place in (source, target):
        check_place(labels, place)
    if tuple(source) == tuple(target):
        raise ScanError(
            "a slice cannot be copied to itself", remedy="go to another frame or slice first"
        )
    _check_drawn(labels, source, structure)
    if structure is None:
        labels[target] = labels[source]
        return labels
    drawn, there = sets_of(labels[source]), sets_of(labels[target])
    has_wall = bool((there[outlines.EPI] & ~there[outlines.LV]).any())
    if structure == Label.LV:
        cavity = drawn[outlines.LV]
        there[outlines.EPI] = there[outlines.EPI] | cavity if has_wall else cavity
        there[outlines.LV] = cavity
    elif structure == Label.RV:
        there[outlines.RV] = drawn[outlines.RV]
    elif there[outlines.LV].any():
        there[outlines.EPI] = _filled(drawn[outlines.EPI])
    else:
        there[outlines.EPI] = drawn[outlines.EPI] & ~drawn[outlines.LV]
    labels[target] = labels_of_sets(there)
    return labels


def interpolate_slices(labels: np.ndarray, frame: int, spacing: Sequence[float]) -> np.ndarray:
    """Label the empty slices of a frame that lie between labelled ones.

    Signed distances to the outlines of the two neighbours are blended (shape-based interpolation:
    Raya and Udupa, IEEE Trans Med Imaging 9(1), 1990), moved so that the hearts lie over each
    other. A structure that only one neighbour has ends halfway.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    frame : int
    spacing : sequence of 3 floats
        ``(dz, dy, dx)`` in mm.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)

    Raises
    ------
    ScanError
        If no slice of the frame lies empty between two that are labelled.
    """
    labels = checked(labels).copy()
    check_place(labels, (frame, 0))
    pixel = pixel_of(spacing)
    drawn = np.flatnonzero(labels[frame].any(axis=(1, 2)))
    gaps = [(below, above) for below, above in pairwise(drawn.tolist()) if above > below + 1]
    if not gaps:
        raise ScanError(
            f"frame {frame + 1} has no empty slice between two labelled ones",
            remedy="label a slice on either side of the empty ones first",
        )
    for below, above in gaps:
        pair = sets_of(labels[frame, [below, above]])
        first, second = (signed_distances(pair[:, [i]], pixel) for i in (0, 1))
        shift = _centre(pair[:, 1]) - _centre(pair[:, 0])
        for z in range(below + 1, above):
            weight = (z - below) / (above - below)
            between = blend(
                _moved(first, weight * shift), _moved(second, (weight - 1) * shift), weight
            )
            labels[frame, z] = labels_of_distances(between)[0]
    return labels


def fill_holes(
    labels: np.ndarray, places: Iterable[Place], structure: Label | None = None
) -> np.ndarray:
    """Fill what a structure encloses but does not cover.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    places : iterable of (int, int)
        Frames and slices.
    structure : Label, optional
        LV or RV: everything enclosed becomes that cavity, papillary muscles too. MYO: what is not
        labelled within the wall becomes wall. By default whatever is enclosed by the heart and not
        labelled goes to the nearest structure; in a slice without LV the largest hole of the wall
        is the LV.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)

    Raises
    ------
    ScanError
        If a place lies outside of the scan, or none of them holds the structure.
    """
    labels = checked(labels).copy()
    for place in _drawn_places(labels, places, structure):
        plane = labels[place]
        if structure is None:
            labels[place] = _with_holes_filled(plane)
        elif structure == Label.MYO:
            hole = _filled(sets_of(plane)[outlines.EPI]) & (plane == 0)
            if not (plane == Label.LV).any():
                hole &= ~largest_piece(hole)  # the cavity, which nobody has labelled
            plane[hole] = Label.MYO
        else:
            plane[_filled(plane == structure)] = structure
    return labels


def smooth(
    labels: np.ndarray,
    places: Iterable[Place],
    spacing: Sequence[float],
    structure: Label | None = None,
    *,
    sigma_mm: float = SMOOTHING_MM,
) -> np.ndarray:
    """Smooth outlines in the plane, without gaps between structures.

    The signed distances to the nested outlines are smoothed with a Gaussian, and cut where every
    outline holds as many voxels as before, so that volumes stay.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    places : iterable of (int, int)
        Frames and slices.
    spacing : sequence of 3 floats
        ``(dz, dy, dx)`` in mm.
    structure : Label, optional
        Whose outline; all of them by default.
    sigma_mm : float
        Standard deviation of the Gaussian.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)

    Raises
    ------
    ScanError
        If a place lies outside of the scan, none of them holds the structure, or ``sigma_mm`` is
        not positive.
    """
    labels = checked(labels).copy()
    pixel = pixel_of(spacing)
    if not 0 < sigma_mm < np.inf:
        raise ScanError(
            f"outlines cannot be smoothed over {sigma_mm} mm", remedy="choose 1 to 5 mm"
        )
    for place in _drawn_places(labels, places, structure):
        sets = sets_of(labels[place][None])
        distances = signed_distances(sets, pixel)
        chosen = range(outlines.N_SETS) if structure is None else [_SET_OF[structure]]
        for index in chosen:
            distances[index] = _smoothed(distances[index], sets[index], sigma_mm, pixel)
        if not (sets[outlines.EPI] & ~sets[outlines.LV]).any():  # no wall: both are one outline
            distances[outlines.EPI] = distances[outlines.LV]
        labels[place] = labels_of_distances(distances)[0]
    return labels


def keep_largest(
    labels: np.ndarray, frames: Iterable[int], structure: Label | None = None
) -> np.ndarray:
    """Keep the largest connected piece of each structure in a frame, through all its slices.

    Pieces of the left cavity become wall where they touch it; other pieces are removed.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    frames : iterable of int
    structure : Label, optional
        LV, MYO or RV; each of them by default.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)

    Raises
    ------
    ScanError
        If a frame lies outside of the scan, or none of them holds the structure.
    """
    labels = checked(labels).copy()
    n_slices = labels.shape[1]
    places = [(frame, z) for frame in frames for z in range(n_slices)]
    chosen = STRUCTURES if structure is None else (structure,)
    for frame in dict.fromkeys(t for t, _z in _drawn_places(labels, places, structure)):
        sets = sets_of(labels[frame])
        for one in chosen:
            kept = largest_piece(sets[_SET_OF[one]])
            if one == Label.LV:
                stray = sets[outlines.LV] & ~kept
                sets[outlines.EPI] &= ~stray | _touched(sets[outlines.EPI], ~stray)
            sets[_SET_OF[one]] = kept
        labels[frame] = labels_of_sets(sets)
    return labels


# -- parts of the above ---------------------------------------------------------------------------


def _filled(mask: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_fill_holes

    filled: np.ndarray = binary_fill_holes(mask)
    return filled


def _with_holes_filled(plane: np.ndarray) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt

    plane = plane.copy()
    if not (plane == Label.LV).any():
        wall = sets_of(plane)[outlines.EPI]
        plane[largest_piece(_filled(wall) & (plane == 0))] = Label.LV
    hole = _filled(plane > 0) & (plane == 0)
    rows, columns = distance_transform_edt(plane == 0, return_distances=False, return_indices=True)
    plane[hole] = plane[rows[hole], columns[hole]]
    return plane


def _smoothed(
    distances: np.ndarray, inside: np.ndarray, sigma_mm: float, pixel: tuple[float, float]
) -> np.ndarray:
    """Smooth distances ``(1, Y, X)`` so that as many pixels as before lie above zero."""
    from scipy.ndimage import gaussian_filter

    n = int(inside.sum())
    if n in (0, inside.size):
        return distances
    smoothed = gaussian_filter(distances, (0, *(sigma_mm / step for step in pixel)))
    lowest = np.partition(smoothed, -n - 1, axis=None)
    # halfway between the last pixel inside and the first one outside
    return smoothed - (lowest[-n:].min() + lowest[-n - 1]) / 2


def _touched(mask: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Pieces of a mask that hold pixels of another one as well."""
    from scipy.ndimage import label

    pieces, count = label(mask, np.ones((3,) * mask.ndim))
    holds = np.zeros(count + 1, bool)
    holds[pieces[mask & others]] = True
    touched: np.ndarray = holds[pieces] & mask
    return touched


def _centre(sets: np.ndarray) -> np.ndarray:
    """Centre of the left ventricle, or of what there is; row and column."""
    mask = sets[outlines.EPI] if sets[outlines.EPI].any() else sets[outlines.HEART]
    return np.argwhere(mask).mean(axis=0)


def _moved(distances: np.ndarray, shift: np.ndarray) -> np.ndarray:
    from scipy.ndimage import shift as shifted

    moved: np.ndarray = shifted(distances, (0, 0, *shift), order=1, mode="nearest")
    return moved


def _holds(plane: np.ndarray, structure: Label | None) -> bool:
    if structure == Label.MYO:
        sets = sets_of(plane)
        return bool((sets[outlines.EPI] & ~sets[outlines.LV]).any())
    return bool(plane.any() if structure is None else (plane == structure).any())


def _check_drawn(labels: np.ndarray, place: Place, structure: Label | None) -> None:
    if not _holds(labels[place], structure):
        what = "labels" if structure is None else f"{structure.name} label"
        raise ScanError(
            f"slice {place[1] + 1} of frame {place[0] + 1} has no {what}",
            remedy="draw it there first, or choose another structure",
        )


def _drawn_places(
    labels: np.ndarray, places: Iterable[Place], structure: Label | None
) -> list[Place]:
    """Those places that hold the structure."""
    check_structure(structure)
    places = list(places)
    for place in places:
        check_place(labels, place)
    drawn = [place for place in places if _holds(labels[place], structure)]
    if not drawn:
        what = "labelled" if structure is None else f"labelled {structure.name}"
        raise ScanError(
            f"nothing is {what} here",
            remedy="go to a labelled slice, or choose another structure",
        )
    return drawn
