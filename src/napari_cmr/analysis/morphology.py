"""Tidy labels of a whole stack: the hierarchical 3-D clean-up of chen2019, and the least wall."""

import numpy as np

from napari_cmr.analysis.pieces import largest_piece
from napari_cmr.scan import Label, ScanError

#: Radius in mm of openings and closings in the plane.
RADIUS_MM = 2.5
#: Part of its mean thickness that a wall has everywhere at least. Of 0.7 to 1.2 it was the one by
#: which cases of EMIDEC whose number 5 does not divide lost none of the cavity's Dice.
WALL_SHARE = 0.8
#: Smaller cavities, in mm2, are the tip of an apex.
LEAST_CAVITY_MM2 = 50.0


def tidy_stack(
    labels: np.ndarray,
    spacing: tuple[float, float, float],
    *,
    radius_mm: float = RADIUS_MM,
) -> np.ndarray:
    """Close gaps and drop stray pieces: the whole heart first, then the LV's wall, then its cavity.

    Each step works inside the outcome of the one before (chen2019, section 2.4): the heart as a
    whole is closed, opened and reduced to its largest piece; then the LV with its wall inside the
    heart; then the cavity inside that. What a step takes away falls to the structure around it,
    what it adds is taken from there. Scar and no-reflow count as wall and keep their numbers where
    wall is left.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (Z, Y, X)
    spacing : tuple of 3 floats
        ``(dz, dy, dx)`` in mm.
    radius_mm : float
        In the plane. Slices lie further apart than structures are smooth: across them only the
        largest piece is looked for.

    Returns
    -------
    ndarray of uint8, shape (Z, Y, X)

    Raises
    ------
    ScanError
        If the labels are not one stack, or the radius is no length.
    """
    if labels.ndim != 3:
        raise ScanError(
            f"labels of shape {labels.shape} are no stack of slices",
            remedy="give one frame at a time, (slice, row, column)",
        )
    if not radius_mm > 0:
        raise ScanError(f"a radius of {radius_mm} mm", remedy="give a length above 0")
    disc = _disc(radius_mm, spacing[1:])
    heart = _tidy(labels > 0, disc)
    with_wall = _tidy((labels > 0) & (labels != Label.RV) & heart, disc) & heart
    cavity = _tidy((labels == Label.LV) & with_wall, disc) & with_wall
    # A right ventricle is too thin to be opened: it is closed, and cut to the heart.
    right = _closed(labels == Label.RV, disc) & heart
    tidy = np.where(right, np.uint8(Label.RV), np.uint8(Label.BACKGROUND))
    wall = np.where(labels > Label.RV, labels, Label.MYO).astype(np.uint8)
    tidy[with_wall] = wall[with_wall]
    tidy[cavity] = Label.LV
    return tidy


def keep_wall(
    labels: np.ndarray, spacing: tuple[float, float, float], *, share: float = WALL_SHARE
) -> np.ndarray:
    """Give the wall at least a part of its mean thickness everywhere, from the cavity.

    Scar under the endocardium is as bright as the blood beside it and is taken for cavity, so that
    the wall seems to be thin there. Its outer border is seen well, and the cavity lies in the
    middle of it: what of the cavity is nearer to the outer border is wall.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (Z, Y, X)
    spacing : tuple of 3 floats
        ``(dz, dy, dx)`` in mm.
    share : float
        Of the thickness: in a slice the difference of the radii of discs as large as what the outer
        and the inner border enclose, and of these the median over the slices.

    Returns
    -------
    ndarray of uint8, shape (Z, Y, X)
    """
    from scipy import ndimage

    kept = labels.astype(np.uint8)
    pixel_mm2 = spacing[1] * spacing[2]
    thickness: list[float] = []
    depths: dict[int, np.ndarray] = {}
    for z, plane in enumerate(labels):
        cavity = plane == Label.LV
        wall = (plane == Label.MYO) | (plane > Label.RV)
        if cavity.sum() * pixel_mm2 < LEAST_CAVITY_MM2 or not wall.any():
            continue
        whole = ndimage.binary_fill_holes(cavity | wall)
        # From the centre of a pixel to the border, not to the centre of the first pixel beyond.
        depths[z] = ndimage.distance_transform_edt(whole, sampling=spacing[1:]) - spacing[1] / 2
        outer, inner = (np.sqrt(one.sum() * pixel_mm2 / np.pi) for one in (whole, cavity))
        thickness.append(float(outer - inner))
    for z, depth in depths.items():
        kept[z][(labels[z] == Label.LV) & (depth < share * np.median(thickness))] = Label.MYO
    return kept


def _tidy(mask: np.ndarray, disc: np.ndarray) -> np.ndarray:
    """Close, open, and keep the largest piece of a stack."""
    from scipy import ndimage

    opened = ndimage.binary_opening(_closed(mask, disc), disc)
    if not opened.any():
        return mask  # all of it is smaller than the disc: nothing to tidy
    return largest_piece(opened)


def _closed(mask: np.ndarray, disc: np.ndarray) -> np.ndarray:
    """Close in the plane; what touches the border of the image is not eaten from there."""
    from scipy import ndimage

    reach = disc.shape[1] // 2, disc.shape[2] // 2
    padded = np.pad(mask, [(0, 0), (reach[0], reach[0]), (reach[1], reach[1])])
    closed: np.ndarray = ndimage.binary_closing(padded, disc)
    return closed[:, reach[0] : -reach[0], reach[1] : -reach[1]]


def _disc(radius_mm: float, spacing: tuple[float, float]) -> np.ndarray:
    reach = [max(1, int(radius_mm / step)) for step in spacing]
    rows, columns = np.ogrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    disc = (rows * spacing[0]) ** 2 + (columns * spacing[1]) ** 2 <= radius_mm**2
    disc[reach[0]] |= columns[0] == 0
    disc[:, reach[1]] |= (rows == 0)[:, 0]
    found: np.ndarray = disc[None]
    return found
