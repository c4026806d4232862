"""Dark jets of fast blood in the left ventricle: outflow in systole, inflow in early diastole."""

import numpy as np

from napari_cmr.phantom.time_course import smooth_step

# Place and size of each jet in radii of the cavity, and how much of the signal it takes at most.
_OUTFLOW = (-0.35, -0.40, 0.34, 0.40)
_INFLOW = (0.20, 0.15, 0.50, 0.25)
# Filled part of the stroke volume per cycle that makes a jet of full strength.
_FULL_RATE = 5.0


def flow_void(
    dx: np.ndarray, dy: np.ndarray, cavity_mm: np.ndarray, zeta: np.ndarray, filled: np.ndarray
) -> np.ndarray:
    """Part of the blood signal that is lost to intravoxel dephasing.

    Parameters
    ----------
    dx, dy : ndarray, shape (pixels,)
        Place in mm relative to the LV axis.
    cavity_mm : ndarray, shape (T,)
        Mean radius of the cavity in this plane, 0 where there is none.
    zeta : ndarray, shape (T,)
        Height of the plane in the ventricle, 0 at the apex and 1 at the base.
    filled : ndarray, shape (T,)
        Filled part of the stroke volume, over one cycle; a single frame has no flow.

    Returns
    -------
    ndarray of float32, shape (T, pixels)
    """
    void = np.zeros((len(filled), dx.size), np.float32)
    if len(filled) < 3:
        return void
    rate = 0.5 * (np.roll(filled, -1) - np.roll(filled, 1)) * len(filled) / _FULL_RATE
    for (x, y, size, strength), moving in ((_OUTFLOW, -rate), (_INFLOW, rate)):
        # Jets are fastest at the valves and widen into the cavity.
        share = strength * np.clip(moving, 0.0, 1.0) * smooth_step(zeta, 0.35, 0.85)
        for t in np.flatnonzero((share > 0.01) & (cavity_mm > 4.0)):
            r = cavity_mm[t]
            away = np.hypot(dx - x * r, dy - y * r) / (size * r)
            void[t] += share[t] * np.exp(-(away**2))
    return void
