"""90 % intervals of ejection fractions, from the pixels that are surely and possibly blood."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from napari_cmr.analysis import AS_LABELLED, CardiacFunction, Reading
from napari_cmr.scan import Label, Ventricle
from napari_cmr.zoo.cavity_bounds import CavityBounds


class EfDoubt(NamedTuple):
    """How far an ejection fraction is in doubt, in points.

    Attributes
    ----------
    below, above : float
        From the ejection fraction down to that of the largest ESV with the smallest EDV, and up to
        that of the smallest ESV with the largest EDV; how many times as far its interval reaches
        is calibrated.
    base : float
        How much lower the lowest one is where slices that have lost their cavity by end-systole
        have kept it after all.
    """

    below: float
    above: float
    base: float

    def interval(self, ef_percent: float, widening: float) -> tuple[float, float]:
        """Interval around an ejection fraction in percent, cut at 0 and 100."""
        low = ef_percent - widening * self.below - self.base
        high = ef_percent + widening * self.above
        return max(low, min(ef_percent, 0.0)), min(high, max(ef_percent, 100.0))

    def widening(self, ef_percent: float, reference: float) -> float:
        """Smallest widening whose interval holds a reference; infinite where none does."""
        lower = reference < ef_percent
        missing = ef_percent - reference - self.base if lower else reference - ef_percent
        reach = self.below if lower else self.above
        if missing <= 0:
            return 0.0
        return missing / reach if reach else float("inf")


def ef_doubt(
    pixels: np.ndarray,
    ed_frame: int | None,
    es_frame: int | None,
    ef_percent: float,
    *,
    base_leaves_at_once: bool = False,
) -> EfDoubt | None:
    """How far an ejection fraction in percent is in doubt, by sure and possible pixels.

    Parameters
    ----------
    pixels : ndarray, shape (T, Z, 2)
        Of a ventricle in a whole stack, see
        :class:`~napari_cmr.zoo.cavity_bounds.CavityBounds`.
    ed_frame, es_frame : int or None
        Where the ejection fraction was taken.
    ef_percent : float
    base_leaves_at_once : bool
        Whether the base lies in the plane of the slices, as the LV's does nearly: a slice next to
        one with a cavity, which has lost its own by end-systole, then may have kept one as large
        as the next. Whether the base has left a slice is what readers disagree on most. The RV's
        base is slanted and leaves bit by bit: its interval would be twice as wide.

    Returns
    -------
    EfDoubt or None
        None where there is no ejection fraction, or not surely any cavity at ED.
    """
    if ed_frame is None or es_frame is None or ed_frame == es_frame:
        return None
    at_ed, at_es = pixels[ed_frame], pixels[es_frame]
    (ed_sure, ed_possible), (es_sure, es_possible) = at_ed.sum(axis=0), at_es.sum(axis=0)
    if ed_sure == 0:
        return None
    refilled = _refilled(at_ed, at_es) if base_leaves_at_once else 0
    low, high = 100 * (1 - es_possible / ed_sure), 100 * (1 - es_sure / ed_possible)
    return EfDoubt(
        below=float(max(ef_percent - low, 0.0)),
        above=float(max(high - ef_percent, 0.0)),
        base=float(100 * refilled / ed_sure),
    )


def _refilled(at_ed: np.ndarray, at_es: np.ndarray) -> int:
    """Pixels that slices (Z, 2) which have lost their cavity by ES may have beside the possible."""
    lost = (at_ed[:, 0] > 0) & (at_es[:, 0] == 0)
    beside = np.zeros(len(at_es), dtype=at_es.dtype)
    beside[1:] = at_es[:-1, 1] * (at_es[:-1, 0] > 0)
    beside[:-1] = np.maximum(beside[:-1], at_es[1:, 1] * (at_es[1:, 0] > 0))
    more = np.minimum(beside, at_ed[:, 0]) - at_es[:, 1]
    return int(np.maximum(more, 0)[lost].sum())


def ef_intervals(
    bounds: Mapping[Ventricle, CavityBounds],
    function: CardiacFunction,
    reading: Reading = AS_LABELLED,
) -> dict[Ventricle, tuple[float, float]]:
    """Interval of the ejection fraction of each ventricle that has one, in percent.

    Parameters
    ----------
    bounds : dict of CavityBounds
        Of the whole stack.
    function : CardiacFunction
        Of the whole stack.
    reading : Reading
        That it was measured with: only the slices that count at ED and at ES count here. The LV
        has no interval where papillary muscles are blood.

    Returns
    -------
    dict of tuple of 2 floats
        Each holds the ejection fraction itself.
    """
    found = {}
    for name, one in bounds.items():
        ventricle = getattr(function, name.lower())
        ef = ventricle.ef_percent
        if ef is None or (name == "LV" and reading.papillary_in_blood):
            continue
        ed_frame, es_frame = ventricle.ed_frame, ventricle.es_frame
        counted = one.pixels.copy()
        for phase, frame in (("ed", ed_frame), ("es", es_frame)):
            if frame is not None:
                counted[frame] = reading.of(Label[name]).counted(one.pixels[frame].T, phase).T
        doubt = ef_doubt(counted, ed_frame, es_frame, ef, base_leaves_at_once=name == "LV")
        if doubt is not None:
            found[name] = doubt.interval(ef, one.widening)
    return found
