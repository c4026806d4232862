"""Connected pieces of a mask, and doubts about where the pieces of ventricles lie in a stack."""

from collections.abc import Iterable

import numpy as np

from napari_cmr.analysis.plausibility import listed
from napari_cmr.scan import Code, Geometry, Label, Notice, of_ventricle

# What a reader draws is one piece a slice: in ACDC's 100 patients, read by experts, a second piece
# of the RV had 2 % of the first at most, and no LV had one. Smaller areas are the tip of an apex.
LARGEST_SECOND, LEAST_MM2 = 0.1, 50.0
# From the middle between its neighbours the LV's centre lay 20 mm away at most in 99 of them; in
# the other one breath-holds had shifted the slices by up to 29 mm.
FURTHEST_MM = 20.0
# Seen from the LV, the RV lay within 47 degrees of where it lies in the rest of the stack.
SWAPPED_DEG = 90.0


def largest_piece(mask: np.ndarray, connectivity: int | None = None) -> np.ndarray:
    """Largest connected piece of a mask.

    Parameters
    ----------
    mask : ndarray of bool
    connectivity : int, optional
        Pixels are neighbours if they differ in at most so many axes, by one in each; in all axes
        by default, so that pixels that touch at a corner are connected.

    Returns
    -------
    ndarray of bool, same shape
        Of several pieces of the same size, the first; an empty mask stays empty.
    """
    from scipy.ndimage import generate_binary_structure, label

    structure = generate_binary_structure(mask.ndim, connectivity or mask.ndim)
    pieces, count = label(mask, structure)
    if count < 2:
        return mask
    largest: np.ndarray = pieces == 1 + int(np.bincount(pieces.ravel())[1:].argmax())
    return largest


def place_warnings(labels: np.ndarray, geometry: Geometry, frames: Iterable[int]) -> list[Notice]:
    """Doubts about ventricles in pieces, off their neighbours, or on each other's side.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    geometry : Geometry
    frames : iterable of int
        Frames to look at, such as end-diastole and end-systole.
    """
    _, dy, dx = geometry.spacing
    found: dict[tuple[Code, str], set[tuple[int, int]]] = {}
    for frame in sorted(set(frames)):
        centres: dict[str, dict[int, np.ndarray]] = {"LV": {}, "RV": {}}
        for name, label in (("LV", Label.LV), ("RV", Label.RV)):
            for z, plane in enumerate(labels[frame] == label):
                if plane.sum() * dy * dx < LEAST_MM2:
                    continue
                whole = np.argwhere(plane)
                if 1 - largest_piece(plane).sum() / len(whole) > LARGEST_SECOND:
                    found.setdefault((Code.IN_PIECES, name), set()).add((frame, z))
                centres[name][z] = whole.mean(axis=0) * (dy, dx)
        for z in _far(centres["LV"]):
            found.setdefault((Code.CENTRE_JUMPS, "LV"), set()).add((frame, z))
        for z in _swapped(centres["LV"], centres["RV"]):
            found.setdefault((Code.VENTRICLES_SWAPPED, "heart"), set()).add((frame, z))
    return [_said(code, name, sorted(places)) for (code, name), places in found.items()]


def _far(centres: dict[int, np.ndarray]) -> list[int]:
    """Slices whose centre lies far from the middle of those of their neighbours."""
    inner = [z for z in centres if z - 1 in centres and z + 1 in centres]
    return [
        z
        for z in inner
        if np.linalg.norm(centres[z] - (centres[z - 1] + centres[z + 1]) / 2) > FURTHEST_MM
    ]


def _swapped(left: dict[int, np.ndarray], right: dict[int, np.ndarray]) -> list[int]:
    """Slices in which the RV lies on another side of the LV than in the rest of the stack."""
    both = [z for z in right if z in left and not np.allclose(right[z], left[z])]
    if len(both) < 3:
        return []
    ways = np.array([(right[z] - left[z]) / np.linalg.norm(right[z] - left[z]) for z in both])
    usual = np.median(ways, axis=0)
    limit = np.cos(np.deg2rad(SWAPPED_DEG)) * np.linalg.norm(usual)
    return [z for z, way in zip(both, ways, strict=True) if way @ usual < limit]


def _said(code: Code, name: str, places: list[tuple[int, int]]) -> Notice:
    frames, slices = (tuple(sorted(set(numbers))) for numbers in zip(*places, strict=True))
    where = f"{listed('slice', slices)} of {listed('frame', frames)}"
    if code == Code.VENTRICLES_SWAPPED:
        text = (
            f"In {where} the RV lies on another side of the LV than in the rest of the stack: they "
            "may be swapped there."
        )
        return Notice(code, text, "heart", frames=frames, slices=slices)
    text = {
        Code.IN_PIECES: f"in pieces in {where}; a ventricle is one, the others are something else.",
        Code.CENTRE_JUMPS: f"more than {FURTHEST_MM:.0f} mm off the slices beside it in {where}; "
        "the labels are wrong there, or breathing has shifted the slices.",
    }[code]
    return of_ventricle(code, "LV" if name == "LV" else "RV", text, frames=frames, slices=slices)
