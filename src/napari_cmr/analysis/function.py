"""Function of both ventricles from labels: EDV, ESV, SV, EF, cardiac output and LV mass."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from napari_cmr.analysis.interpretation import (
    AS_LABELLED,
    Reading,
    VentricleReading,
    reading_warnings,
)
from napari_cmr.analysis.papillary import fill_cavity
from napari_cmr.analysis.pieces import place_warnings
from napari_cmr.analysis.plausibility import (
    body_surface_of,
    frame_warnings,
    heart_rate_of,
    stack_warnings,
    stroke_volume_warnings,
    value_warnings,
)
from napari_cmr.analysis.volumes import MYOCARDIAL_DENSITY_G_PER_ML, MYOCARDIUM, voxel_counts
from napari_cmr.scan import (
    Code,
    Geometry,
    Label,
    Notice,
    ScanError,
    Subject,
    Ventricle,
    joined,
    of_ventricle,
    texts_and_details,
)
from napari_cmr.scan.summary import Summarised


@dataclass(frozen=True, eq=False)
class VentricularFunction:
    """Volumes of one ventricle over the cycle; a number that cannot be known is None.

    Attributes
    ----------
    volumes_ml : ndarray, shape (T,)
        Cavity volume in mL; NaN in frames that nobody labelled or in which the ventricle is absent.
    ed_frame, es_frame : int or None
        0-based frames of the largest and of the smallest volume.
    edv_ml, esv_ml, sv_ml : float or None
        End-diastolic, end-systolic and stroke volume in mL.
    ef_percent : float or None
        Ejection fraction, 100 SV / EDV. It and the stroke volume are None for a single slice, which
        the heart moves through.
    cardiac_output_l_min : float or None
        Stroke volume times heart rate; None unless the length of the cycle is known.
    edv_index_ml_m2, esv_index_ml_m2, sv_index_ml_m2, cardiac_index_l_min_m2 : float or None
        The same per square metre of body surface; None unless height and weight are known.
    """

    volumes_ml: np.ndarray
    ed_frame: int | None = None
    es_frame: int | None = None
    edv_ml: float | None = None
    esv_ml: float | None = None
    sv_ml: float | None = None
    ef_percent: float | None = None
    cardiac_output_l_min: float | None = None
    edv_index_ml_m2: float | None = None
    esv_index_ml_m2: float | None = None
    sv_index_ml_m2: float | None = None
    cardiac_index_l_min_m2: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; frames count from 0, unknown numbers are None."""
        names = [name for name in self.__dataclass_fields__ if name != "volumes_ml"]
        numbers: dict[str, Any] = {name: getattr(self, name) for name in names}
        numbers["volumes_ml"] = [
            None if np.isnan(volume) else float(volume) for volume in self.volumes_ml
        ]
        return numbers


@dataclass(frozen=True, eq=False, repr=False)
class CardiacFunction(Summarised):
    """Function of both ventricles, and every reason to doubt it.

    Attributes
    ----------
    lv, rv : VentricularFunction
    lv_mass_g : float or None
        Myocardium at the LV's end-diastole at 1.05 g/mL, scar and no-reflow included.
    lv_mass_index_g_m2 : float or None
    frames : tuple of int
        0-based frames that were measured.
    cycle_ms, heart_rate_bpm, body_surface_area_m2 : float or None
        What cardiac output and the indexed values were computed with.
    warnings : tuple of Notice
        What the user should know who reads the numbers.
    """

    lv: VentricularFunction
    rv: VentricularFunction
    lv_mass_g: float | None = None
    lv_mass_index_g_m2: float | None = None
    frames: tuple[int, ...] = ()
    cycle_ms: float | None = None
    heart_rate_bpm: float | None = None
    body_surface_area_m2: float | None = None
    warnings: tuple[Notice, ...] = ()

    def _facts(self) -> dict[str, Any]:
        numbers = {"LV mass": (self.lv_mass_g, "g")}
        for side, one in (("LV", self.lv), ("RV", self.rv)):
            numbers |= {f"{side} EF": (one.ef_percent, "%"), f"{side} EDV": (one.edv_ml, "mL")}
        known = {k: None if x is None else f"{x:.0f} {unit}" for k, (x, unit) in numbers.items()}
        return known | {"warnings": len(self.warnings)}

    def to_dict(self) -> dict[str, Any]:
        """Nested JSON-ready dictionary; frames count from 0, unknown numbers are None."""
        return {
            "lv": self.lv.to_dict(),
            "rv": self.rv.to_dict(),
            "lv_mass_g": self.lv_mass_g,
            "lv_mass_index_g_m2": self.lv_mass_index_g_m2,
            "frames": list(self.frames),
            "frames_count_from": 0,
            "cycle_ms": self.cycle_ms,
            "heart_rate_bpm": self.heart_rate_bpm,
            "body_surface_area_m2": self.body_surface_area_m2,
            **texts_and_details(self.warnings),
        }


def cardiac_function(
    labels: np.ndarray,
    geometry: Geometry,
    *,
    cycle_ms: float | None = None,
    subject: Subject | None = None,
    frames: Sequence[int] | None = None,
    marked_ed: int | None = None,
    marked_es: int | None = None,
    reading: Reading = AS_LABELLED,
) -> CardiacFunction:
    """Measure both ventricles in a label map.

    End-diastole and end-systole are the frames of the largest and of the smallest volume, for each
    ventricle apart, as recommended by Schulz-Menger et al. (J Cardiovasc Magn Reson 22:19, 2020).
    A frame in which a ventricle is missing altogether is left out for that ventricle, with a
    warning, as no heart empties itself: a volume of zero would be an ejection fraction of 100 %.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
        In the numbering of :class:`~napari_cmr.scan.Label`.
    geometry : Geometry
    cycle_ms : float, optional
        Length of the heart cycle in ms.
    subject : Subject, optional
        For the body surface area.
    frames : sequence of int, optional
        0-based frames that are labelled; all by default.
    marked_ed, marked_es : int, optional
        0-based frames that the data set calls ED and ES. They do not change the numbers except
        between frames of equal volume; a disagreement is reported.
    reading : Reading
        Frames that the user has set as ED and ES for each ventricle, the slices that count at
        each, and whether papillary muscles are blood: these do change the numbers, and are named
        in the warnings. Slices outside the ranges of both phases count in no frame; a range of one
        phase holds at the frame of that phase.

    Returns
    -------
    CardiacFunction

    Raises
    ------
    ScanError
        If the labels do not fit the geometry, or a frame lies outside the scan.
    """
    labels = np.asarray(labels)
    if labels.ndim == 4 and labels.shape[1] != geometry.n_slices:
        raise ScanError(
            f"labels of {labels.shape[1]} slices do not fit a geometry of {geometry.n_slices}",
            remedy="labels must lie on the image's own grid",
        )
    if reading.papillary_in_blood:
        labels = fill_cavity(labels)
    function = function_from_counts(
        voxel_counts(labels),
        geometry,
        cycle_ms=cycle_ms,
        subject=subject,
        frames=frames,
        marked_ed=marked_ed,
        marked_es=marked_es,
        reading=reading,
    )
    return with_places(function, labels, geometry)


def with_places(
    function: CardiacFunction, labels: np.ndarray, geometry: Geometry
) -> CardiacFunction:
    """Add what is doubtful about where its ventricles lie at their ED and ES."""
    phases = [(one.ed_frame, one.es_frame) for one in (function.lv, function.rv)]
    frames = {frame for pair in phases for frame in pair if frame is not None}
    found = place_warnings(labels, geometry, frames)
    return replace(function, warnings=joined(function.warnings, found))


def function_from_counts(
    counts: np.ndarray,
    geometry: Geometry,
    *,
    cycle_ms: float | None = None,
    subject: Subject | None = None,
    frames: Sequence[int] | None = None,
    marked_ed: int | None = None,
    marked_es: int | None = None,
    reading: Reading = AS_LABELLED,
) -> CardiacFunction:
    """Measure both ventricles from voxel counts.

    For a caller that keeps the counts and renews only the slices that changed.

    Parameters
    ----------
    counts : ndarray of int, shape (T, Z, number of labels)
        From :func:`~napari_cmr.analysis.volumes.voxel_counts`, of labels whose cavity is filled
        already where the reading wants that.

    See Also
    --------
    cardiac_function : for the other parameters, the result and the errors.
    """
    n_frames = len(counts)
    measured = tuple(range(n_frames)) if frames is None else tuple(sorted(set(map(int, frames))))
    for frame in (*measured, marked_ed, marked_es):
        if frame is not None and not 0 <= frame < n_frames:
            raise ScanError(f"frame {frame + 1} lies outside the {n_frames} frames of the labels")
    reading.check(n_frames, counts.shape[1])
    warnings: list[Notice] = []
    cycle_ms, heart_rate = heart_rate_of(cycle_ms, warnings)
    area = body_surface_of(subject, warnings)
    warnings += stack_warnings(geometry)
    if reading.papillary_in_blood:
        text = "papillary muscles count as blood, as set by hand."
        warnings.append(of_ventricle(Code.PAPILLARIES_IN_BLOOD, "LV", text))

    ventricles = {}
    names: tuple[tuple[Label, Ventricle], ...] = ((Label.LV, "LV"), (Label.RV, "RV"))
    for label, name in names:
        choices = reading.of(label)
        slices = choices.counted(counts[:, :, label], "ed", "es")
        volumes = np.full(n_frames, np.nan)
        for frame in measured:
            if slices[frame].any():
                volumes[frame] = slices[frame].sum() * geometry.voxel_volume_ml
        warnings += reading_warnings(name, choices, volumes, counts.shape[1])
        ed_frame, es_frame = _phases(volumes, choices, marked_ed, marked_es)
        for phase, frame in (("ed", ed_frame), ("es", es_frame)):
            if frame is not None:
                slices[frame] = choices.counted(slices[frame], phase)
                volumes[frame] = slices[frame].sum() * geometry.voxel_volume_ml or np.nan
        ventricle = _ventricle(
            volumes, ed_frame, es_frame, heart_rate, area, is_whole=geometry.n_slices > 1
        )
        ventricles[label] = ventricle
        warnings += frame_warnings(
            name,
            slices,
            volumes,
            measured,
            dz_mm=geometry.spacing[0],
            ed_frame=ventricle.ed_frame,
            es_frame=ventricle.es_frame,
            marked_ed=ventricle.ed_frame if choices.ed_frame is not None else marked_ed,
            marked_es=ventricle.es_frame if choices.es_frame is not None else marked_es,
        )
        warnings += value_warnings(name, ventricle.ef_percent)

    lv, rv = ventricles[Label.LV], ventricles[Label.RV]
    warnings += stroke_volume_warnings(lv.sv_ml, rv.sv_ml)
    muscle = reading.lv.counted(counts[:, :, list(MYOCARDIUM)].sum(axis=2), "ed")
    mass = _lv_mass_g(muscle, geometry, lv, measured, warnings)
    return CardiacFunction(
        lv=lv,
        rv=rv,
        lv_mass_g=mass,
        lv_mass_index_g_m2=_ratio(mass, area),
        frames=measured,
        cycle_ms=cycle_ms,
        heart_rate_bpm=heart_rate,
        body_surface_area_m2=area,
        warnings=joined(warnings),
    )


def _phases(
    volumes: np.ndarray,
    choices: VentricleReading,
    marked_ed: int | None,
    marked_es: int | None,
) -> tuple[int | None, int | None]:
    """ED and ES: those set by hand where they are labelled, else the extremes."""
    present = np.flatnonzero(~np.isnan(volumes))
    ed_frame: int | None
    es_frame: int | None
    if present.size >= 2:
        ed_frame = _extreme(volumes, float(np.nanmax(volumes)), marked_ed)
        es_frame = _extreme(volumes, float(np.nanmin(volumes)), marked_es)
    else:
        # A lone volume is end-diastolic or end-systolic only if someone says so.
        ed_frame = marked_ed if marked_ed in present else None
        es_frame = marked_es if marked_es in present else None
        if ed_frame == es_frame:
            ed_frame = es_frame = None
    if choices.ed_frame in present:
        ed_frame = choices.ed_frame
    if choices.es_frame in present:
        es_frame = choices.es_frame
    return ed_frame, es_frame


def _ventricle(
    volumes: np.ndarray,
    ed_frame: int | None,
    es_frame: int | None,
    heart_rate: float | None,
    area: float | None,
    *,
    is_whole: bool,
) -> VentricularFunction:
    # A phase of which no slice counts has no volume.
    ed_frame = None if ed_frame is None or np.isnan(volumes[ed_frame]) else ed_frame
    es_frame = None if es_frame is None or np.isnan(volumes[es_frame]) else es_frame
    edv = None if ed_frame is None else float(volumes[ed_frame])
    esv = None if es_frame is None else float(volumes[es_frame])
    sv = ef = output = None
    if is_whole and edv is not None and esv is not None:
        sv = edv - esv
        ef = 100.0 * sv / edv
        output = None if heart_rate is None else sv * heart_rate / 1000.0
    return VentricularFunction(
        volumes_ml=volumes,
        ed_frame=ed_frame,
        es_frame=es_frame,
        edv_ml=edv,
        esv_ml=esv,
        sv_ml=sv,
        ef_percent=ef,
        cardiac_output_l_min=output,
        edv_index_ml_m2=_ratio(edv, area),
        esv_index_ml_m2=_ratio(esv, area),
        sv_index_ml_m2=_ratio(sv, area),
        cardiac_index_l_min_m2=_ratio(output, area),
    )


def _extreme(volumes: np.ndarray, volume: float, marked: int | None) -> int:
    """First frame of that volume, or the marked one if it has that volume too."""
    if marked is not None and volumes[marked] == volume:
        return marked
    return int(np.flatnonzero(volumes == volume)[0])


def _lv_mass_g(
    muscle: np.ndarray,
    geometry: Geometry,
    lv: VentricularFunction,
    measured: tuple[int, ...],
    warnings: list[Notice],
) -> float | None:
    frame = lv.ed_frame
    if frame is None and len(measured) == 1:
        frame = measured[0]  # a still stack: the mass is the same all through the cycle
    if frame is None:
        return None
    voxels = int(muscle[frame].sum())
    if not voxels:
        text = f"No myocardium in frame {frame + 1}: LV mass is not known."
        warnings.append(Notice(Code.MYOCARDIUM_MISSING, text, "myocardium", frames=(frame,)))
        return None
    return voxels * geometry.voxel_volume_ml * MYOCARDIAL_DENSITY_G_PER_ML


def _ratio(value: float | None, divisor: float | None) -> float | None:
    return None if value is None or divisor is None else value / divisor
