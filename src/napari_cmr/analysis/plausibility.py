"""Reasons to doubt a volume or an ejection fraction: thresholds and the notices that they raise."""

from collections.abc import Iterable, Sequence

import numpy as np

from napari_cmr.scan import Code, Geometry, Notice, Subject, Ventricle, of_ventricle

LOWEST_EF_PERCENT, HIGHEST_EF_PERCENT = 5.0, 85.0
#: A ventricle of 70 mm and more is in more slices than this, at 10 mm between them.
LEAST_SLICES = 3
CUT_OFF_FRACTION = 0.75
LONE_FRAME_FRACTION = 0.2
SMOOTH_FRAMES = 8
SHORTEST_VENTRICLE_MM = 35.0
# At end-systole a ventricle is shorter, but not by half: 0.70 (LV) and 0.43 (RV) of the slices at
# end-diastole were the fewest in 80 patients of ACDC, read by experts.
FEWEST_ES_SLICES = {"LV": 0.55, "RV": 0.35}
# The base descends with the contraction, by 16 mm in healthy adults, whose slices lose half of
# their area, and by 7 mm in dilated hearts with an EF below 30 % (Carlsson et al., Am J Physiol
# Heart Circ Physiol 292:H1452, 2007): so far for all of the area.
DESCENT_MM = 32.0
# A base that lies just above a slice's border leaves that slice with the least descent: what is
# certain of lost slices is their length less one. They are doubted where it would have had to lie
# within a fifth of a slice from the border: in none of 100 patients of ACDC, read by experts.
LUCKY_SLICE = 0.2
# Of the EDV. From end-diastole to end-systole no slice of an LV gains more than 1.4 % of it, and
# none of an RV more than 2.3 %, in 100 patients of ACDC, read by experts.
GAIN_FRACTION = 0.025
# Of the EDV, in one frame. The left ventricle of healthy adults fills by at most 3.3 +/- 0.6 EDV
# per second (Bonow et al., Circulation 64:315, 1981): two standard deviations above that are 4.5
# EDV per second, or 0.2 EDV in a frame of 45 ms, the longest that guidelines recommend.
STEP_FRACTION = 0.2
# A step counts as that of lost slices if they make more than this part of it.
STEP_SHARE = 0.5
# Both ventricles pump the same blood. The ratio of their stroke volumes was 0.97 +/- 0.06 in
# healthy adults (Sechtem et al., Radiology 163:697, 1987): a fifth is more than three standard
# deviations. Readers differ by 4 % in the EDV and by 10 % in the ESV (Luijnenburg et al., Int J
# Cardiovasc Imaging 26:57, 2010), which is 11 mL of the stroke volume of an RV of 180 and 80 mL:
# 25 mL is more than twice that. In ACDC, read by experts, 2 of 20 normal hearts are beyond both
# limits, and 31 of all 100 patients, in some of whom a valve leaks.
STROKE_VOLUME_FRACTION, STROKE_VOLUME_ML = 0.2, 25.0
UNEVEN_FRACTION = 0.1
# Of the EDV: three points of ejection fraction, about what two readers differ by. A cycle has
# neighbouring frames of nearly the same volume, of which either may be called ED or ES.
MARK_TOLERANCE = 0.03

SHORTEST_CYCLE_MS, LONGEST_CYCLE_MS = 200.0, 3000.0
SMALLEST_BSA_M2, LARGEST_BSA_M2 = 0.1, 4.0


def heart_rate_of(
    cycle_ms: float | None, warnings: list[Notice]
) -> tuple[float | None, float | None]:
    """Length of the cycle in ms and beats per minute, if they can be; a doubt if not."""
    if cycle_ms is None:
        return None, None
    if not SHORTEST_CYCLE_MS <= cycle_ms <= LONGEST_CYCLE_MS:
        text = f"A heart cycle of {cycle_ms:g} ms cannot be right: no cardiac output is given."
        warnings.append(Notice(Code.CYCLE_IMPOSSIBLE, text))
        return None, None
    return float(cycle_ms), 60_000.0 / cycle_ms


def body_surface_of(subject: Subject | None, warnings: list[Notice]) -> float | None:
    """Body surface in square metres, if it can be; a doubt if not."""
    area = None if subject is None else subject.body_surface_area_m2
    if area is not None and not SMALLEST_BSA_M2 <= area <= LARGEST_BSA_M2:
        text = (
            f"A body surface of {area:.2f} m2 cannot be right (check height and weight): "
            "no indexed values are given."
        )
        warnings.append(Notice(Code.BODY_SURFACE_IMPOSSIBLE, text, "subject"))
        return None
    return area


def stack_warnings(geometry: Geometry) -> list[Notice]:
    """Doubts about the stack: too few slices, slices that are not evenly spaced."""
    if geometry.n_slices < LEAST_SLICES:
        return few_slices(geometry)
    normal = np.cross(geometry.affines[0, :3, 0], geometry.affines[0, :3, 1])
    length = np.linalg.norm(normal)
    if not length:
        return []
    steps = np.abs(np.diff(geometry.affines[:, :3, 3] @ normal / length))
    dz = geometry.spacing[0]
    if np.abs(steps - dz).max() > UNEVEN_FRACTION * dz:
        text = (
            f"Slices lie {steps.min():.1f} to {steps.max():.1f} mm apart, and volumes are computed "
            f"with {dz:.1f} mm: slices may be missing."
        )
        return [Notice(Code.UNEVEN_SLICES, text)]
    return []


def few_slices(geometry: Geometry) -> list[Notice]:
    """Doubt about a stack of fewer than :data:`LEAST_SLICES`."""
    n = geometry.n_slices
    if n == 1:
        text = (
            "Only one slice: its volumes and mass are not those of a ventricle, and no ejection "
            "fraction is given."
        )
        return [Notice(Code.ONE_SLICE, text)]
    if n < LEAST_SLICES:
        text = f"Only {n} slices: volumes and mass are not those of a whole ventricle."
        return [Notice(Code.FEW_SLICES, text)]
    return []


def value_warnings(name: Ventricle, ef_percent: float | None) -> list[Notice]:
    """Doubts about an ejection fraction that hardly any living heart has."""
    if ef_percent is None or LOWEST_EF_PERCENT <= ef_percent <= HIGHEST_EF_PERCENT:
        return []
    text = f"an ejection fraction of {ef_percent:.0f} % is hardly possible; check the labels."
    return [of_ventricle(Code.EF_IMPOSSIBLE, name, text)]


def stroke_volume_warnings(lv_ml: float | None, rv_ml: float | None) -> list[Notice]:
    """Doubt about stroke volumes that differ more between the ventricles than readers do."""
    if lv_ml is None or rv_ml is None:
        return []
    apart = abs(lv_ml - rv_ml)
    if apart <= STROKE_VOLUME_ML or apart <= STROKE_VOLUME_FRACTION * max(lv_ml, rv_ml):
        return []
    text = (
        f"The LV ejects {lv_ml:.0f} mL and the RV {rv_ml:.0f} mL: unless a valve leaks or there is "
        "a shunt, these are the same. Check both at the base, at end-diastole and end-systole."
    )
    return [Notice(Code.STROKE_VOLUMES_DIFFER, text, "heart")]


def frame_warnings(
    name: Ventricle,
    slices: np.ndarray,
    volumes: np.ndarray,
    measured: Sequence[int],
    *,
    dz_mm: float,
    ed_frame: int | None,
    es_frame: int | None,
    marked_ed: int | None,
    marked_es: int | None,
) -> list[Notice]:
    """Doubts about one ventricle: missing, gaps, cut off, too few frames, other ED or ES.

    Parameters
    ----------
    name : {"LV", "RV"}
    slices : ndarray of int, shape (T, Z)
        Voxels of the ventricle in every slice.
    volumes : ndarray, shape (T,)
        In mL; NaN where not measured.
    measured : sequence of int
        Frames that are labelled.
    dz_mm : float
        Distance between slice centres.
    ed_frame, es_frame, marked_ed, marked_es : int or None
        As found and as marked.
    """
    present = [frame for frame in measured if not np.isnan(volumes[frame])]
    absent = [frame for frame in measured if np.isnan(volumes[frame])]
    if not present:
        text = "none in the labels; no volume is known."
        return [of_ventricle(Code.VENTRICLE_MISSING, name, text)]
    found = []
    if absent:
        text = f"none in {listed('frame', absent)}; left out, as no ventricle empties itself."
        found.append(
            of_ventricle(Code.VENTRICLE_MISSING_IN_FRAMES, name, text, frames=tuple(absent))
        )
    if len(present) == 1:
        text = "in one frame only; there is no stroke volume and no ejection fraction."
        found.append(of_ventricle(Code.ONE_FRAME_LABELLED, name, text, frames=tuple(present)))
    elif len(present) == 2 and {marked_ed, marked_es} != set(present):
        text = (
            "in two frames only, taken as end-diastole and end-systole; the ejection fraction is "
            "too low if they are not."
        )
        found.append(of_ventricle(Code.TWO_FRAMES_LABELLED, name, text, frames=tuple(present)))
    if ed_frame is not None and es_frame is not None:
        found += _marks(
            name,
            volumes,
            ed_frame=ed_frame,
            es_frame=es_frame,
            marked_ed=marked_ed,
            marked_es=marked_es,
        )
        found += _cut_off(name, slices[ed_frame], slices[es_frame], dz_mm)
        found += _lost_slices(name, slices[ed_frame], slices[es_frame])
        found += _gains(name, slices[ed_frame], slices[es_frame])
        if name == "LV":
            found += _lost_base(slices[ed_frame], slices[es_frame], dz_mm)
        found += _lone_frames(name, volumes, ed_frame, es_frame)
        if name == "RV":
            found += _lost_at_once(slices, volumes, ed_frame, es_frame)
    for frame in dict.fromkeys((ed_frame, es_frame)):
        if frame is not None:
            found += _gaps(name, slices[frame], frame)
    if ed_frame is not None and slices.shape[1] > 1:
        length = dz_mm * np.count_nonzero(slices[ed_frame])
        if length < SHORTEST_VENTRICLE_MM:
            text = (
                f"only {length:.0f} mm long at end-diastole; slices are missing, and the volumes "
                "are too small."
            )
            found.append(of_ventricle(Code.VENTRICLE_SHORT, name, text))
    return found


def _marks(
    name: Ventricle,
    volumes: np.ndarray,
    *,
    ed_frame: int,
    es_frame: int,
    marked_ed: int | None,
    marked_es: int | None,
) -> list[Notice]:
    if (ed_frame, es_frame) == (marked_es, marked_ed):
        text = (
            f"larger in frame {ed_frame + 1}, marked as end-systole, than in frame {es_frame + 1}, "
            "marked as end-diastole; the marks or the labels are wrong."
        )
        return [of_ventricle(Code.MARKS_SWAPPED, name, text, frames=(ed_frame, es_frame))]
    found = []
    for frame, marked, other, phase, extreme in (
        (ed_frame, marked_ed, marked_es, "end-diastole", "largest"),
        (es_frame, marked_es, marked_ed, "end-systole", "smallest"),
    ):
        # The marks are the LV's. The RV's own ED and ES may well differ, but not be the opposite.
        if marked is None or frame == marked or (name == "RV" and frame != other):
            continue
        there = volumes[marked]
        # NaN compares as False.
        if abs(volumes[frame] - there) <= MARK_TOLERANCE * volumes[ed_frame]:
            continue
        versus = "not measured there" if np.isnan(there) else f"{there:.0f} mL there"
        text = (
            f"{extreme} in frame {frame + 1} ({volumes[frame]:.0f} mL), but frame {marked + 1} is "
            f"marked as {phase} ({versus}); the {extreme} is used."
        )
        found.append(of_ventricle(Code.MARK_DIFFERS, name, text, frames=(frame, marked)))
    return found


def _lone_frames(
    name: Ventricle, volumes: np.ndarray, ed_frame: int, es_frame: int
) -> list[Notice]:
    """Find an ED or ES that leaps away from both neighbours in a finely sampled cycle."""
    n_frames = volumes.size
    if n_frames < SMOOTH_FRAMES:
        return []
    found = []
    for frame in dict.fromkeys((ed_frame, es_frame)):
        leaps = volumes[frame] - volumes[[frame - 1, (frame + 1) % n_frames]]
        # NaN neighbours compare as False.
        if (np.abs(leaps) > LONE_FRAME_FRACTION * volumes[ed_frame]).all():
            text = (
                f"the volume of frame {frame + 1} leaps away from the frames beside it; check its "
                "labels, the ejection fraction depends on them."
            )
            found.append(of_ventricle(Code.FRAME_LEAPS, name, text, frames=(frame,)))
    return found


def _lost_at_once(
    slices: np.ndarray, volumes: np.ndarray, ed_frame: int, es_frame: int
) -> list[Notice]:
    """Find slices whose loss, or return, makes a step in the RV's curve of volumes.

    The base of the RV is slanted, so that it leaves a slice bit by bit. That of the LV lies nearly
    in the plane of the slices and leaves one at once, which is no fault: see ``_lost_base``.
    """
    n_frames = volumes.size
    if n_frames < SMOOTH_FRAMES:
        return []
    voxels = slices.sum(axis=1)
    lost = (slices[ed_frame] > 0) & (slices[es_frame] == 0)
    found = []
    for frame in range(n_frames):
        after = (frame + 1) % n_frames
        step = np.abs(volumes[after] - volumes[frame])
        # NaN compares as False.
        if not step > STEP_FRACTION * volumes[ed_frame]:
            continue
        gone = lost & ((slices[frame] > 0) != (slices[after] > 0))
        share = np.abs(slices[after][gone].sum() - slices[frame][gone].sum())
        if gone.any() and share > STEP_SHARE * np.abs(voxels[after] - voxels[frame]):
            found.append((float(step), frame, after, gone))
    if not found:
        return []
    step, frame, after, gone = max(found, key=lambda one: one[0])
    where = tuple(np.flatnonzero(gone).tolist())
    text = (
        f"the volume changes by {step:.0f} mL from frame {frame + 1} to {after + 1}, most of it in "
        f"{listed('slice', where)}, empty at end-systole; the base does not move so fast. If the "
        "RV is still there, the ejection fraction is too high."
    )
    return [of_ventricle(Code.SLICE_LOST_AT_ONCE, "RV", text, frames=(frame, after), slices=where)]


def _cut_off(name: Ventricle, at_ed: np.ndarray, at_es: np.ndarray, dz_mm: float) -> list[Notice]:
    """Find a cavity that is wide where the stack ends, at end-diastole and end-systole alike.

    The base that is above the last slice at end-systole was higher at end-diastole, by what the
    contraction makes it descend. Where that is more than a slice, at least half of one is missing.
    Whether base or apex lies first does not matter: no apex is that wide.
    """
    descent = DESCENT_MM * _contraction(at_ed, at_es)
    if at_ed.size < 2 or descent <= dz_mm:
        return []
    found = []
    for end in (0, at_ed.size - 1):
        if all(areas[end] >= CUT_OFF_FRACTION * areas.max() for areas in (at_ed, at_es)):
            text = (
                f"still wide in slice {end + 1}, where the stack ends, at end-diastole and "
                f"end-systole; as it contracts, the base descends by about {descent:.0f} mm, so "
                "that it may be cut off at end-diastole, and the volumes too small."
            )
            found.append(of_ventricle(Code.BASE_CUT_OFF, name, text, slices=(end,)))
    return found


def _contraction(at_ed: np.ndarray, at_es: np.ndarray) -> float:
    """Part of its area that a ventricle loses in the slices that have it at both."""
    both = (at_ed > 0) & (at_es > 0)
    return max(0.0, 1 - at_es[both].sum() / at_ed[both].sum()) if both.any() else 0.0


def _lost_slices(name: Ventricle, at_ed: np.ndarray, at_es: np.ndarray) -> list[Notice]:
    n_ed, n_es = np.count_nonzero(at_ed), np.count_nonzero(at_es)
    if n_es >= FEWEST_ES_SLICES[name] * n_ed:
        return []
    slices = "slice" if n_es == 1 else "slices"
    text = (
        f"in {n_es} {slices} at end-systole and in {n_ed} at end-diastole; slices that were missed "
        "make the ejection fraction too high."
    )
    return [of_ventricle(Code.SLICES_LOST, name, text)]


def _gains(name: Ventricle, at_ed: np.ndarray, at_es: np.ndarray) -> list[Notice]:
    """Find slices in which a ventricle is larger at end-systole than at end-diastole."""
    where = tuple(np.flatnonzero(at_es - at_ed > GAIN_FRACTION * at_ed.sum()).tolist())
    if not where:
        return []
    text = (
        f"larger at end-systole than at end-diastole in {listed('slice', where)}, where hardly any "
        "heart is; something else may be labelled, and the ejection fraction too low."
    )
    return [of_ventricle(Code.SLICE_GAINS, name, text, slices=where)]


def _lost_base(at_ed: np.ndarray, at_es: np.ndarray, dz_mm: float) -> list[Notice]:
    """Find an LV that leaves more basal slices in systole than its contraction explains.

    Which end is the base shows in the areas: the apex is the narrow one.
    """
    here, there = np.flatnonzero(at_ed), np.flatnonzero(at_es)
    if not (at_ed[there] > 0).any():
        return []
    base_first = at_ed[here[0]] >= at_ed[here[-1]]
    lost = here[here < there[0]] if base_first else here[here > there[-1]]
    contraction = _contraction(at_ed, at_es)
    least = dz_mm * (lost.size - 1 + LUCKY_SLICE)
    if not lost.size or least <= DESCENT_MM * contraction:
        return []
    length = dz_mm * lost.size
    text = (
        f"leaves {listed('slice', lost)} ({length:.0f} mm) in systole, but the rest of it "
        f"contracts by {100 * contraction:.0f} % only; a base hardly descends so far then, and the "
        "ejection fraction may be too high."
    )
    return [of_ventricle(Code.BASE_LOST, "LV", text, slices=tuple(lost.tolist()))]


def _gaps(name: Ventricle, slices: np.ndarray, frame: int) -> list[Notice]:
    filled = np.flatnonzero(slices)
    gaps = [z for z in range(int(filled[0]), int(filled[-1])) if not slices[z]]
    if not gaps:
        return []
    text = (
        f"none in {listed('slice', gaps)} of frame {frame + 1}, between slices that have it; the "
        "volume is too small."
    )
    return [of_ventricle(Code.SLICE_GAP, name, text, frames=(frame,), slices=tuple(gaps))]


def listed(noun: str, numbers: Iterable[int]) -> str:
    """Numbers from 0 as they count on screen, behind their noun."""
    shown = [str(number + 1) for number in numbers]
    text = ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
    return f"{noun} {text}" if len(shown) == 1 else f"{noun}s {text}"
