"""From loose images to series parts and stacks of parallel slices."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import acos, degrees
from typing import Literal

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.parts import (
    PARALLEL_DEGREES,
    SAME_PLACE_MM,
    Part,
    alike,
    normal_of,
    slices_of,
    split,
)
from napari_cmr.scan.dicom.phases import Phases, arrange_phases
from napari_cmr.scan.dicom.views import guess_short_axis, guess_view
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import View, sort_of
from napari_cmr.scan.notices import Code, Notice

JOIN_DEGREES = 5.0
"""Slices that were planned again belong to a stack if they are tilted no further than this."""

NEAR_STEPS = 3.0
"""So many slice distances beyond the ends of a stack a slice that is left out is worth a word."""


@dataclass(frozen=True, eq=False)
class DicomStack:
    """Parallel slices, base to apex, each with its images in the order of the heart cycle.

    Attributes
    ----------
    key : str
        What to pass as ``series=`` to open it.
    numbers, members : tuple
        Series numbers and keys of the series it is made of.
    view : View
    kind : {"cine", "lge", "other"}
    phases : Phases
    geometry : Geometry
    notes : tuple of Notice
        On the assembly in space; those in time are in ``phases.notes``.
    """

    key: str
    numbers: tuple[int, ...]
    members: tuple[str, ...]
    description: str
    view: View
    kind: Literal["cine", "lge", "other"]
    component: str
    phases: Phases
    geometry: Geometry
    notes: tuple[Notice, ...]

    @property
    def first(self) -> Plane:
        """Any image of the stack, for what all of them share."""
        return next(p for one in self.phases.slices for p in one.planes if p is not None)

    @property
    def n_slices(self) -> int:
        """Number of slices Z."""
        return len(self.phases.slices)

    @property
    def n_cells(self) -> int:
        """Number of images that are there."""
        return int(self.phases.present().sum())


def assemble(planes: Sequence[Plane]) -> tuple[list[DicomStack], list[DicomStack]]:
    """Sort images into series (split where they mix orientations) and assembled stacks.

    Returns
    -------
    series : list of DicomStack
        One per homogeneous part of a series, by series number.
    stacks : list of DicomStack
        Every set of two or more parallel slices, from one series or from several of the same
        study, sequence, matrix and orientation. Largest first.

    Notes
    -----
    A series with one slice joins the others of its orientation; where it repeats a slice, the
    later acquisition is kept. Series of several slices that cover the same places stay apart, as
    rest and stress, or before and after contrast, must not be mixed. Short-axis slices that were
    measured in another way than the stack are left out of it, and its notes name them.
    """
    parts = split(planes)
    axis = guess_short_axis([(part.planes, len(part.slices)) for part in _merged_for_axis(parts)])
    series = [_build([part], part.key, axis) for part in parts]
    groups = [group for group in _join(parts) if sum(len(part.slices) for part in group) > 1]
    stacks = [_build(group, "", axis) for group in groups]
    stacks = [stack for stack in stacks if stack.n_slices > 1]
    stacks.sort(key=lambda stack: (-stack.n_cells, stack.numbers))
    seen: dict[str, int] = defaultdict(int)
    named = []
    for stack in stacks:
        label: str = stack.view if stack.view != "other" else "stack"
        if stack.kind == "lge":
            label += "-LGE"
        seen[label] += 1
        key = label if seen[label] == 1 else f"{label}-{seen[label]}"
        left_out = _left_out(stack, parts, series)
        named.append(replace(stack, key=key, notes=(*stack.notes, *left_out)))
    return series, named


def _merged_for_axis(parts: list[Part]) -> list[Part]:
    merged = []
    for group in _join(parts):
        planes = [plane for part in group for plane in part.planes]
        one = Part(planes)
        one.slices = slices_of(planes)
        merged.append(one)
    return merged


def _join(parts: Sequence[Part]) -> list[list[Part]]:
    groups: list[list[Part]] = []
    for part in sorted(parts, key=lambda one: -len(one.slices)):
        for group in groups:
            if _belongs(part, group):
                group.append(part)
                break
        else:
            groups.append([part])
    return groups


def _belongs(part: Part, group: list[Part]) -> bool:
    first, other = part.first, group[0].first
    if not (first.placed and alike(first, other, JOIN_DEGREES)):
        return False
    if (first.patient, first.study) != (other.patient, other.study):
        return False
    if part.flavour != group[0].flavour or part.is_aside != group[0].is_aside:
        return False
    if first.sequence != other.sequence or first.localizer != other.localizer:
        return False
    several, sorts = _has_phases(part), sort_of(first.description)
    if several != _has_phases(group[0]) or sorts != sort_of(other.description):
        return False
    if len(part.slices) == 1:
        return True
    normal = normal_of(first)
    taken = [float(s[0].position @ normal) for one in group for s in one.slices]
    places = [float(s[0].position @ normal) for s in part.slices]
    shared = sum(any(abs(a - b) < SAME_PLACE_MM for b in taken) for a in places)
    return shared <= 1


def _has_phases(part: Part) -> bool:
    return len(part.planes) > 1.5 * len(part.slices)


def _build(parts: Sequence[Part], key: str, axis: np.ndarray | None) -> DicomStack:
    parts = sorted(parts, key=lambda one: one.first.number)
    planes = [plane for part in parts for plane in part.planes]
    notes: list[Notice] = []
    slices = []
    for z, members in enumerate(slices_of(planes), start=1):
        kept = members
        sources = {(plane.series, plane.number) for plane in members}
        if len(sources) > 1:
            latest = max(members, key=lambda plane: (plane.acquired, plane.number))
            kept = [p for p in members if (p.series, p.number) == (latest.series, latest.number)]
            notes.append(
                Notice(
                    Code.SERIES_JOINED,
                    f"slice {z} was measured in {len(sources)} series: the later one "
                    f"({latest.number}) is kept",
                )
            )
        slices.append(kept)
    tilted = [z for z, one in enumerate(slices, start=1) if _tilt(one[0], slices[0][0]) > 0]
    if tilted:
        largest = max(_tilt(one[0], slices[0][0]) for one in slices)
        named = ", ".join(map(str, tilted))
        notes.append(
            Notice(
                Code.SLICES_TILTED,
                f"slice {named}: tilted against the first, by up to {largest:.1f} degrees",
            )
        )
    phases = arrange_phases(slices)
    geometry, spatial = _geometry(slices)
    first = parts[0].first
    n_frames = phases.n_frames
    view = guess_view(planes, n_frames=n_frames, n_slices=len(slices), axis=axis)
    kind: Literal["cine", "lge", "other"] = "other"
    sort = sort_of(first.description)
    if n_frames == 1 and not first.localizer:
        delayed = first.inversion_ms is not None and first.inversion_ms > 100
        kind = "lge" if sort == "lge" or (delayed and sort == "") else "other"
    elif n_frames > 1 and sort in ("", "lge") and first.component == "magnitude":
        kind = "other" if parts[0].is_aside or phases.is_dynamic else "cine"
    return DicomStack(
        key=key,
        numbers=tuple(dict.fromkeys(part.first.number for part in parts)),
        members=tuple(part.key for part in parts),
        description=" ".join(filter(None, (first.description, parts[0].flavour))),
        view=view,
        kind=kind,
        component=first.component,
        phases=phases,
        geometry=geometry,
        notes=(*dict.fromkeys(note for part in parts for note in part.notes), *notes, *spatial),
    )


def _geometry(slices: Sequence[Sequence[Plane]]) -> tuple[Geometry, list[Notice]]:
    """Spacing from the slice positions, and an affine for every slice in RAS+."""
    notes: list[Notice] = []
    first = slices[0][0]
    dy, dx = first.spacing
    normal = normal_of(first)
    origins = np.array([one[0].position for one in slices])
    if len(slices) > 1:
        gaps = np.diff(origins @ normal)
        dz = float(np.median(gaps))
        if np.ptp(gaps) > max(0.1, 0.05 * dz):
            listed = ", ".join(f"{gap:.1f}" for gap in gaps)
            notes.append(
                Notice(
                    Code.UNEVEN_SLICES,
                    f"slices are not evenly spaced (distances {listed} mm; {dz:.1f} mm is used): "
                    "a slice may be missing",
                )
            )
        step = (origins[-1] - origins[0]) / (len(slices) - 1)
        across = origins - origins[0] - np.outer((origins - origins[0]) @ normal, normal)
        shift = float(np.linalg.norm(across, axis=1).max())
        if shift > max(dy, dx):
            notes.append(
                Notice(
                    Code.SLICES_SHIFTED,
                    f"slices are shifted in plane against each other, by up to {shift:.1f} mm",
                )
            )
    else:
        dz, how = _single_slice_spacing(first)
        step = dz * normal
        notes.append(
            Notice(Code.SPACING_ASSUMED, f"one slice only: its dz of {dz:.1f} mm is {how}")
        )
    if not first.placed:
        notes.append(
            Notice(
                Code.ORIENTATION_UNKNOWN,
                "the header does not say where the slices lie in the patient",
            )
        )
    affines = np.zeros((len(slices), 4, 4))
    affines[:, 3, 3] = 1.0
    for z, one in enumerate(slices):
        affines[z, :3, 0] = one[0].row_direction * dx
        affines[z, :3, 1] = one[0].column_direction * dy
        affines[z, :3, 2] = step
        affines[z, :3, 3] = one[0].position
    affines[:, :2] *= -1.0  # LPS+ to RAS+
    return Geometry((dz, dy, dx), affines, trusted=first.placed), notes


def _single_slice_spacing(plane: Plane) -> tuple[float, str]:
    if plane.slice_spacing is not None:
        return plane.slice_spacing, "the header's spacing between slices"
    if plane.thickness is not None:
        return plane.thickness, "the slice thickness"
    return 1.0, "assumed, as the header gives no thickness: volumes mean nothing"


def _tilt(first: Plane, second: Plane) -> float:
    """Angle between two slices in degrees, 0 where they count as parallel."""
    angle = degrees(acos(min(1.0, abs(float(first.normal @ second.normal)))))
    return angle if angle > PARALLEL_DEGREES else 0.0


def _left_out(
    stack: DicomStack, parts: Sequence[Part], series: Sequence[DicomStack]
) -> tuple[Notice, ...]:
    """Notes on short-axis cine slices beside the stack that are not part of it."""
    if stack.view != "SAX" or stack.kind != "cine":
        return ()
    normal = normal_of(stack.first)
    places = [
        float(next(p for p in one.planes if p is not None).position @ normal)
        for one in stack.phases.slices
    ]
    dz = stack.geometry.spacing[0]
    notes = []
    for part, one in zip(parts, series, strict=True):
        first = part.first
        if part.key in stack.members or one.view != "SAX" or one.kind != "cine":
            continue
        is_of_study = (first.patient, first.study) == (stack.first.patient, stack.first.study)
        if not (is_of_study and first.placed):
            continue
        away = [
            min(abs(float(s[0].position @ normal) - place) for place in places) for s in part.slices
        ]
        missing = sum(dz / 2 < distance <= NEAR_STEPS * dz for distance in away)
        if missing:
            what = "a short-axis slice" if missing == 1 else f"{missing} short-axis slices"
            notes.append(
                Notice(
                    Code.SLICES_LEFT_OUT,
                    f"series {part.key} holds {what} that this stack lacks, and is left out: "
                    f"{_difference(first, stack.first)}",
                )
            )
    return tuple(notes)


def _difference(plane: Plane, other: Plane) -> str:
    """Why an image cannot join those of another stack, in a user's words."""
    if (plane.rows, plane.columns) != (other.rows, other.columns):
        return f"its matrix is {plane.rows} x {plane.columns}, not {other.rows} x {other.columns}"
    if not np.allclose(plane.spacing, other.spacing, rtol=1e-3):
        return (
            f"its pixels are {plane.spacing[0]:.3g} x {plane.spacing[1]:.3g} mm, "
            f"not {other.spacing[0]:.3g} x {other.spacing[1]:.3g}"
        )
    tilt = degrees(acos(min(1.0, abs(float(plane.normal @ other.normal)))))
    if tilt > JOIN_DEGREES:
        return f"it is tilted by {tilt:.0f} degrees"
    if not alike(plane, other, JOIN_DEGREES):
        return "it is turned in plane, or its rows run the other way"
    return "it was measured with another sequence or number of phases, or is a stack of its own"
