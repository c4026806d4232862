"""Where the septum is, by the insertions of the right ventricle or by how the patient lies."""

from typing import Literal

import numpy as np

from napari_cmr.analysis.pieces import largest_piece
from napari_cmr.scan import Code, Geometry, Notice

Source = Literal["labels", "patient directions", "assumed", "given"]

CLEAR = 0.25
"""Cosine below which a direction of the patient tells nothing in the image."""

_CONTACT_MM = 3.5
_LEAST_CONTACT = 5
_MOST_TURN = np.deg2rad(30.0)
_TO_ANTERIOR = np.array([0.0, 1.0, 1.0]) / np.sqrt(2.0)  # the anterior wall faces the chest and up
_TO_SEPTUM = np.array([0.62, 0.78, 0.0])  # the septum faces the right and the front


def insertion_points(
    rv: np.ndarray, muscle: np.ndarray, centre: np.ndarray, spacing: tuple[float, float]
) -> tuple[float, float, int] | None:
    """Find where the right ventricle inserts into the left one's wall, in one slice.

    Parameters
    ----------
    rv, muscle : ndarray of bool, shape (Y, X)
    centre : ndarray, shape (2,)
        Row and column of the LV.
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    tuple of (float, float, int) or None
        Angles of both insertions in radians, the second clockwise of the first with the septum
        between them, and how many voxels touch; None where the two do not touch.
    """
    from scipy import ndimage

    rv = largest_piece(rv, 1)
    reach = max(1, round(_CONTACT_MM / float(np.mean(spacing))))
    near = rv & ndimage.binary_dilation(muscle, iterations=reach)
    y, x = np.nonzero(near)
    if y.size < _LEAST_CONTACT:
        return None
    angles = np.sort(np.arctan2((y - centre[0]) * spacing[0], (x - centre[1]) * spacing[1]))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    widest = int(gaps.argmax())
    start, end = angles[(widest + 1) % angles.size], angles[widest]
    return float(start), float(end + (2 * np.pi if end < start else 0.0)), int(y.size)


def septum_angles(
    rv: np.ndarray,
    muscle: np.ndarray,
    centres: np.ndarray,
    geometry: Geometry,
    notes: list[Notice],
) -> tuple[np.ndarray, Source]:
    """Angle of the septum's middle in every frame and slice, and how it is known."""
    spacing = geometry.spacing[1:]
    found = np.zeros(centres.shape[:2], dtype=complex)
    for t, z in np.argwhere(rv.any(axis=(2, 3)) & muscle.any(axis=(2, 3))):
        arc = insertion_points(rv[t, z], muscle[t, z], centres[t, z], spacing)
        if arc is not None:
            start, end, size = arc
            found[t, z] = size * np.exp(0.5j * (start + end))
    if not found.any():
        return _septum_without_rv(centres, geometry, notes)
    overall = found.sum()
    septum = np.empty(found.shape)
    for t, row in enumerate(found):
        own = row if row.any() else found.sum(axis=0)
        own = own if own.any() else np.full(row.shape, overall)
        padded = np.concatenate([[0], own, [0]])
        smooth = padded[:-2] + 2 * own + padded[2:]
        known = np.flatnonzero(smooth)
        nearest = known[np.abs(known - np.arange(own.size)[:, None]).argmin(axis=1)]
        middle = np.angle(own.sum())
        turn = np.angle(smooth[nearest] * np.exp(-1j * middle))
        septum[t] = middle + np.clip(turn, -_MOST_TURN, _MOST_TURN)
    return septum, "labels"


def _septum_without_rv(
    centres: np.ndarray, geometry: Geometry, notes: list[Notice]
) -> tuple[np.ndarray, Source]:
    angles = np.full(geometry.n_slices, np.pi)
    if geometry.trusted:
        x, y = (geometry.affines[:, :3, axis] @ _TO_SEPTUM for axis in (0, 1))
        x, y = x / geometry.spacing[2], y / geometry.spacing[1]
        if (np.hypot(x, y) > CLEAR).all():
            text = (
                "No right ventricle in the labels: the septum is taken to face the patient's right "
                "and front, which can be off by a segment."
            )
            notes.append(Notice(Code.SEPTUM_FROM_DIRECTIONS, text, "segments"))
            return np.tile(np.arctan2(y, x), (len(centres), 1)), "patient directions"
    text = "No right ventricle in the labels: the septum is assumed to be on the left of the image."
    notes.append(Notice(Code.SEPTUM_ASSUMED, text, "segments"))
    return np.tile(angles, (len(centres), 1)), "assumed"


def anterior_side(
    septum: np.ndarray, geometry: Geometry, notes: list[Notice]
) -> tuple[int, Source]:
    """On which side of the septum the anterior wall lies: 1 is clockwise."""
    if geometry.trusted:
        angle = np.angle(np.exp(1j * septum).sum(axis=0)) + np.pi / 2
        across = geometry.affines[:, :3, 0] / geometry.spacing[2]
        down = geometry.affines[:, :3, 1] / geometry.spacing[1]
        clockwise = np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * down
        anterior = float((clockwise @ _TO_ANTERIOR).mean())
        if abs(anterior) > CLEAR:
            return (1 if anterior > 0 else -1), "patient directions"
    text = (
        "The file does not say how the slices lie in the patient: anterior and inferior are "
        "assumed from the usual view, from the apex and not mirrored."
    )
    notes.append(Notice(Code.ANTERIOR_ASSUMED, text, "segments"))
    return 1, "assumed"
