"""90 % intervals of ejection fractions, from the pixels that are surely and possibly blood."""

from collections.abc import Mapping

import numpy as np

from napari_cmr.analysis import AS_LABELLED, CardiacFunction, Reading
from napari_cmr.scan import Label, Ventricle


def ef_interval(
    bounds: np.ndarray,
    ed_frame: int | None,
    es_frame: int | None,
    *,
    base_leaves_at_once: bool = False,
) -> tuple[float, float] | None:
    """Interval of an ejection fraction in percent from sure and possible pixels of a cavity.

    Parameters
    ----------
    bounds : ndarray, shape (T, Z, 2)
        Of a ventricle in a whole stack, see
        :class:`~napari_cmr.zoo.tasks.segmentation.Prediction`.
    ed_frame, es_frame : int or None
        Where the ejection fraction was taken.
    base_leaves_at_once : bool
        Whether the base lies in the plane of the slices, as the LV's does nearly: a slice next to
        one with a cavity, which has lost its own by end-systole, then counts in the largest ESV as
        far as the next one. Whether the base has left a slice is what readers disagree on most.
        The RV's base is slanted and leaves bit by bit: its interval would be twice as wide.

    Returns
    -------
    tuple of 2 floats, or None
        From the largest ESV with the smallest EDV to the smallest ESV with the largest EDV, cut
        at 0 and 100. None where there is no ejection fraction, or not surely any cavity at ED.
    """
    if ed_frame is None or es_frame is None or ed_frame == es_frame:
        return None
    at_ed, at_es = bounds[ed_frame], bounds[es_frame].copy()
    if base_leaves_at_once:
        lost = (at_ed[:, 0] > 0) & (at_es[:, 0] == 0)
        beside = np.zeros(len(at_es), dtype=at_es.dtype)
        beside[1:] = at_es[:-1, 1] * (at_es[:-1, 0] > 0)
        beside[:-1] = np.maximum(beside[:-1], at_es[1:, 1] * (at_es[1:, 0] > 0))
        filled = np.minimum(beside, at_ed[:, 0])
        at_es[lost, 1] = np.maximum(at_es[lost, 1], filled[lost])
    (ed_sure, ed_possible), (es_sure, es_possible) = at_ed.sum(axis=0), at_es.sum(axis=0)
    if ed_sure == 0:
        return None
    low, high = 1 - es_possible / ed_sure, 1 - es_sure / ed_possible
    return float(np.clip(100 * low, 0, 100)), float(np.clip(100 * high, 0, 100))


def ef_intervals(
    bounds: Mapping[Ventricle, np.ndarray],
    function: CardiacFunction,
    reading: Reading = AS_LABELLED,
) -> dict[Ventricle, tuple[float, float]]:
    """Interval of the ejection fraction of each ventricle that has one, in percent.

    Parameters
    ----------
    bounds : dict of ndarray, shape (T, Z, 2)
        See :func:`ef_interval`.
    function : CardiacFunction
        Of the whole stack.
    reading : Reading
        That it was measured with: only the slices that count at ED and at ES count here. The LV
        has no interval where papillary muscles are blood.

    Returns
    -------
    dict of tuple of 2 floats
        Each holds the ejection fraction itself: an RV that was completed at its base may have more
        pixels than are possible one by one.
    """
    found = {}
    for name, one in bounds.items():
        if name == "LV" and reading.papillary_in_blood:
            continue
        ventricle = getattr(function, name.lower())
        ed_frame, es_frame = ventricle.ed_frame, ventricle.es_frame
        counted = one.copy()
        for phase, frame in (("ed", ed_frame), ("es", es_frame)):
            if frame is not None:
                counted[frame] = reading.of(Label[name]).counted(one[frame].T, phase).T
        interval = ef_interval(counted, ed_frame, es_frame, base_leaves_at_once=name == "LV")
        ef = ventricle.ef_percent
        if interval is not None and ef is not None:
            found[name] = min(interval[0], ef), max(interval[1], ef)
    return found
