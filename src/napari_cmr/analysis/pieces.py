"""Connected pieces of a mask; doubts about where pieces lie in a stack, and mending of labels."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from napari_cmr.analysis.plausibility import listed
from napari_cmr.scan import Code, Geometry, Label, Notice, Ventricle, of_ventricle

# What a reader draws is one piece a slice: in ACDC's 100 patients, read by experts, a second piece
# of the RV had 2 % of the first at most, and no LV had one. Smaller areas are the tip of an apex.
LARGEST_SECOND, LEAST_MM2 = 0.1, 50.0
# From the middle between its neighbours the LV's centre lay 20 mm away at most in 99 of them; in
# the other one breath-holds had shifted the slices by up to 29 mm.
FURTHEST_MM = 20.0
# Seen from the LV, the RV lay within 47 degrees of where it lies in the rest of the stack.
SWAPPED_DEG = 90.0
# LV and RV are swapped back where each covers at least so much of the other in the slices beside,
# and at most so little of itself.
LEAST_COVERED, MOST_COVERED = 0.5, 0.1


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


class Mended(NamedTuple):
    """Labels that were mended, and what was done: a notice for each kind of thing."""

    labels: np.ndarray
    places: tuple[tuple[int, int], ...]
    notices: tuple[Notice, ...]


def mend_stack(labels: np.ndarray) -> Mended:
    """Mend labels where the slices beside leave no doubt, and nowhere else.

    A piece beside a larger one of the same ventricle in its slice becomes background if no slice
    next to it has the ventricle there. LV and RV of a slice are swapped back if each lies where the
    slices next to it have the other, and the muscle encloses what becomes the LV more.

    Parameters
    ----------
    labels : ndarray of uint8, shape (T, Z, Y, X)
        They stay as they are.

    Returns
    -------
    Mended
        With the 0-based ``(frame, slice)`` that changed, in order.
    """
    here = labels.any(axis=(0, 1))
    if labels.shape[1] < 2 or not here.any():
        return Mended(labels, (), ())
    mended = labels.copy()
    rows, columns = (slice(int(a.min()), int(a.max()) + 1) for a in np.nonzero(here))
    heart = mended[:, :, rows, columns]
    done: dict[Label | None, list[tuple[int, int]]] = {}
    for frame, z in _swapped_surely(heart):
        plane = heart[frame, z]
        left, right = plane == Label.LV, plane == Label.RV
        plane[left], plane[right] = Label.RV, Label.LV
        done.setdefault(None, []).append((frame, z))
    for label in (Label.LV, Label.RV):
        stray = _strays(heart == label)
        for frame, z in np.argwhere(stray.any(axis=(2, 3))).tolist():
            heart[frame, z][stray[frame, z]] = Label.BACKGROUND
            done.setdefault(label, []).append((frame, z))
    places = sorted({place for at in done.values() for place in at})
    return Mended(mended, tuple(places), tuple(_told(label, at) for label, at in done.items()))


def _strays(there: np.ndarray) -> np.ndarray:
    """Pieces of a ventricle (T, Z, Y, X) that are neither the largest of a slice nor covered."""
    from scipy.ndimage import label

    n_frames, n_slices, *plane = there.shape
    in_plane = np.zeros((3, 3, 3), dtype=int)
    in_plane[1] = 1
    pieces, count = label(there.reshape(-1, *plane), in_plane)
    beside = np.zeros_like(there)
    beside[:, 1:] |= there[:, :-1]
    beside[:, :-1] |= there[:, 1:]
    places = np.flatnonzero(pieces)  # a tenth of all pixels
    own, plane_of = pieces.ravel()[places], places // (pieces[0].size or 1)
    sizes, at = np.bincount(own, minlength=count + 1), np.zeros(count + 1, dtype=int)
    at[own] = plane_of
    largest = np.zeros(n_frames * n_slices, dtype=int)
    np.maximum.at(largest, at, sizes)
    kept = sizes == largest[at]
    kept[own[beside.ravel()[places]]] = True
    # Where no slice beside has the ventricle at all, none speaks against a piece.
    kept |= ~beside.any(axis=(2, 3)).ravel()[at]
    found = np.zeros(there.size, dtype=bool)
    found[places] = ~kept[own]
    return found.reshape(there.shape)


def _swapped_surely(heart: np.ndarray) -> list[tuple[int, int]]:
    """Frames and slices whose LV and RV lie where those of the slices beside have the other."""
    left, right = heart == Label.LV, heart == Label.RV
    areas = {"l": left.sum(axis=(2, 3)), "r": right.sum(axis=(2, 3))}
    masks = {"l": left, "r": right}

    def share(below: str, above: str) -> np.ndarray:
        """How much of the smaller one a structure covers of that in the next slice, (T, Z - 1)."""
        common = (masks[below][:, :-1] & masks[above][:, 1:]).sum(axis=(2, 3))
        smaller = np.minimum(areas[below][:, :-1], areas[above][:, 1:])
        found: np.ndarray = common / np.maximum(smaller, 1)
        return found

    whole = (areas["l"] > 0) & (areas["r"] > 0)
    known = whole[:, :-1] & whole[:, 1:]
    crossed = np.minimum(share("l", "r"), share("r", "l")) >= LEAST_COVERED
    crossed &= np.maximum(share("l", "l"), share("r", "r")) <= MOST_COVERED
    witnesses = np.zeros(whole.shape, dtype=int)
    for pairs in (slice(1, None), slice(None, -1)):
        witnesses[:, pairs] += np.where(known, np.where(crossed, 1, -2), 0)
    # Of neighbours that contradict each other alone, either may be the one that is swapped.
    padded = np.pad(witnesses, ((0, 0), (1, 1)))
    sure = (witnesses > padded[:, :-2]) & (witnesses > padded[:, 2:])
    return [
        (frame, z)
        for frame, z in np.argwhere(sure & (witnesses > 0)).tolist()
        if _enclosed(heart[frame, z], right[frame, z]) > _enclosed(heart[frame, z], left[frame, z])
    ]


def _enclosed(plane: np.ndarray, cavity: np.ndarray) -> float:
    """Part of the rim of a cavity that is muscle."""
    from scipy.ndimage import binary_dilation

    rim = binary_dilation(cavity) & ~cavity
    return float((plane[rim] == Label.MYO).mean()) if rim.any() else 0.0


def _told(label: Label | None, places: list[tuple[int, int]]) -> Notice:
    """What was done: pieces of a structure were dropped, or LV and RV (None) swapped."""
    frames, slices = (tuple(sorted(set(numbers))) for numbers in zip(*places, strict=True))
    where = f"{listed('slice', slices)} of {listed('frame', frames)}"
    if label is None:
        text = (
            f"In {where} LV and RV were swapped back: each lay where the slices beside have the "
            "other."
        )
        return Notice(Code.MENDED, text, "heart", frames=frames, slices=slices)
    text = f"stray pieces were removed in {where}: no slice beside it has them."
    name: Ventricle = "LV" if label == Label.LV else "RV"
    return of_ventricle(Code.MENDED, name, text, frames=frames, slices=slices)
