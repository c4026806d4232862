"""Small lesions that are planted in full images, and what is left of them in reconstructions.

A lesion is a disc of known place, size and contrast in the wall of an atrium or ventricle. The
response of an image at a disc is what it shows there beyond the full image without lesion: the mean
over the disc less the mean over a ring around it. It is the whole contrast in a perfect image with
the lesion, and 0 in a perfect image without.

A lesion survives where the response is at least half of the contrast, and vanishes below; where
nothing was planted, a response of at least half of the contrast is an invented one. Half way
between the two perfect images is where an observer who knows place and size errs least if errors of
both kinds cost the same and scatter alike.
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import distance_transform_edt

from napari_cmr.scan import Label

HALF = 0.5
"""Part of the contrast from which on a lesion counts as there."""
ATRIAL_WALL_MM = 3.0
"""What lies so near around an atrium's cavity is taken for its wall, which nobody labels."""
_INNER, _OUTER = 1.3, 2.2  # diameters of the ring, in those of the disc
_WALL = (Label.MYO, Label.SCAR, Label.NO_REFLOW)

Spacing = tuple[float, float]
Place = tuple[int, int]


def disc(shape: Place, place: Place, diameter_mm: float, spacing: Spacing) -> np.ndarray:
    """Share of every pixel that a disc covers, shape (Y, X), with an edge one pixel wide.

    Parameters
    ----------
    shape : tuple of 2 ints
        Rows and columns of the image.
    place : tuple of 2 ints
        Row and column of the middle.
    diameter_mm : float
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    """
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    away = np.hypot((rows - place[0]) * spacing[0], (columns - place[1]) * spacing[1])
    cover: np.ndarray = np.clip((diameter_mm / 2 - away) / min(spacing) + 0.5, 0.0, 1.0)
    return cover


def ring(shape: Place, place: Place, diameter_mm: float, spacing: Spacing) -> np.ndarray:
    """Surroundings of a disc that its mean is compared with, as shares of pixels, shape (Y, X)."""
    outer, inner = (disc(shape, place, k * diameter_mm, spacing) for k in (_OUTER, _INNER))
    return outer - inner


def plant(
    image: np.ndarray,
    places: Sequence[Place],
    diameter_mm: float,
    contrast: float,
    spacing: Spacing,
) -> np.ndarray:
    """Image with discs added.

    Parameters
    ----------
    image : ndarray, shape (..., Y, X), real
        Magnitude; the same discs are added to all leading axes.
    places : sequence of tuple of 2 ints
    diameter_mm : float
    contrast : float
        In the unit of the image; negative ones are dark. No pixel becomes negative.
    spacing : tuple of 2 floats

    Returns
    -------
    ndarray
        Of the shape and type of the image.
    """
    shape = (image.shape[-2], image.shape[-1])
    added = np.zeros(shape)
    for place in places:
        added = np.maximum(added, disc(shape, place, diameter_mm, spacing))
    return np.maximum(image + contrast * added, 0.0).astype(image.dtype)


def response(
    image: np.ndarray, plain: np.ndarray, place: Place, diameter_mm: float, spacing: Spacing
) -> float:
    """What an image shows at a disc beyond the full image without lesion.

    Parameters
    ----------
    image, plain : ndarray, shape (Y, X), real
        Magnitude of any image, and of the full one in which nothing was planted.
    place, diameter_mm, spacing
        As in :func:`disc`.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if image.shape != plain.shape or image.ndim != 2:
        raise ValueError(f"an image of {image.shape} beside one of {plain.shape}")
    shape = (image.shape[0], image.shape[1])
    apart = image.astype(np.float64) - plain
    inside, around = (kind(shape, place, diameter_mm, spacing) for kind in (disc, ring))
    return float((apart * inside).sum() / inside.sum() - (apart * around).sum() / around.sum())


def is_there(found: float, contrast: float) -> bool:
    """Whether a response is at least :data:`HALF` of a contrast, and of its sign."""
    return found / contrast >= HALF


def wall(labels: np.ndarray, spacing: Spacing) -> np.ndarray:
    """Where lesions may lie in a slice: the myocardium, or what surrounds the left atrium.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (Y, X)
    spacing : tuple of 2 floats

    Returns
    -------
    ndarray of bool, shape (Y, X)
        Of the atrium what is within :data:`ATRIAL_WALL_MM` of its cavity.
    """
    muscle: np.ndarray = np.isin(labels, _WALL)
    if muscle.any():
        return muscle
    cavity = labels == Label.LA
    if not cavity.any():
        return np.zeros(labels.shape, dtype=bool)
    away = distance_transform_edt(~cavity, sampling=spacing)
    near: np.ndarray = (away > 0) & (away <= ATRIAL_WALL_MM)
    return near


def places_in(
    where: np.ndarray,
    count: int,
    *,
    apart_mm: float,
    margin_mm: float,
    spacing: Spacing,
    rng: np.random.Generator,
) -> list[Place]:
    """Random pixels of a mask that are far enough from each other and from the image's edge.

    Parameters
    ----------
    where : ndarray of bool, shape (Y, X)
    count : int
        At most so many.
    apart_mm, margin_mm : float
        Least distance between two places, and of each to the edge.
    spacing : tuple of 2 floats
    rng : Generator

    Returns
    -------
    list of tuple of 2 ints
        Fewer than ``count``, or none, where there is no room for more.
    """
    chosen: list[Place] = []
    rows, columns = (round(margin_mm / step) for step in spacing)
    inner = np.zeros_like(where)
    inner[rows : where.shape[0] - rows, columns : where.shape[1] - columns] = True
    for row, column in rng.permutation(np.argwhere(where & inner)):
        away = [np.hypot((row - r) * spacing[0], (column - c) * spacing[1]) for r, c in chosen]
        if all(one >= apart_mm for one in away):
            chosen.append((int(row), int(column)))
        if len(chosen) == count:
            break
    return chosen
