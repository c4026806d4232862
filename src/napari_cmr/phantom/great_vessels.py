"""Atria and aortic root, which come into view where the base of the heart sinks below a plane."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class _Chamber:
    """An ellipse in units of a normal heart.

    Centre at the base in mm, drift per mm above it, half axes in mm, turn in
    radians, wall in mm, signal of its blood.
    """

    x: float
    y: float
    drift_x: float
    drift_y: float
    a: float
    b: float
    turn: float
    wall_mm: float
    blood: float


_LEFT_ATRIUM = _Chamber(2.0, 3.0, 0.30, 0.35, 26.5, 24.0, 0.35, 1.4, 0.92)
_APPENDAGE = _Chamber(20.0, -9.0, 0.2, -0.1, 11.0, 9.0, -0.7, 1.2, 0.88)
_RIGHT_ATRIUM = _Chamber(-49.0, 10.0, 0.25, 0.25, 22.0, 28.0, 0.15, 1.4, 0.84)
_AORTIC_ROOT = _Chamber(-10.0, -13.0, -0.1, -0.2, 14.0, 13.0, 0.2, 1.5, 0.95)
_CORONARY = _Chamber(9.0, -25.0, 0.0, 0.0, 1.9, 1.6, 0.0, 0.4, 0.9)


def paint_great_vessels(
    image: np.ndarray,
    dx: np.ndarray,
    dy: np.ndarray,
    signals: Mapping[str, complex],
    pixel_mm: float,
    *,
    scale: float,
    filled: np.ndarray,
    height_mm: np.ndarray,
    sac_mm: np.ndarray,
    radius_mm: np.ndarray,
) -> np.ndarray:
    """Paint atria and aortic root over a plane above the base.

    Parameters
    ----------
    image : ndarray, shape (T, pixels)
        Signal of the frames in which the plane lies above the base.
    dx, dy : ndarray, shape (pixels,)
        Place in mm relative to the LV axis.
    signals : mapping
    pixel_mm : float
    scale : float
        Size of the base relative to a normal heart's.
    filled : ndarray, shape (T,)
        Filled part of the ventricle's stroke volume: the atria swell while it empties.
    height_mm : ndarray, shape (T,)
        How far the plane lies above the base: the atria continue the ventricles and drift away.
    sac_mm : ndarray, shape (T, pixels)
        Radius of the pericardial sac, which nothing here leaves.
    radius_mm : ndarray, shape (pixels,)

    Returns
    -------
    ndarray, shape (T, pixels)
    """
    swell = (1.0 + 0.12 * (1.0 - filled))[:, None].astype(np.float32)
    still = np.ones_like(swell)
    sac = (sac_mm - 1.0 - radius_mm).astype(np.float32)
    place: dict[str, Any] = {"dx": dx, "dy": dy, "scale": scale, "height_mm": height_mm}
    atria = (_LEFT_ATRIUM, _APPENDAGE, _RIGHT_ATRIUM)
    shapes = [(c, _distance(c, size=swell, **place)) for c in atria]
    shapes += [(c, _distance(c, size=still, **place)) for c in (_AORTIC_ROOT, _CORONARY)]
    # All atrial walls before any blood, so that touching atria share one wall.
    for group in (shapes[:3], shapes[3:]):
        for chamber, distance in group:
            wall = np.clip(np.minimum(chamber.wall_mm - distance, sac) / pixel_mm + 0.5, 0.0, 1.0)
            image = image + 0.8 * wall * (0.9 * signals["myocardium"] - image)
        for chamber, distance in group:
            blood = np.clip(np.minimum(-distance, sac - 1.0) / pixel_mm + 0.5, 0.0, 1.0)
            image = image + blood * (chamber.blood * signals["blood"] - image)
    return image


def _distance(
    chamber: _Chamber,
    *,
    dx: np.ndarray,
    dy: np.ndarray,
    scale: float,
    size: np.ndarray,
    height_mm: np.ndarray,
) -> np.ndarray:
    """Signed distance in mm to a chamber's inner surface, shape ``(T, pixels)``."""
    cos, sin = np.cos(chamber.turn), np.sin(chamber.turn)
    up = np.clip(height_mm, 0.0, 30.0).astype(np.float32)[:, None]
    x = dx.astype(np.float32) - chamber.x * scale - chamber.drift_x * up
    y = dy.astype(np.float32) - chamber.y * scale - chamber.drift_y * up
    u, v = (cos * x + sin * y) / chamber.a, (cos * y - sin * x) / chamber.b
    angle = np.arctan2(v, u)
    uneven = 1.0 + 0.06 * np.cos(3 * angle + chamber.x) + 0.04 * np.cos(5 * angle + chamber.y)
    away = np.hypot(u, v) / (uneven * scale)
    return np.asarray((away / size - 1.0) * (min(chamber.a, chamber.b) * scale), np.float32)
