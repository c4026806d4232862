"""The 17 segments of the left ventricle, laid into short-axis labels.

Cerqueira et al., Standardized myocardial segmentation and nomenclature for tomographic imaging of
the heart, Circulation 105:539, 2002: the slices with a cavity are parted into a basal, a middle
and an apical third; rings of six, six and four equal sectors; and the cap beyond the cavity.

Sectors hang on the middle of the septum, halfway between the two insertions of the right ventricle,
which come from the labels: where the septum spans the standard's 120 degrees, the insertions
are sector borders. An error in one insertion moves the sectors by half of it.

Angles run clockwise on the screen, from the direction of growing columns: ``atan2(y, x)`` in mm.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from napari_cmr.analysis.septum import CLEAR, Source, anterior_side, septum_angles
from napari_cmr.analysis.volumes import MYOCARDIUM
from napari_cmr.scan import Code, Geometry, Label, Notice, ScanError

Level = Literal["basal", "mid", "apical", "apex"]

SEGMENT_NAMES = (
    "basal anterior",
    "basal anteroseptal",
    "basal inferoseptal",
    "basal inferior",
    "basal inferolateral",
    "basal anterolateral",
    "mid anterior",
    "mid anteroseptal",
    "mid inferoseptal",
    "mid inferior",
    "mid inferolateral",
    "mid anterolateral",
    "apical anterior",
    "apical septal",
    "apical inferior",
    "apical lateral",
    "apex",
)
"""Names of segments 1 to 17."""

N_SEGMENTS = len(SEGMENT_NAMES)
FIRST_OF_LEVEL: dict[Level, int] = {"basal": 1, "mid": 7, "apical": 13, "apex": 17}

# Sectors of a ring in degrees from the middle of the septum towards the anterior wall, in the
# order of the numbers.
_SIX = ((60, 120), (0, 60), (-60, 0), (-120, -60), (-180, -120), (120, 180))
_FOUR = ((45, 135), (-45, 45), (-135, -45), (135, 225))

BULLSEYE_RINGS = (0.0, 0.22, 0.47, 0.73, 1.0)
"""Borders of the rings of the picture, as parts of its radius, the apex first."""

BULLSEYE: tuple[tuple[int, float, float], ...] = (
    *((3, (60 + 60 * k) % 360, 60) for k in range(6)),
    *((2, (60 + 60 * k) % 360, 60) for k in range(6)),
    *((1, (45 + 90 * k) % 360, 90) for k in range(4)),
    (0, 0, 360),
)
"""Ring, start and span of every segment's place in the picture, in degrees against the clock from
the right; Cerqueira et al., figure 4."""

RING_COVERED = 0.8
"""Part of the circle that muscle must cover for a slice at the base to count."""

_BINS = 36
_TO_APEX = np.array([-1.0, 1.0, -1.0]) / np.sqrt(3.0)


@dataclass(frozen=True, eq=False)
class AhaModel:
    """Where the 17 segments lie in a stack.

    Attributes
    ----------
    segments : ndarray of uint8, shape (T, Z, Y, X)
        Segment number, 1 to 17, of every voxel of muscle; 0 elsewhere.
    levels : tuple of {"basal", "mid", "apical", "apex"} or None, one for every slice
        None: the slice belongs to no level.
    centres : ndarray, shape (T, Z, 2)
        Row and column of the ventricle's centre; NaN where it is absent.
    septum : ndarray, shape (T, Z)
        Angle of the middle of the septum, radians.
    towards_anterior : {1, -1}
        1 where the anterior wall lies clockwise of the septum on the screen.
    septum_from, anterior_from : {"labels", "patient directions", "assumed", "given"}
        What told the septum from the free wall, and anterior from inferior.
    ed_frame : int
        Frame whose slices were parted into levels.
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    notes : tuple of Notice
        What was assumed or left out; slices count from 1.
    """

    segments: np.ndarray
    levels: tuple[Level | None, ...]
    centres: np.ndarray
    septum: np.ndarray
    towards_anterior: int
    septum_from: Source
    anterior_from: Source
    ed_frame: int
    spacing: tuple[float, float]
    notes: tuple[Notice, ...] = ()

    def segments_at(self, z: int, t: int, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Segment numbers at rows ``y`` and columns ``x`` of a slice; 0 in slices of no level."""
        level = self.levels[z]
        if level is None or np.isnan(self.septum[t, z]):
            return np.zeros(np.shape(y), dtype=np.uint8)
        if level == "apex":
            return np.full(np.shape(y), 17, dtype=np.uint8)
        cy, cx = self.centres[t, z]
        dy, dx = self.spacing
        angle = np.arctan2((y - cy) * dy, (x - cx) * dx)
        return _number(level, self.towards_anterior * (angle - self.septum[t, z]))

    def sector(self, segment: int, z: int, t: int) -> tuple[float, float]:
        """Angles in radians between which a segment lies on the screen; all around for the apex."""
        level = level_of(segment)
        if level == "apex":
            return 0.0, 2.0 * np.pi
        sectors = _FOUR if level == "apical" else _SIX
        low, high = np.deg2rad(sectors[segment - FIRST_OF_LEVEL[level]])
        edges = self.septum[t, z] + self.towards_anterior * np.array([low, high])
        return float(edges.min()), float(edges.max())

    def slices_of(self, segment: int) -> tuple[int, ...]:
        """Slices of the level that a segment belongs to, in the order of the stack."""
        level = level_of(segment)
        return tuple(z for z, one in enumerate(self.levels) if one == level)


def level_of(segment: int) -> Level:
    """Level of a segment number."""
    if not 1 <= segment <= N_SEGMENTS:
        raise ScanError(f"{segment} is not a segment of the 17")
    return (
        "basal" if segment < 7 else "mid" if segment < 13 else "apical" if segment < 17 else "apex"
    )


def aha_model(
    labels: np.ndarray,
    geometry: Geometry,
    *,
    ed_frame: int | None = None,
    septum_deg: float | None = None,
) -> AhaModel:
    """Lay the 17 segments into short-axis labels.

    The septum is where the right ventricle touches the muscle, in every frame and slice, averaged
    with the slices beside it, and within 30 degrees of the stack's mean: near the apex the right
    ventricle may end below the left. Slices without one take the nearest one's. Without any
    right ventricle it is taken from the patient directions, and without these to be on the left of
    the screen. Anterior is told from inferior by the patient directions, and else by assuming that
    the image is not a mirror image: seen from the apex, anterior is clockwise of the septum.

    Levels are those of the slices at end-diastole and stay with them, so that the base, which
    descends in systole, may leave its slices. A slice at the base whose muscle is no closed ring
    (covers less than 80 % of the circle) is left out, as the standard asks.

    Parameters
    ----------
    labels : ndarray of whole numbers, shape (T, Z, Y, X)
    geometry : Geometry
    ed_frame : int, optional
        0-based frame of end-diastole; that of the largest LV by default.
    septum_deg : float, optional
        Angle of the septum's middle on the screen, clockwise from the right, instead of the
        labels': for labels without a right ventricle.

    Returns
    -------
    AhaModel

    Raises
    ------
    ScanError
        If the labels do not fit the geometry, or hold no LV cavity with muscle around it.
    """
    labels = np.asarray(labels)
    if labels.ndim != 4 or labels.shape[1] != geometry.n_slices:
        raise ScanError(
            f"labels of shape {labels.shape} do not fit a geometry of {geometry.n_slices} slices",
            remedy="labels must lie on the image's own grid",
        )
    _, dy, dx = geometry.spacing
    box, (top, left) = _cropped(labels)
    cavity, muscle = box == Label.LV, np.isin(box, MYOCARDIUM)
    sizes = cavity.sum(axis=(2, 3))
    if ed_frame is None:
        ed_frame = int(sizes.sum(axis=1).argmax())
    if not 0 <= ed_frame < len(labels):
        raise ScanError(f"frame {ed_frame + 1} lies outside the {len(labels)} frames of the labels")
    if not (sizes[ed_frame] > 0).any() or not muscle[ed_frame].any():
        raise ScanError(
            f"there is no LV cavity with myocardium around it in frame {ed_frame + 1}",
            remedy="the 17 segments need both labels",
        )
    notes: list[Notice] = []
    centres = _centres(cavity | muscle)
    levels = _levels(cavity[ed_frame], muscle[ed_frame], centres[ed_frame], geometry, notes)
    if septum_deg is None:
        septum, septum_from = septum_angles(box == Label.RV, muscle, centres, geometry, notes)
    else:
        septum, septum_from = np.full(centres.shape[:2], np.deg2rad(septum_deg)), "given"
    sign, anterior_from = anterior_side(septum, geometry, notes)

    segments = np.zeros(labels.shape, dtype=np.uint8)
    model = AhaModel(
        segments=segments,
        levels=levels,
        centres=centres + np.array([top, left]),
        septum=septum,
        towards_anterior=sign,
        septum_from=septum_from,
        anterior_from=anterior_from,
        ed_frame=ed_frame,
        spacing=(dy, dx),
        notes=tuple(notes),
    )
    for t, z in np.argwhere(muscle.any(axis=(2, 3))):
        if levels[z] is not None:
            y, x = np.nonzero(muscle[t, z])
            y, x = y + top, x + left
            segments[t, z, y, x] = model.segments_at(z, t, y, x)
    return model


def _number(level: Level, towards: np.ndarray) -> np.ndarray:
    """Segment numbers from angles (radians) from the septum's middle towards the anterior wall."""
    degrees = np.rad2deg(towards)
    sectors, turn = (_FOUR, -45.0) if level == "apical" else (_SIX, -180.0)
    width = 360.0 / len(sectors)
    order = {
        round((low - turn) / width) % len(sectors): k for k, (low, _high) in enumerate(sectors)
    }
    table = np.array([order[k] for k in range(len(sectors))], dtype=np.uint8)
    which = np.floor(np.mod(degrees - turn, 360.0) / width).astype(int) % len(sectors)
    return (table[which] + FIRST_OF_LEVEL[level]).astype(np.uint8)


def _cropped(labels: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Labels around everything that is labelled, and the row and column where they start."""
    some = np.asarray(labels.any(axis=(0, 1)))
    if not some.any():
        raise ScanError("nothing is labelled", remedy="the 17 segments need LV and myocardium")
    rows, columns = np.flatnonzero(some.any(axis=1)), np.flatnonzero(some.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return labels[:, :, top : rows[-1] + 1, left : columns[-1] + 1], (top, left)


def _centres(ventricle: np.ndarray) -> np.ndarray:
    """Row and column of the centre of every slice, shape (T, Z, 2)."""
    count = ventricle.sum(axis=(2, 3)).astype(float)
    count[count == 0] = np.nan
    y = (ventricle.sum(axis=3) * np.arange(ventricle.shape[2])).sum(axis=2) / count
    x = (ventricle.sum(axis=2) * np.arange(ventricle.shape[3])).sum(axis=2) / count
    return np.stack([y, x], axis=-1)


def _levels(
    cavity: np.ndarray,
    muscle: np.ndarray,
    centres: np.ndarray,
    geometry: Geometry,
    notes: list[Notice],
) -> tuple[Level | None, ...]:
    """Level of every slice, from the labels ``(Z, Y, X)`` of end-diastole."""
    filled = [z for z in range(len(cavity)) if cavity[z].any() and muscle[z].any()]
    from_base = filled if _apex_comes_last(cavity | muscle, filled, geometry) else filled[::-1]
    covered = [_coverage(muscle[z], centres[z], geometry.spacing[1:]) for z in from_base]
    closed = [k for k, part in enumerate(covered) if part >= RING_COVERED]
    if not closed:
        text = (
            "The muscle is no closed ring in any slice: segments at its gaps are smaller than they "
            "should be."
        )
        notes.append(Notice(Code.RING_OPEN, text, "segments"))
    rings = from_base[closed[0] :] if closed else from_base
    open_slices = from_base[: closed[0]] if closed else []
    if open_slices:
        shown = ", ".join(str(z + 1) for z in sorted(open_slices))
        text = f"Muscle is no closed ring in slice {shown}, at the base: left out."
        notes.append(Notice(Code.RING_OPEN, text, "segments", slices=tuple(sorted(open_slices))))
    if len(rings) < 3:
        text = (
            f"Only {len(rings)} slice{'s' if len(rings) > 1 else ''} with a cavity: not every "
            "level of the ventricle is in the stack."
        )
        notes.append(Notice(Code.LEVELS_MISSING, text, "segments"))
    levels: list[Level | None] = [None] * len(cavity)
    for k, z in enumerate(rings):
        place = (k + 0.5) / len(rings)
        levels[z] = "basal" if place < 1 / 3 else "mid" if place < 2 / 3 else "apical"
    step = 1 if from_base == filled else -1
    z = rings[-1] + step
    while 0 <= z < len(cavity) and muscle[z].any() and not cavity[z].any():
        levels[z] = "apex"
        z += step
    return tuple(levels)


def _apex_comes_last(ventricle: np.ndarray, filled: list[int], geometry: Geometry) -> bool:
    """Whether slices run from base to apex: by patient directions, else by the smaller end."""
    if geometry.trusted and geometry.n_slices > 1:
        step = geometry.affines[-1, :3, 3] - geometry.affines[0, :3, 3]
        along = float(step @ _TO_APEX) / max(float(np.linalg.norm(step)), 1e-9)
        if abs(along) > CLEAR:
            return along > 0
    part = max(1, len(filled) // 3)
    sizes = ventricle.sum(axis=(1, 2))
    return bool(sizes[filled[:part]].mean() >= sizes[filled[-part:]].mean())


def _coverage(muscle: np.ndarray, centre: np.ndarray, spacing: tuple[float, float]) -> float:
    """Part of the circle around a centre in which there is muscle."""
    y, x = np.nonzero(muscle)
    angle = np.arctan2((y - centre[0]) * spacing[0], (x - centre[1]) * spacing[1])
    bins = np.floor((angle + np.pi) / (2 * np.pi) * _BINS).astype(int) % _BINS
    return float(np.unique(bins).size) / _BINS
