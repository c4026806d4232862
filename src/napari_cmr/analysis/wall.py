"""Thickness, thickening and motion of the left ventricle's wall in the 17 segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_cmr.analysis.aha import N_SEGMENTS, SEGMENT_NAMES, AhaModel, aha_model
from napari_cmr.analysis.pieces import largest_piece
from napari_cmr.analysis.volumes import MYOCARDIUM
from napari_cmr.scan import Code, Geometry, Label, Notice, ScanError, texts_and_details

SMOOTH_PIXELS = 0.7
"""Blur of the masks before their outline is traced: it rounds off the pixels' corners."""

_PAD = 4
_LEAST_VOXELS = 3
_STEP_PIXELS = 0.25


@dataclass(frozen=True, eq=False)
class SegmentalFunction:
    """Wall of the left ventricle, segment by segment; NaN where a number cannot be known.

    Attributes
    ----------
    model : AhaModel
    thickness_mm : ndarray, shape (T, 17)
        Mean wall thickness. Always NaN in segment 17: short-axis slices cut the cap along its wall.
    motion_mm : ndarray, shape (T, 17)
        How far the endocardium has moved towards the ventricle's centre since end-diastole.
    thickening_percent : ndarray, shape (17,)
        ``100 (ES - ED) / ED`` of the thickness, over slices that have a cavity at both.
    ed_frame : int
    es_frame : int or None
    warnings : tuple of Notice
    """

    model: AhaModel
    thickness_mm: np.ndarray
    motion_mm: np.ndarray
    thickening_percent: np.ndarray
    ed_frame: int
    es_frame: int | None
    warnings: tuple[Notice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; frames count from 0, unknown numbers are None."""
        es = self.es_frame
        return {
            "model": "AHA 17 segments",
            "septum_from": self.model.septum_from,
            "anterior_from": self.model.anterior_from,
            "levels": list(self.model.levels),
            "ed_frame": self.ed_frame,
            "es_frame": es,
            "values": [
                {
                    "segment": k + 1,
                    "name": name,
                    "thickness_ed_mm": _known(self.thickness_mm[self.ed_frame, k]),
                    "thickness_es_mm": None if es is None else _known(self.thickness_mm[es, k]),
                    "thickening_percent": _known(self.thickening_percent[k]),
                    "motion_es_mm": None if es is None else _known(self.motion_mm[es, k]),
                    "thickness_mm": [_known(value) for value in self.thickness_mm[:, k]],
                }
                for k, name in enumerate(SEGMENT_NAMES)
            ],
            **texts_and_details(self.warnings),
        }


def segmental_function(
    labels: np.ndarray,
    geometry: Geometry,
    *,
    ed_frame: int | None = None,
    es_frame: int | None = None,
    frames: Sequence[int] | None = None,
    septum_deg: float | None = None,
) -> SegmentalFunction:
    """Measure thickness, thickening and motion of the wall in the 17 segments.

    The thickness at a voxel of muscle is its distance to the cavity plus its distance to the
    epicardium, both traced with less than a pixel's error; in a segment it is the harmonic mean
    over its voxels, which is its area over the length of its centre line. Between parallel contours
    this is their distance wherever the voxel lies, without the rays from a centre that make
    the wall of a ventricle that is not round too thick, in the spirit of the centre-line method
    (Sheehan et al., Circulation 74:293, 1986).

    Motion is the change of the endocardium's distance to the centre of all that the epicardium
    encloses, in the same frame, so that a heart that moves as a whole does not count.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
        Scar and no-reflow count as muscle.
    geometry : Geometry
    ed_frame, es_frame : int, optional
        0-based frames of the LV; the largest and smallest volume among ``frames`` by default.
    frames : sequence of int, optional
        Frames to measure, which must hold ED and ES; all by default.
    septum_deg : float, optional
        See :func:`~napari_cmr.analysis.aha.aha_model`.

    Returns
    -------
    SegmentalFunction

    Raises
    ------
    ScanError
        If there is no LV with muscle around it, or the labels do not fit the geometry.
    """
    labels = np.asarray(labels)
    if labels.ndim != 4:
        raise ScanError(f"labels of shape {labels.shape} are not a (T, Z, Y, X) stack")
    volumes = (labels == Label.LV).sum(axis=(1, 2, 3))
    wanted = sorted(set(range(len(labels)) if frames is None else frames))
    filled = [t for t in wanted if volumes[t]]
    if ed_frame is None:
        ed_frame = max(filled, key=lambda t: volumes[t], default=0)
    if es_frame is None and len(filled) > 1:
        es_frame = min(filled, key=lambda t: volumes[t])
    chosen = np.array(sorted({ed_frame, *wanted, *(() if es_frame is None else (es_frame,))}))
    if chosen[0] < 0 or chosen[-1] >= len(labels):
        raise ScanError(f"a frame lies outside the {len(labels)} frames of the labels")
    place = {int(t): k for k, t in enumerate(chosen)}
    model = aha_model(labels[chosen], geometry, ed_frame=place[ed_frame], septum_deg=septum_deg)

    shape = (chosen.size, geometry.n_slices, N_SEGMENTS)
    voxels, lengths, radii = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    for k, t in enumerate(chosen):
        for z, level in enumerate(model.levels):
            if level not in (None, "apex"):
                sums = voxels[k, z], lengths[k, z], radii[k, z]
                _measure_slice(labels[t, z], model, (k, z), sums)

    thickness, motion = np.full((2, len(labels), N_SEGMENTS), np.nan)
    ed = place[ed_frame]
    for k, t in enumerate(chosen):
        thickness[t] = _ratio(voxels[k].sum(axis=0), lengths[k].sum(axis=0))
        motion[t] = _mean(radii[ed] - radii[k])
    thickening = np.full(N_SEGMENTS, np.nan)
    if es_frame is not None and es_frame != ed_frame:
        es = place[es_frame]
        both = (voxels[ed] > 0) & (voxels[es] > 0)
        at_ed, at_es = (
            _ratio((voxels[k] * both).sum(axis=0), (lengths[k] * both).sum(axis=0))
            for k in (ed, es)
        )
        thickening = 100.0 * (at_es - at_ed) / at_ed
    return SegmentalFunction(
        model=_on_all_frames(model, chosen, len(labels), ed_frame),
        thickness_mm=thickness,
        motion_mm=motion,
        thickening_percent=thickening,
        ed_frame=ed_frame,
        es_frame=es_frame,
        warnings=(*model.notes, *_missing(thickness[ed_frame])),
    )


def wall_thickness_mm(
    labels: np.ndarray, spacing: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Thickness of the wall at every voxel of muscle of one slice, and the endocardial outline.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (Y, X)
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    thickness : ndarray, shape (Y, X)
        In mm; NaN where there is no muscle. All NaN without a cavity that muscle surrounds.
    outline : ndarray, shape (N, 2)
        Row and column along the endocardium; empty without a cavity.
    """
    from scipy.spatial import cKDTree

    thickness = np.full(labels.shape, np.nan)
    muscle = np.isin(labels, MYOCARDIUM)
    cavity = _solid(labels == Label.LV)
    inner = _outline(cavity)
    outer = _outline(_solid(cavity | muscle))
    if inner.size == 0 or outer.size == 0:
        return thickness, np.zeros((0, 2))
    y, x = np.nonzero(muscle & ~cavity)
    voxels = np.stack([y, x], axis=1) * spacing
    to_cavity, to_outside = (cKDTree(edge * spacing).query(voxels)[0] for edge in (inner, outer))
    thickness[y, x] = to_cavity + to_outside
    return thickness, inner


def _measure_slice(
    labels: np.ndarray,
    model: AhaModel,
    place: tuple[int, int],
    sums: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Add up one slice: voxels and their inverse thickness, mean endocardial radius."""
    (k, z), (voxels, lengths, radii) = place, sums
    used = np.isin(labels, (Label.LV, *MYOCARDIUM))
    if not used.any():
        return
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    window = slice(top, rows[-1] + 1), slice(left, columns[-1] + 1)
    thickness, outline = wall_thickness_mm(labels[window], model.spacing)
    if outline.size == 0:
        return
    segments = model.segments[(k, z, *window)]
    inside = np.isfinite(thickness) & (segments > 0)  # a stray piece of wall has no segment
    number = segments[inside].astype(int) - 1
    least = 0.5 * min(model.spacing)
    voxels += np.bincount(number, minlength=N_SEGMENTS)
    lengths += np.bincount(
        number, weights=1.0 / np.maximum(thickness[inside], least), minlength=N_SEGMENTS
    )
    voxels[voxels < _LEAST_VOXELS] = 0
    lengths[voxels == 0] = 0
    y, x = outline[:, 0] + top, outline[:, 1] + left
    cy, cx = model.centres[k, z]
    radius = np.hypot((y - cy) * model.spacing[0], (x - cx) * model.spacing[1])
    number = model.segments_at(z, k, y, x).astype(int) - 1
    count = np.bincount(number, minlength=N_SEGMENTS)
    total = np.bincount(number, weights=radius, minlength=N_SEGMENTS)
    radii[:] = _ratio(total, count)


def _solid(mask: np.ndarray) -> np.ndarray:
    """Largest part of a mask, holes filled."""
    from scipy import ndimage

    return np.asarray(ndimage.binary_fill_holes(largest_piece(mask, 1)))


def _outline(mask: np.ndarray) -> np.ndarray:
    """Row and column along the edge of a mask, finer than its pixels."""
    from scipy import ndimage
    from skimage.measure import find_contours

    soft = ndimage.gaussian_filter(np.pad(mask.astype(float), _PAD), SMOOTH_PIXELS)
    edges = find_contours(soft, 0.5)
    if not edges:
        return np.zeros((0, 2))
    edge = max(edges, key=len)
    steps = np.linalg.norm(np.diff(edge, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], max(8, int(along[-1] / _STEP_PIXELS)), endpoint=False)
    return np.stack([np.interp(at, along, edge[:, axis]) for axis in (0, 1)], axis=1) - _PAD


def _on_all_frames(model: AhaModel, chosen: np.ndarray, n_frames: int, ed_frame: int) -> AhaModel:
    """Put the model of some frames into arrays of all frames; the others are empty."""
    if chosen.size == n_frames:
        return model
    arrays = {}
    for name, empty in (("segments", 0), ("centres", np.nan), ("septum", np.nan)):
        part = getattr(model, name)
        whole = np.full((n_frames, *part.shape[1:]), empty, dtype=part.dtype)
        whole[chosen] = part
        arrays[name] = whole
    return AhaModel(
        **arrays,
        levels=model.levels,
        towards_anterior=model.towards_anterior,
        septum_from=model.septum_from,
        anterior_from=model.anterior_from,
        ed_frame=ed_frame,
        spacing=model.spacing,
        notes=model.notes,
    )


def _missing(at_ed: np.ndarray) -> list[Notice]:
    absent = [str(k + 1) for k in range(N_SEGMENTS - 1) if np.isnan(at_ed[k])]
    if not absent:
        return []
    text = f"No muscle to measure at end-diastole in segment {', '.join(absent)}."
    return [Notice(Code.SEGMENTS_EMPTY, text, "segments")]


def _ratio(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over slices, of those that are known."""
    known = np.isfinite(values)
    return _ratio(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)
