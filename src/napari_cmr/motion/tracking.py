"""How tissue moves through a cine: its way from one frame to all others, slice by slice in plane.

Every frame is registered with the reference frame itself (:mod:`napari_cmr.motion.registration`),
so that errors do not add up from frame to frame. What moves through the plane is not seen, and
neither is what slides along a border without marks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from napari_cmr.motion.registration import exponential, register, resize, resize_field
from napari_cmr.scan import ScanError

WORKING_PIXEL_MM = 2.0
MARGIN_MM = 15.0
"""Around the region that moves: what is registered with it, and hardly moves."""

CONTRAST, STIFFNESS = 12.0, 4.0
"""Scale of the grey values, and with it how far noise may pull."""

FRAMES_AT_ONCE = 4
"""Registered together, between two calls of ``watch``."""

MIN_PIXELS = 8

RADIUS_MM, CHAMBER_MM = 85.0, 20.0
"""No part of a heart lies farther from its middle; and the size of what is sought there."""

STEP_MM, MOVES_MM = 7.0, 2.0
"""Between two places that are followed, and how far they come at least."""

EDGE_MM, EDGE_SHARE = 2.0, 0.12
"""Width of the borders that are followed, and how steep they are, as a share of the steepest."""


@dataclass(frozen=True, eq=False)
class TissueMotion:
    """Way of some places of tissue through a cine.

    Attributes
    ----------
    reference : int
        Frame, from 0, in which the tissue is at ``places``.
    places : ndarray, shape (N, 2), float32
        Rows and columns, in pixels.
    moved : ndarray, shape (T, N, 2), float32
        How far each place has come in each frame, along rows and columns, in mm.
    """

    reference: int
    places: np.ndarray
    moved: np.ndarray

    @property
    def distance(self) -> np.ndarray:
        """How far each place has come in each frame, (T, N), in mm."""
        length: np.ndarray = np.linalg.norm(self.moved, axis=2)
        return length


def track(
    image: np.ndarray,
    pixel: Sequence[float],
    *,
    reference: int = 0,
    region: np.ndarray | None = None,
    watch: Callable[[float], None] | None = None,
) -> np.ndarray:
    """Find how far tissue has moved in every frame since a reference frame.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X)
        One slice, magnitude or complex.
    pixel : sequence of 2 floats
        ``(dy, dx)`` in mm.
    reference : int
        Frame, from 0, on whose grid the answer lies.
    region : ndarray of bool, shape (Y, X), optional
        What is looked at; by default :func:`heart_region`. Elsewhere the answer is 0.
    watch : callable, optional
        Is told the share that is done, and may raise to end the work.

    Returns
    -------
    ndarray, shape (2, T, Y, X), float32
        What lies at a pixel in the reference frame has moved so far in each frame, along Y and X,
        in mm.

    Raises
    ------
    ScanError
        If there is no other frame, no such reference frame, or the slice is too small.
    """
    magnitude = np.abs(image).astype(np.float32, copy=False)
    n_frames, height, width = magnitude.shape
    _check(magnitude, reference)
    region = heart_region(magnitude, pixel) if region is None else region
    displacement = np.zeros((2, n_frames, height, width), np.float32)
    box = _box(region, pixel)
    part = magnitude[(slice(None), *box)]
    shape = part.shape[1:]
    working = tuple(
        max(round(n * step / WORKING_PIXEL_MM), MIN_PIXELS)
        for n, step in zip(shape, pixel, strict=True)
    )
    features = _features(part, working)
    others = [frame for frame in range(n_frames) if frame != reference]
    mm = np.array(pixel, np.float32)[:, None, None, None]
    for first in range(0, len(others), FRAMES_AT_ONCE):
        if watch is not None:
            watch(first / len(others))
        frames = others[first : first + FRAMES_AT_ONCE]
        still = np.repeat(features[:, [reference]], len(frames), axis=1)
        # what is at p in the reference frame is at p + displacement in the other one
        found = exponential(register(features[:, frames], still, stiffness=STIFFNESS))
        displacement[(slice(None), frames, *box)] = resize_field(found, shape) * mm
    displacement *= region
    return displacement


def heart_region(image: np.ndarray, pixel: Sequence[float]) -> np.ndarray:
    """Disc around what varies most over the cycle, wide enough for a heart.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X), real
        Magnitude.
    pixel : sequence of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    ndarray of bool, shape (Y, X)
        Empty where nothing varies.
    """
    from scipy.ndimage import gaussian_filter

    # A vessel that pulses may vary as much as the heart does, but is smaller.
    variation = gaussian_filter(image.std(axis=0), CHAMBER_MM / np.asarray(pixel, float))
    if variation.max() <= 1e-6 * np.abs(image).max():
        return np.zeros(variation.shape, dtype=bool)
    centre = np.unravel_index(np.argmax(variation), variation.shape)
    rows, columns = np.indices(variation.shape)
    dy, dx = pixel
    disc: np.ndarray = np.hypot((rows - centre[0]) * dy, (columns - centre[1]) * dx) < RADIUS_MM
    return disc


def moving_borders(frame: np.ndarray, field: np.ndarray, pixel: Sequence[float]) -> np.ndarray:
    """Places on a regular grid where tissue moves and has a border, so that motion can be seen.

    Parameters
    ----------
    frame : ndarray, shape (Y, X), real
        Magnitude of the reference frame.
    field : ndarray, shape (2, T, Y, X)
        Of the full scan, from :func:`track`.
    pixel : sequence of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    ndarray, shape (N, 2), int
        Rows and columns, about ``STEP_MM`` apart; none where nothing moves by ``MOVES_MM``.
    """
    from scipy.ndimage import gaussian_gradient_magnitude

    moves = np.hypot(*field).max(axis=0) >= MOVES_MM
    if not moves.any():
        return np.zeros((0, 2), int)
    sigma = EDGE_MM / np.asarray(pixel, float)
    steepness = gaussian_gradient_magnitude(frame.astype(np.float32), sigma)
    seen = moves & (steepness > EDGE_SHARE * np.percentile(steepness[moves], 99))
    steps = [max(1, round(STEP_MM / one)) for one in pixel]
    grid = np.zeros(frame.shape, dtype=bool)
    grid[steps[0] // 2 :: steps[0], steps[1] // 2 :: steps[1]] = True
    return np.argwhere(seen & grid)


def follow(field: np.ndarray, places: np.ndarray, *, reference: int = 0) -> TissueMotion:
    """Take the way of some places out of a field.

    Parameters
    ----------
    field : ndarray, shape (2, T, Y, X)
        From :func:`track`.
    places : ndarray of int, shape (N, 2)
        Rows and columns in the reference frame, as from :func:`moving_borders`.
    reference : int
        Frame, from 0.
    """
    rows, columns = np.asarray(places, int).T
    moved = np.ascontiguousarray(field[:, :, rows, columns].transpose(1, 2, 0))
    return TissueMotion(reference, np.asarray(places, np.float32), moved)


def motion_error_mm(motion: TissueMotion, true: TissueMotion) -> float:
    """Mean distance in mm between where tissue is and where it truly is, in all other frames.

    Raises
    ------
    ValueError
        If they do not follow the same places from the same frame through as many frames.
    """
    alike = motion.reference == true.reference and motion.moved.shape == true.moved.shape
    if not alike or not np.array_equal(motion.places, true.places):
        raise ValueError("motion of other places than those it is compared with")
    others = np.arange(len(true.moved)) != true.reference
    return float(np.linalg.norm(motion.moved - true.moved, axis=2)[others].mean())


def _check(magnitude: np.ndarray, reference: int) -> None:
    n_frames, height, width = magnitude.shape
    if n_frames < 2:
        raise ScanError("a still image has no motion", remedy="open a cine")
    if not 0 <= reference < n_frames:
        raise ScanError(
            f"there is no frame {reference + 1} to follow motion from",
            remedy=f"choose one of 1 to {n_frames}",
        )
    if min(height, width) < MIN_PIXELS:
        raise ScanError(
            f"slices of {height} x {width} pixels are too small to follow motion in",
            remedy="use the whole image",
        )


def _box(region: np.ndarray, pixel: Sequence[float]) -> tuple[slice, slice]:
    """Rows and columns around a region with a margin, of a few pixels at least."""
    found = []
    for axis, step in enumerate(pixel):
        n = region.shape[axis]
        inside = np.flatnonzero(region.any(axis=1 - axis))
        first, last = (inside[0], inside[-1]) if inside.size else (n // 2, n // 2)
        margin = max(int(np.ceil(MARGIN_MM / step)), MIN_PIXELS)
        found.append(slice(max(int(first) - margin, 0), min(int(last) + margin + 1, n)))
    return found[0], found[1]


def _features(frames: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """What is registered: grey values, and how steep they are; ``(2, T, Y, X)``.

    Blood darkens as it slows; edges stay where they are.
    """
    low, high = np.percentile(frames, (5, 95))
    flat = max(float(high - low), 1e-6 * max(float(frames.max()), 1e-30))
    grey = resize((frames - low) * (CONTRAST / flat), (shape[0], shape[1]))
    return np.stack([grey, np.hypot(*np.gradient(grey, axis=(1, 2)))])
