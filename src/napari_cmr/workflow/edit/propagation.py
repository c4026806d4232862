"""Labels of a few frames carried over the whole cycle by the motion seen in the images."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from napari_cmr.motion.registration import exponential, register, resize, resize_field, warp
from napari_cmr.scan import Scan, ScanError
from napari_cmr.workflow.edit.arguments import check_place, checked, pixel_of
from napari_cmr.workflow.edit.outlines import blend, labels_of_distances, sets_of, signed_distances

MARGIN_MM = 25.0
"""Around the labels: the part of the view that is registered."""

WORKING_PIXEL_MM = 2.0
CONTRAST = 12.0
"""Scale of the intensities; together with ``STIFFNESS`` it says how far noise may pull."""

STIFFNESS = 4.0
NEXT_FRAME = ((4, 12), (2, 10), (1, 6))
"""Levels of the registration of frames that follow each other: little is left to be found."""

FAR_FRAME = ((4, 20), (2, 20), (1, 12))
"""The same for frames of which only a few are there, such as ED and ES."""

MIN_PIXELS = 8


def propagate(
    image: np.ndarray,
    labels: np.ndarray,
    spacing: Sequence[float],
    sources: Sequence[int],
    *,
    periodic: bool = True,
) -> Generator[None, None, np.ndarray]:
    """Carry the labels of some frames to all others.

    From every source frame labels are carried forwards and backwards to the next sources, by
    registration of the source's image, as it was carried so far, to each next frame: errors do not
    add up from frame to frame. The two ways are blended by their signed distances, the nearer
    source counting more. Slices do not mix.

    Parameters
    ----------
    image : ndarray, shape (T, Z, Y, X)
        Magnitude or complex.
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    spacing : sequence of 3 floats
        ``(dz, dy, dx)`` in mm.
    sources : sequence of int
        Frames whose labels are right.
    periodic : bool
        Whether the first frame follows the last, as in a whole heart cycle.

    Yields
    ------
    None
        After each step, so that it can be followed and stopped; there are :func:`n_steps`.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)
        Sources, and slices that no source has labelled, are as they were.

    Raises
    ------
    ScanError
        If shapes differ, a source has no labels or lies outside of the scan, or there is no other
        frame.
    """
    labels, pixel = checked(labels).copy(), pixel_of(spacing)
    sources = _checked_sources(image, labels, sources)
    drawn = np.flatnonzero(labels[sources].any(axis=(0, 2, 3)))
    heart = np.ix_(drawn, *_heart_box(labels[sources], pixel))
    shape = labels[0][heart].shape[1:]
    rows, columns = (
        max(round(n * step / WORKING_PIXEL_MM), MIN_PIXELS)
        for n, step in zip(shape, pixel, strict=True)
    )
    levels = NEXT_FRAME if periodic else FAR_FRAME

    ways: dict[int, list[_Way]] = {}
    for source in sources:
        start = _features(image[source][heart], (rows, columns))
        for direction in (1, -1):
            motion = np.zeros((2, *start.shape[1:]), np.float32)
            frames = _frames_from(source, direction, sources, len(labels), periodic)
            for n_steps, frame in enumerate(frames, start=1):
                end = _features(image[frame][heart], (rows, columns))
                velocity = register(warp(start, motion), end, stiffness=STIFFNESS, levels=levels)
                onwards = exponential(velocity)
                motion = onwards + warp(motion, onwards)
                ways.setdefault(frame, []).append(_Way(source, n_steps, motion))
                yield
    shapes = {source: signed_distances(sets_of(labels[source][heart]), pixel) for source in sources}
    for frame, found in ways.items():
        moved = [warp(shapes[one.source], resize_field(one.motion, shape)) for one in found]
        if len(moved) == 2:
            # blended by how far each has come
            there, back = (one.n_steps for one in found)
            moved = [blend(moved[0], moved[1], there / (there + back))]
        labels[frame, drawn] = 0
        labels[frame][heart] = labels_of_distances(moved[0])
        yield
    return labels


def propagated(scan: Scan, labels: np.ndarray, sources: Sequence[int] | None = None) -> np.ndarray:
    """Carry labels over the cycle of a scan, in one go.

    Parameters
    ----------
    scan : Scan
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    sources : sequence of int, optional
        Frames whose labels are right; all that are labelled by default.

    Returns
    -------
    ndarray of uint8, shape (T, Z, Y, X)

    Raises
    ------
    ScanError
        See :func:`propagate`.
    """
    if sources is None:
        sources = np.flatnonzero(checked(labels).any(axis=(1, 2, 3))).tolist()
    steps = propagate(scan.image, labels, scan.spacing, sources, periodic=scan.has_full_cycle)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: np.ndarray = done.value
            return result


@dataclass(frozen=True, eq=False)
class _Way:
    """How a source frame came to another one: in how many steps, by which displacement."""

    source: int
    n_steps: int
    motion: np.ndarray


def n_steps(n_frames: int, sources: Sequence[int], *, periodic: bool = True) -> int:
    """How often :func:`propagate` yields."""
    n_others = n_frames - len(set(sources))
    n_ways = sum(
        len(_frames_from(source, direction, sources, n_frames, periodic))
        for source in set(sources)
        for direction in (1, -1)
    )
    return n_ways + n_others


def _frames_from(
    source: int, direction: int, sources: Sequence[int], n_frames: int, periodic: bool
) -> list[int]:
    """Frames from a source to the next one, in the order in which they are reached."""
    frames = []
    for step in range(1, n_frames):
        frame = source + direction * step
        if not periodic and not 0 <= frame < n_frames:
            break
        if frame % n_frames in sources:
            break
        frames.append(frame % n_frames)
    return frames


def _features(stack: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """What is registered of a frame: grey values, and how steep they are; ``(2, Z, Y, X)``.

    Grey values alone follow blood that darkens as it slows; edges stay where they are.
    """
    magnitude = np.abs(stack) if np.iscomplexobj(stack) else stack
    low, high = np.percentile(magnitude, (5, 95), axis=(1, 2), keepdims=True)
    flat = np.maximum(high - low, 1e-6 * max(float(np.abs(magnitude).max()), 1e-30))
    grey = resize((magnitude - low) * (CONTRAST / flat), shape)
    return np.stack([grey, np.hypot(*np.gradient(grey, axis=(1, 2)))])


def _heart_box(labels: np.ndarray, pixel: tuple[float, float]) -> list[np.ndarray]:
    """Rows and columns around labels, with a margin."""
    seen: np.ndarray = np.any(labels, axis=(0, 1))
    box = []
    for along, step in ((seen.any(axis=1), pixel[0]), (seen.any(axis=0), pixel[1])):
        places = np.flatnonzero(along)
        margin = int(np.ceil(MARGIN_MM / step))
        first, last = max(int(places[0]) - margin, 0), int(places[-1]) + margin
        box.append(np.arange(first, min(last + 1, along.size)))
    return box


def _checked_sources(image: np.ndarray, labels: np.ndarray, sources: Sequence[int]) -> list[int]:
    if np.shape(image) != labels.shape:
        raise ScanError(
            f"labels of shape {labels.shape} on an image of shape {np.shape(image)}",
            remedy="labels must lie on the image's own grid",
        )
    if min(labels.shape[2:]) < MIN_PIXELS:
        raise ScanError(
            f"slices of {labels.shape[2:]} pixels are too small to follow a heart in",
            remedy="use the whole image",
        )
    if len(labels) < 2:
        raise ScanError(
            "a still image has no other frame to carry labels to",
            remedy="open a cine",
        )
    if not len(sources):
        raise ScanError(
            "no frame was chosen to carry labels from",
            remedy="choose a labelled frame, or accept one first",
        )
    found = sorted({int(frame) for frame in sources})
    for frame in found:
        check_place(labels, (frame, 0))
        if not labels[frame].any():
            raise ScanError(
                f"frame {frame + 1} has no labels to carry on",
                remedy="draw them first, or choose another frame",
            )
    if len(found) == len(labels):
        raise ScanError(
            "every frame is a source, so that there is nothing to fill in",
            remedy="choose fewer frames to carry labels from",
        )
    return found
