"""How large a scar is: mass, part of the left ventricle, and depth in each of the 17 segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_cmr.analysis.aha import N_SEGMENTS, SEGMENT_NAMES, AhaModel, aha_model
from napari_cmr.analysis.scar import Method, ScarFinder, ScarSettings
from napari_cmr.analysis.volumes import MYOCARDIAL_DENSITY_G_PER_ML, MYOCARDIUM
from napari_cmr.scan import Code, Geometry, Label, Notice, ScanError

CHORD_DEG = 5
SWEEP = tuple(float(n) for n in np.arange(2.0, 6.01, 0.5))
"""Values of n in n-SD for the sensitivity curve."""


@dataclass(frozen=True, eq=False)
class ScarExtent:
    """Scar and no-reflow of one stack in numbers.

    Attributes
    ----------
    myocardium_g, scar_g, no_reflow_g : float
        Mass at 1.05 g/mL. The scar holds its no-reflow core.
    scar_percent, no_reflow_percent : float
        Of the myocardium.
    segment_percent : ndarray, shape (17,)
        Part of each segment that is scar, in percent; NaN for segments that are not in the stack.
    transmurality_percent : ndarray, shape (17,)
        Part of the wall's depth that is scar, averaged over those radii of the segment that meet
        scar; 0 without scar.
    model : AhaModel or None
        None where the labels have no LV cavity to lay segments around.
    warnings : tuple of Notice
    """

    myocardium_g: float
    scar_g: float
    no_reflow_g: float
    scar_percent: float
    no_reflow_percent: float
    segment_percent: np.ndarray
    transmurality_percent: np.ndarray
    model: AhaModel | None
    warnings: tuple[Notice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; unknown numbers are None."""
        model = self.model
        return {
            "myocardium_g": round(self.myocardium_g, 3),
            "scar_g": round(self.scar_g, 3),
            "no_reflow_g": round(self.no_reflow_g, 3),
            "scar_percent": round(self.scar_percent, 3),
            "no_reflow_percent": round(self.no_reflow_percent, 3),
            "septum_from": None if model is None else model.septum_from,
            "anterior_from": None if model is None else model.anterior_from,
            "segments": [
                {
                    "segment": k + 1,
                    "name": name,
                    "scar_percent": _known(self.segment_percent[k]),
                    "transmurality_percent": _known(self.transmurality_percent[k]),
                }
                for k, name in enumerate(SEGMENT_NAMES)
            ],
        }


def scar_extent(
    labels: np.ndarray, geometry: Geometry, *, septum_deg: float | None = None
) -> ScarExtent:
    """Measure scar and no-reflow in labels.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (Z, Y, X)
        With ``SCAR`` and ``NO_REFLOW``.
    geometry : Geometry
    septum_deg : float, optional
        Where the septum is, for labels without a right ventricle; see
        :func:`~napari_cmr.analysis.aha.aha_model`.

    Returns
    -------
    ScarExtent

    Raises
    ------
    ScanError
        If the labels do not fit the geometry or hold no muscle.
    """
    labels = np.asarray(labels)
    if labels.ndim != 3 or len(labels) != geometry.n_slices:
        raise ScanError(
            f"labels of shape {labels.shape} do not fit a geometry of {geometry.n_slices} slices"
        )
    muscle, scar = np.isin(labels, MYOCARDIUM), np.isin(labels, (Label.SCAR, Label.NO_REFLOW))
    if not muscle.any():
        raise ScanError("there is no myocardium in the labels")
    gram = geometry.voxel_volume_ml * MYOCARDIAL_DENSITY_G_PER_ML
    total, core = int(muscle.sum()), int((labels == Label.NO_REFLOW).sum())
    segment, depth = np.full((2, N_SEGMENTS), np.nan)
    model: AhaModel | None = None
    warnings: tuple[Notice, ...] = ()
    try:
        model = aha_model(labels[None], geometry, ed_frame=0, septum_deg=septum_deg)
    except ScanError as error:
        text = f"No numbers by segment: {error.problem}."
        warnings = (Notice(Code.NO_SEGMENTS, text, "segments"),)
    else:
        segment, depth = _by_segment(muscle, scar, model)
        warnings = model.notes
    return ScarExtent(
        myocardium_g=total * gram,
        scar_g=int(scar.sum()) * gram,
        no_reflow_g=core * gram,
        scar_percent=100.0 * int(scar.sum()) / total,
        no_reflow_percent=100.0 * core / total,
        segment_percent=segment,
        transmurality_percent=depth,
        model=model,
        warnings=warnings,
    )


def sensitivity(
    finder: ScarFinder, settings: ScarSettings | None = None, sweep: Sequence[float] = SWEEP
) -> list[dict[str, float]]:
    """Scar mass against n of n-SD: how much hangs on the choice of the threshold.

    Parameters
    ----------
    finder : ScarFinder
    settings : ScarSettings, optional
        Everything but the method and n.
    sweep : sequence of float

    Returns
    -------
    list of dict
        ``n``, ``scar_g`` and ``scar_percent`` for every n.
    """
    settings = settings or ScarSettings()
    muscle_g = (
        int(finder.muscle.sum()) * finder.geometry.voxel_volume_ml * MYOCARDIAL_DENSITY_G_PER_ML
    )
    curve = []
    for n in sweep:
        scar_g = scar_mass_g(finder, settings.model_copy(update={"method": "nsd", "n": n}))
        curve.append(
            {
                "n": float(n),
                "scar_g": round(scar_g, 3),
                "scar_percent": round(100.0 * scar_g / muscle_g, 3),
            }
        )
    return curve


def mass_by_others(finder: ScarFinder, settings: ScarSettings | None = None) -> dict[Method, float]:
    """Scar mass in g by the methods that have no n, FWHM and Otsu, with the same settings."""
    settings = settings or ScarSettings()
    others: tuple[Method, ...] = ("fwhm", "otsu")
    return {
        method: round(scar_mass_g(finder, settings.model_copy(update={"method": method})), 3)
        for method in others
    }


def scar_mass_g(finder: ScarFinder, settings: ScarSettings | None = None) -> float:
    """Mass of the scar and its no-reflow in g."""
    gram = finder.geometry.voxel_volume_ml * MYOCARDIAL_DENSITY_G_PER_ML
    labels = finder.find(settings).labels
    return float(np.isin(labels, (Label.SCAR, Label.NO_REFLOW)).sum() * gram)


def _by_segment(
    muscle: np.ndarray, scar: np.ndarray, model: AhaModel
) -> tuple[np.ndarray, np.ndarray]:
    """Percent of each segment's area, and of its depth along radii that meet scar."""
    number = model.segments[0].astype(int)
    inside = muscle & (number > 0)
    size = np.bincount(number[inside], minlength=N_SEGMENTS + 1)[1:]
    scarred = np.bincount(number[inside & scar], minlength=N_SEGMENTS + 1)[1:]
    percent = np.full(N_SEGMENTS, np.nan)
    np.divide(100.0 * scarred, size, out=percent, where=size > 0)

    n_chords = 360 // CHORD_DEG
    total, hit = np.zeros((2, N_SEGMENTS))
    for z in np.flatnonzero(inside.any(axis=(1, 2))):
        y, x = np.nonzero(inside[z])
        cy, cx = model.centres[0, z]
        angle = np.arctan2((y - cy) * model.spacing[0], (x - cx) * model.spacing[1])
        chord = (np.rad2deg(angle) % 360 // CHORD_DEG).astype(int) % n_chords
        key = (number[z, y, x] - 1) * n_chords + chord
        length = np.bincount(key, minlength=N_SEGMENTS * n_chords)
        deep = np.bincount(key, weights=scar[z, y, x], minlength=N_SEGMENTS * n_chords)
        meets = (deep > 0).reshape(N_SEGMENTS, n_chords)
        part = (deep / np.maximum(length, 1)).reshape(N_SEGMENTS, n_chords)
        total += part.sum(axis=1)
        hit += meets.sum(axis=1)
    depth = np.where(hit > 0, 100.0 * total / np.maximum(hit, 1), 0.0)
    return percent, np.where(size > 0, depth, np.nan)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 2)
