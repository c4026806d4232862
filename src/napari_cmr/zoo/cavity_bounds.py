"""Pixels between which the cavity of a ventricle lies, for intervals of its ejection fraction."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class CavityBounds:
    """What a model is sure and not sure of around the cavity of a ventricle.

    Attributes
    ----------
    pixels : ndarray of int64, shape (T, Z, 2)
        Those that are surely and those that are possibly in the cavity: with at least ``1 - q``
        and at least ``q`` of the odds against the next likeliest label, ``q`` being the card's
        ``lv_quantile`` or ``rv_quantile``.
    widening : float
        How many times as far as these the interval reaches.
    """

    pixels: np.ndarray
    widening: float = 1.0
