"""From loose images to series parts and stacks of parallel slices."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, radians
from typing import Literal

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.phases import Phases, arrange_phases
from napari_cmr.scan.dicom.views import guess_short_axis, guess_view
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import BASE_TO_APEX, View, sort_of

PARALLEL_DEGREES = 1.0
SAME_PLACE_MM = 0.5
MAX_PARTS = 500
_PARALLEL = cos(radians(PARALLEL_DEGREES))


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
    notes : tuple of str
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
    notes: tuple[str, ...]

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


@dataclass(eq=False)
class _Part:
    """Images of one DICOM series that share orientation, matrix, spacing and component."""

    planes: list[Plane]
    key: str = ""
    slices: list[list[Plane]] = field(default_factory=list)

    @property
    def first(self) -> Plane:
        return self.planes[0]


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
    rest and stress, or before and after contrast, must not be mixed.
    """
    parts = _split(planes)
    _name(parts)
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
        named.append(replace(stack, key=key))
    return series, named


def _same_direction(first: np.ndarray, second: np.ndarray) -> bool:
    return float(first @ second) >= _PARALLEL


def _alike(first: Plane, second: Plane) -> bool:
    return (
        first.rows == second.rows
        and first.columns == second.columns
        and first.component == second.component
        and first.inverted == second.inverted
        and first.placed == second.placed
        and all(abs(a - b) <= 1e-3 * b for a, b in zip(first.spacing, second.spacing, strict=True))
        and _same_direction(first.row_direction, second.row_direction)
        and _same_direction(first.column_direction, second.column_direction)
    )


def _split(planes: Sequence[Plane]) -> list[_Part]:
    by_series: dict[tuple[str, str, int], list[Plane]] = defaultdict(list)
    for plane in planes:
        by_series[plane.study, plane.series, plane.number].append(plane)
    parts: list[_Part] = []
    for members in by_series.values():
        members.sort(key=lambda plane: (plane.instance, str(plane.path)))
        homogeneous: list[_Part] = []
        for plane in members:
            for part in homogeneous:
                if _alike(part.first, plane):
                    part.planes.append(plane)
                    break
            else:
                homogeneous.append(_Part([plane]))
            if len(parts) + len(homogeneous) > MAX_PARTS:
                raise ScanError(
                    f"more than {MAX_PARTS} different orientations or image sizes",
                    source=plane.path,
                    remedy="open the folder of one study",
                )
        parts.extend(homogeneous)
    for part in parts:
        part.slices = _slices(part.planes)
    parts.sort(
        key=lambda part: (
            part.first.number,
            part.first.study,
            part.first.series,
            part.first.instance,
        )
    )
    return parts


def _name(parts: Sequence[_Part]) -> None:
    """Name parts 7, or 7.1 and 7.2 within a series; another series of that number is 7-2."""
    by_number: dict[int, dict[tuple[str, str], list[_Part]]] = defaultdict(dict)
    for part in parts:
        first = part.first
        by_number[first.number].setdefault((first.study, first.series), []).append(part)
    for number, same_number in by_number.items():
        for n, same_series in enumerate(same_number.values(), start=1):
            name = str(number) if n == 1 else f"{number}-{n}"
            for i, part in enumerate(same_series, start=1):
                part.key = name if len(same_series) == 1 else f"{name}.{i}"


def _normal(plane: Plane) -> np.ndarray:
    """Slice normal, turned so that slices counted along it run from base to apex."""
    normal = plane.normal
    return normal if normal @ BASE_TO_APEX >= 0 else -normal


def _slices(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Group images by place along the normal, base to apex."""
    normal = _normal(planes[0]) if planes[0].placed else planes[0].normal
    order = sorted(planes, key=lambda plane: float(plane.position @ normal))
    slices: list[list[Plane]] = []
    for plane in order:
        if slices:
            gap = float((plane.position - slices[-1][0].position) @ normal)
            if gap < SAME_PLACE_MM:
                slices[-1].append(plane)
                continue
        slices.append([plane])
    return slices


def _merged_for_axis(parts: list[_Part]) -> list[_Part]:
    merged = []
    for group in _join(parts):
        planes = [plane for part in group for plane in part.planes]
        one = _Part(planes)
        one.slices = _slices(planes)
        merged.append(one)
    return merged


def _join(parts: Sequence[_Part]) -> list[list[_Part]]:
    groups: list[list[_Part]] = []
    for part in sorted(parts, key=lambda one: -len(one.slices)):
        for group in groups:
            if _belongs(part, group):
                group.append(part)
                break
        else:
            groups.append([part])
    return groups


def _belongs(part: _Part, group: list[_Part]) -> bool:
    first, other = part.first, group[0].first
    if not (first.placed and _alike(first, other) and first.study == other.study):
        return False
    if first.sequence != other.sequence or first.localizer != other.localizer:
        return False
    several, sorts = _has_phases(part), sort_of(first.description)
    if several != _has_phases(group[0]) or sorts != sort_of(other.description):
        return False
    if len(part.slices) == 1:
        return True
    normal = _normal(first)
    taken = [float(s[0].position @ normal) for one in group for s in one.slices]
    places = [float(s[0].position @ normal) for s in part.slices]
    shared = sum(any(abs(a - b) < SAME_PLACE_MM for b in taken) for a in places)
    return shared <= 1


def _has_phases(part: _Part) -> bool:
    return len(part.planes) > 1.5 * len(part.slices)


def _build(parts: Sequence[_Part], key: str, axis: np.ndarray | None) -> DicomStack:
    parts = sorted(parts, key=lambda one: one.first.number)
    planes = [plane for part in parts for plane in part.planes]
    notes: list[str] = []
    slices = []
    for z, members in enumerate(_slices(planes), start=1):
        kept = members
        sources = {(plane.series, plane.number) for plane in members}
        if len(sources) > 1:
            latest = max(members, key=lambda plane: (plane.acquired, plane.number))
            kept = [p for p in members if (p.series, p.number) == (latest.series, latest.number)]
            notes.append(
                f"slice {z} was measured in {len(sources)} series: the later one "
                f"({latest.number}) is kept"
            )
        slices.append(kept)
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
        kind = "cine"
    return DicomStack(
        key=key,
        numbers=tuple(dict.fromkeys(part.first.number for part in parts)),
        members=tuple(part.key for part in parts),
        description=first.description,
        view=view,
        kind=kind,
        component=first.component,
        phases=phases,
        geometry=geometry,
        notes=(*notes, *spatial),
    )


def _geometry(slices: Sequence[Sequence[Plane]]) -> tuple[Geometry, list[str]]:
    """Spacing from the slice positions, and an affine for every slice in RAS+."""
    notes: list[str] = []
    first = slices[0][0]
    dy, dx = first.spacing
    normal = _normal(first)
    origins = np.array([one[0].position for one in slices])
    if len(slices) > 1:
        gaps = np.diff(origins @ normal)
        dz = float(np.median(gaps))
        if np.ptp(gaps) > max(0.1, 0.05 * dz):
            listed = ", ".join(f"{gap:.1f}" for gap in gaps)
            notes.append(
                f"slices are not evenly spaced (distances {listed} mm; {dz:.1f} mm is used): "
                "a slice may be missing"
            )
        step = (origins[-1] - origins[0]) / (len(slices) - 1)
        across = origins - origins[0] - np.outer((origins - origins[0]) @ normal, normal)
        shift = float(np.linalg.norm(across, axis=1).max())
        if shift > max(dy, dx):
            notes.append(f"slices are shifted in plane against each other, by up to {shift:.1f} mm")
    else:
        dz, how = _single_slice_spacing(first)
        step = dz * normal
        notes.append(f"one slice only: its dz of {dz:.1f} mm is {how}")
    if not first.placed:
        notes.append("the header does not say where the slices lie in the patient")
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
