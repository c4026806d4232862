"""Reasons to doubt a volume or an ejection fraction, as sentences for the person who reads it.

Frames and slices count from 1 here, as on the screen.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from napari_cmr.scan import Geometry

LOWEST_EF_PERCENT, HIGHEST_EF_PERCENT = 5.0, 85.0
CUT_OFF_FRACTION = 0.75
LONE_FRAME_FRACTION = 0.2
SMOOTH_FRAMES = 8
SHORTEST_VENTRICLE_MM = 35.0
# At end-systole a ventricle is shorter, but not by half: 0.70 (LV) and 0.43 (RV) of the slices at
# end-diastole were the fewest in 80 patients of ACDC, read by experts.
FEWEST_ES_SLICES = {"LV": 0.55, "RV": 0.35}
# The base descends with the contraction: so far at most for all of the cavity's area pumped out.
# Three of 80 patients of ACDC, read by experts, lost more of it.
DEEPEST_DESCENT_MM = 25.0
UNEVEN_FRACTION = 0.1
# Of the EDV: three points of ejection fraction, about what two readers differ by. A cycle has
# neighbouring frames of nearly the same volume, of which either may be called ED or ES.
MARK_TOLERANCE = 0.03


def stack_warnings(geometry: Geometry) -> list[str]:
    """Doubts about the stack: a single slice, slices that are not evenly spaced."""
    if geometry.n_slices == 1:
        return ["Only one slice: its volumes are not those of a whole ventricle."]
    normal = np.cross(geometry.affines[0, :3, 0], geometry.affines[0, :3, 1])
    length = np.linalg.norm(normal)
    if not length:
        return []
    steps = np.abs(np.diff(geometry.affines[:, :3, 3] @ normal / length))
    dz = geometry.spacing[0]
    if np.abs(steps - dz).max() > UNEVEN_FRACTION * dz:
        return [
            f"Slices lie {steps.min():.1f} to {steps.max():.1f} mm apart, and volumes are computed "
            f"with {dz:.1f} mm: slices may be missing."
        ]
    return []


def value_warnings(name: str, ef_percent: float | None) -> list[str]:
    """Doubts about an ejection fraction that hardly any living heart has."""
    if ef_percent is None or LOWEST_EF_PERCENT <= ef_percent <= HIGHEST_EF_PERCENT:
        return []
    return [f"{name} ejection fraction of {ef_percent:.0f} % is hardly possible: check the labels."]


def frame_warnings(
    name: str,
    slices: np.ndarray,
    volumes: np.ndarray,
    measured: Sequence[int],
    *,
    dz_mm: float,
    ed_frame: int | None,
    es_frame: int | None,
    marked_ed: int | None,
    marked_es: int | None,
) -> list[str]:
    """Doubts about one ventricle: missing, gaps, cut off, too few frames, other ED or ES.

    Parameters
    ----------
    name : str
        "LV" or "RV".
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
        return [f"No {name} in the labels: its volumes are not known."]
    found = []
    if absent:
        found.append(
            f"No {name} in {_list('frame', absent)}: left out, as no ventricle empties itself."
        )
    if len(present) == 1:
        found.append(f"{name} in one frame only: no stroke volume and no ejection fraction.")
    elif len(present) == 2 and {marked_ed, marked_es} != set(present):
        found.append(
            f"{name} in two frames only, taken as end-diastole and end-systole: the ejection "
            "fraction is too low if they are not."
        )
    if ed_frame is not None and es_frame is not None:
        found += _marks(
            name,
            volumes,
            ed_frame=ed_frame,
            es_frame=es_frame,
            marked_ed=marked_ed,
            marked_es=marked_es,
        )
        found += _cut_off(name, slices[ed_frame], slices[es_frame])
        found += _lost_slices(name, slices[ed_frame], slices[es_frame])
        if name == "LV":
            found += _lost_base(slices[ed_frame], slices[es_frame], dz_mm)
        found += _lone_frames(name, volumes, ed_frame, es_frame)
    for frame in dict.fromkeys((ed_frame, es_frame)):
        if frame is not None:
            found += _gaps(name, slices[frame], frame)
    if ed_frame is not None and slices.shape[1] > 1:
        length = dz_mm * np.count_nonzero(slices[ed_frame])
        if length < SHORTEST_VENTRICLE_MM:
            found.append(
                f"{name} is only {length:.0f} mm long at end-diastole: slices are missing, and its "
                "volumes are too small."
            )
    return found


def _marks(
    name: str,
    volumes: np.ndarray,
    *,
    ed_frame: int,
    es_frame: int,
    marked_ed: int | None,
    marked_es: int | None,
) -> list[str]:
    if (ed_frame, es_frame) == (marked_es, marked_ed):
        return [
            f"{name} is larger in frame {ed_frame + 1}, marked as end-systole, than in frame "
            f"{es_frame + 1}, marked as end-diastole: the marks or the labels are wrong."
        ]
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
        found.append(
            f"{name} is {extreme} in frame {frame + 1} ({volumes[frame]:.0f} mL), but frame "
            f"{marked + 1} is marked as {phase} ({versus}): the {extreme} is used."
        )
    return found


def _lone_frames(name: str, volumes: np.ndarray, ed_frame: int, es_frame: int) -> list[str]:
    """Find an ED or ES that leaps away from both neighbours in a finely sampled cycle."""
    n_frames = volumes.size
    if n_frames < SMOOTH_FRAMES:
        return []
    found = []
    for frame in dict.fromkeys((ed_frame, es_frame)):
        leaps = volumes[frame] - volumes[[frame - 1, (frame + 1) % n_frames]]
        # NaN neighbours compare as False.
        if (np.abs(leaps) > LONE_FRAME_FRACTION * volumes[ed_frame]).all():
            found.append(
                f"{name} volume of frame {frame + 1} leaps away from the frames beside it: check "
                "its labels, the ejection fraction hangs on them."
            )
    return found


def _cut_off(name: str, at_ed: np.ndarray, at_es: np.ndarray) -> list[str]:
    """Find a cavity that is wide where the stack ends, at end-diastole and end-systole alike.

    The base descends by more than a slice in systole, so that the last slice of a stack that covers
    it loses the ventricle. Whether base or apex lies first does not matter: no apex is that wide.
    """
    found = []
    for end in (0, at_ed.size - 1) if at_ed.size > 1 else ():
        if all(areas[end] >= CUT_OFF_FRACTION * areas.max() for areas in (at_ed, at_es)):
            found.append(
                f"{name} is still wide in slice {end + 1}, where the stack ends, at end-diastole "
                "and end-systole: the base may be cut off and the volumes too small."
            )
    return found


def _lost_slices(name: str, at_ed: np.ndarray, at_es: np.ndarray) -> list[str]:
    n_ed, n_es = np.count_nonzero(at_ed), np.count_nonzero(at_es)
    if n_es >= FEWEST_ES_SLICES[name] * n_ed:
        return []
    slices = "slice" if n_es == 1 else "slices"
    return [
        f"{name} is in {n_es} {slices} at end-systole and in {n_ed} at end-diastole: slices that "
        "were missed make the ejection fraction too high."
    ]


def _lost_base(at_ed: np.ndarray, at_es: np.ndarray, dz_mm: float) -> list[str]:
    """Find an LV that leaves more basal slices in systole than its contraction explains.

    Which end is the base shows in the areas: the apex is the narrow one.
    """
    here, there = np.flatnonzero(at_ed), np.flatnonzero(at_es)
    if not (at_ed[there] > 0).any():
        return []
    base_first = at_ed[here[0]] >= at_ed[here[-1]]
    lost = here[here < there[0]] if base_first else here[here > there[-1]]
    both = (at_ed > 0) & (at_es > 0)
    contraction = max(0.0, 1 - at_es[both].sum() / at_ed[both].sum())
    length = dz_mm * lost.size
    if length <= DEEPEST_DESCENT_MM * contraction:
        return []
    return [
        f"LV leaves {_list('slice', lost)} ({length:.0f} mm) in systole, but the rest of it "
        f"contracts by {100 * contraction:.0f} % only: a base hardly descends so far then, and the "
        "ejection fraction may be too high."
    ]


def _gaps(name: str, slices: np.ndarray, frame: int) -> list[str]:
    filled = np.flatnonzero(slices)
    gaps = [z for z in range(filled[0], filled[-1]) if not slices[z]]
    if not gaps:
        return []
    return [
        f"No {name} in {_list('slice', gaps)} of frame {frame + 1}, between slices that have it: "
        "its volume is too small."
    ]


def _list(noun: str, numbers: Iterable[int]) -> str:
    shown = [str(number + 1) for number in numbers]
    text = ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
    return f"{noun} {text}" if len(shown) == 1 else f"{noun}s {text}"
