"""What each slice contributes, and what the ejection fraction would be without it."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.analysis.function import CardiacFunction
from napari_cmr.analysis.interpretation import AS_LABELLED, Reading
from napari_cmr.scan import Geometry, Label


@dataclass(frozen=True, eq=False)
class SliceShares:
    """One ventricle, slice by slice; NaN where an ejection fraction is not defined.

    Attributes
    ----------
    ed_ml, es_ml : ndarray, shape (Z,)
        Volume that a slice has at end-diastole and end-systole, counted or not.
    ed_counts, es_counts : ndarray of bool, shape (Z,)
        Whether the slice counts at that phase.
    ef_percent : float
        With the slices that count.
    ef_toggled_ed, ef_toggled_es : ndarray, shape (Z,)
        Ejection fraction if this slice is left out at that phase, or counted where it is left out.
    ef_without : ndarray, shape (Z,)
        Ejection fraction if this slice is left out at both phases.
    """

    ed_ml: np.ndarray
    es_ml: np.ndarray
    ed_counts: np.ndarray
    es_counts: np.ndarray
    ef_percent: float
    ef_toggled_ed: np.ndarray
    ef_toggled_es: np.ndarray
    ef_without: np.ndarray


def slice_shares(
    counts: np.ndarray,
    geometry: Geometry,
    function: CardiacFunction,
    label: Label,
    reading: Reading = AS_LABELLED,
) -> SliceShares | None:
    """Volume of every slice at ED and ES, and the ejection fraction without it.

    Parameters
    ----------
    counts : ndarray of int, shape (T, Z, number of labels)
        From :func:`~napari_cmr.analysis.volumes.voxel_counts`.
    geometry : Geometry
    function : CardiacFunction
        Measured from the same counts: its ED and ES are used.
    label : Label
        LV or RV.
    reading : Reading
        Which slices count.

    Returns
    -------
    SliceShares or None
        None where ED or ES of that ventricle is not known.
    """
    ventricle = function.lv if label is Label.LV else function.rv
    if ventricle.ed_frame is None or ventricle.es_frame is None:
        return None
    choices = reading.of(label)
    at_ed, at_es = (
        counts[frame, :, label] * geometry.voxel_volume_ml
        for frame in (ventricle.ed_frame, ventricle.es_frame)
    )
    every = np.ones(len(at_ed), dtype=np.int64)
    ed_counts = choices.counted(every, "ed").astype(bool)
    es_counts = choices.counted(every, "es").astype(bool)
    edv, esv = float(at_ed[ed_counts].sum()), float(at_es[es_counts].sum())
    ed_if = edv + np.where(ed_counts, -at_ed, at_ed)
    es_if = esv + np.where(es_counts, -at_es, at_es)
    ed_without = edv - np.where(ed_counts, at_ed, 0.0)
    es_without = esv - np.where(es_counts, at_es, 0.0)
    return SliceShares(
        ed_ml=at_ed,
        es_ml=at_es,
        ed_counts=ed_counts,
        es_counts=es_counts,
        ef_percent=float(_ef(np.array(edv), np.array(esv))),
        ef_toggled_ed=_ef(ed_if, np.full_like(ed_if, esv)),
        ef_toggled_es=_ef(np.full_like(es_if, edv), es_if),
        ef_without=_ef(ed_without, es_without),
    )


def _ef(edv: np.ndarray, esv: np.ndarray) -> np.ndarray:
    """Ejection fraction in per cent; NaN where nothing is left at end-diastole."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(edv > 1e-9, 100.0 * (edv - esv) / edv, np.nan)
