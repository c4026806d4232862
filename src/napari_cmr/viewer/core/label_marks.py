"""Which slices of a labels layer are labelled, and which of them the user has changed."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np


@dataclass(frozen=True, eq=False)
class Marks:
    """What is known of every slice of every frame; all of shape (T, Z).

    Attributes
    ----------
    digests : ndarray of uint32
        Of the labels of each slice; 0 where there are none.
    dirty : ndarray of bool
        Where the user's labels are not saved.
    """

    digests: np.ndarray
    dirty: np.ndarray

    @property
    def labelled(self) -> np.ndarray:
        """Where there are labels, shape (T, Z)."""
        labelled: np.ndarray = self.digests != 0
        return labelled


@dataclass(frozen=True, eq=False)
class Origin:
    """What a layer's labels can be had from again: a file, a model, or an empty layer.

    Attributes
    ----------
    start : ndarray or None
        Labels as they came with the scan or from a model; None for a layer that began empty.
    saved : ndarray or None
        Digests of the labels that were saved last.
    saved_accepted : ndarray of bool or None
        What was accepted then, shape (T, Z).
    """

    start: np.ndarray | None
    saved: np.ndarray | None
    saved_accepted: np.ndarray | None


def marks_of(labels: np.ndarray, origin: Origin) -> Marks:
    """Look at labels of shape (T, Z, Y, X); slow enough for a thread."""
    now = digests_of(labels)
    start = np.zeros_like(now) if origin.start is None else digests_of(origin.start)
    dirty = now != start
    if origin.saved is not None:
        dirty &= now != origin.saved
    return Marks(now, dirty)


def digests_of(labels: np.ndarray) -> np.ndarray:
    """Digest of every slice; 0 for an empty one. Shape (T, Z), uint32."""
    labels = np.ascontiguousarray(labels, dtype=np.uint8)
    n_frames, n_slices = labels.shape[:2]
    planes = labels.reshape(n_frames * n_slices, -1)
    empty = _digest_of_zeros(planes.shape[1])
    found = (zlib.crc32(plane.data) for plane in planes)
    digests = np.array([0 if one == empty else one or 1 for one in found], np.uint32)
    return digests.reshape(n_frames, n_slices)


@cache
def _digest_of_zeros(n: int) -> int:
    return zlib.crc32(bytes(n))


def places_in(scope: str, place: tuple[int, int], shape: Sequence[int]) -> list[tuple[int, int]]:
    """``(frame, slice)`` of a scope (``"slice"``, ``"frame"`` or ``"all"``) around a place."""
    if scope == "slice":
        return [place]
    frames = [place[0]] if scope == "frame" else range(shape[0])
    return [(frame, z) for frame in frames for z in range(shape[1])]
