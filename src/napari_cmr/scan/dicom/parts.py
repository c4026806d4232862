"""Parts of series: images of one series, one kind and one orientation, slice by slice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import cos, radians

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.traits import TRAITS, is_preferred
from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.heart_views import BASE_TO_APEX
from napari_cmr.scan.notices import Code, Notice

PARALLEL_DEGREES = 1.0
SAME_PLACE_MM = 0.5
MAX_PARTS = 500
_MAX_KINDS = 8
_LONE_FILES = 4
"""From so many files on, each with a UID of its own, the UIDs are an anonymiser's."""


@dataclass(eq=False)
class Part:
    """Images of one DICOM series that share orientation, matrix, spacing and kind.

    ``flavour`` is what tells it from other kinds of image in its series, empty where there are
    none; ``is_aside`` is True for kinds that are no cine, such as a second echo.
    """

    planes: list[Plane]
    key: str = ""
    slices: list[list[Plane]] = field(default_factory=list)
    flavour: str = ""
    is_aside: bool = False
    notes: tuple[Notice, ...] = ()

    @property
    def first(self) -> Plane:
        """Any image of the part, for what all of them share."""
        return self.planes[0]


def split(planes: Sequence[Plane]) -> list[Part]:
    """Sort images into homogeneous parts of series, by series number, and name them."""
    planes, notes = _with_common_uids(planes)
    by_series: dict[tuple[str, str, str, int], list[Plane]] = defaultdict(list)
    for plane in planes:
        by_series[plane.patient, plane.study, plane.series, plane.number].append(plane)
    parts: list[Part] = []
    for one_series in by_series.values():
        members, placing = _with_locations(one_series)
        members.sort(key=lambda plane: (plane.instance, str(plane.path)))
        homogeneous: list[Part] = []
        for plane in members:
            for part in homogeneous:
                if alike(part.first, plane):
                    part.planes.append(plane)
                    break
            else:
                homogeneous.append(Part([plane], notes=(*notes, *placing)))
            if len(parts) + len(homogeneous) > MAX_PARTS:
                raise ScanError(
                    f"more than {MAX_PARTS} different orientations or image sizes",
                    source=plane.path,
                    remedy="open the folder of one study",
                )
        parts.extend(kind for part in homogeneous for kind in _kinds(part))
    for part in parts:
        part.slices = slices_of(part.planes)
    parts.sort(
        key=lambda part: (
            part.first.number,
            part.first.study,
            part.first.series,
            part.is_aside,
            part.first.instance,
        )
    )
    _name(parts)
    return parts


def alike(first: Plane, second: Plane, degrees: float = PARALLEL_DEGREES) -> bool:
    """Whether two images have one matrix, pixel size, kind and, within so much, orientation."""
    return (
        first.rows == second.rows
        and first.columns == second.columns
        and first.component == second.component
        and first.inverted == second.inverted
        and first.placed == second.placed
        and all(abs(a - b) <= 1e-3 * b for a, b in zip(first.spacing, second.spacing, strict=True))
        and _same_direction(first.row_direction, second.row_direction, degrees)
        and _same_direction(first.column_direction, second.column_direction, degrees)
    )


def _same_direction(first: np.ndarray, second: np.ndarray, degrees: float) -> bool:
    return float(first @ second) >= cos(radians(degrees))


def normal_of(plane: Plane) -> np.ndarray:
    """Slice normal, turned so that slices counted along it run from base to apex.

    Where the header does not say how the slice lies, the normal is as good as any.
    """
    normal = plane.normal
    return normal if not plane.placed or normal @ BASE_TO_APEX >= 0 else -normal


def slices_of(planes: Sequence[Plane]) -> list[list[Plane]]:
    """Group images by place along the normal, base to apex."""
    normal = normal_of(planes[0])
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


def _with_common_uids(planes: Sequence[Plane]) -> tuple[list[Plane], tuple[Notice, ...]]:
    """Images whose UIDs an anonymiser made up file by file, with common ones instead."""
    planes = list(planes)
    notes: list[Notice] = []
    n_files = len({plane.path for plane in planes})
    if len({plane.patient for plane in planes} - {""}) in (0, 1, n_files):
        planes = [replace(plane, patient="") for plane in planes]
    studies = {plane.study for plane in planes}
    if len(studies) == n_files >= _LONE_FILES:
        planes = [replace(plane, study="") for plane in planes]
        notes.append(
            Notice(
                Code.SERIES_JOINED,
                "every file has a study UID of its own: all were taken for one study",
            )
        )
    groups: dict[tuple[str, str, int, str], list[Plane]] = defaultdict(list)
    for plane in planes:
        groups[plane.patient, plane.study, plane.number, plane.description].append(plane)
    result: list[Plane] = []
    for (_, _, number, description), members in groups.items():
        lone = len({p.series for p in members}) == len(members) >= _LONE_FILES
        if not (lone and all(plane.n_file_frames == 1 for plane in members)):
            result.extend(members)
            continue
        result.extend(replace(plane, series=f"{number} {description}") for plane in members)
        notes.append(
            Notice(
                Code.SERIES_JOINED,
                "every file has a series UID of its own: files were put together by series number",
            )
        )
    return result, tuple(dict.fromkeys(notes))


def _with_locations(planes: list[Plane]) -> tuple[list[Plane], tuple[Notice, ...]]:
    """Images that all claim one place, moved to where their SliceLocation says."""
    places = {tuple(np.round(plane.position, 2)) for plane in planes}
    locations = [plane.location for plane in planes if plane.location is not None]
    if len(places) > 1 or len(locations) < len(planes) or len(set(locations)) < 2:
        return planes, ()
    moved = [
        replace(plane, position=plane.position + plane.location * plane.normal, placed=False)
        for plane in planes
        if plane.location is not None
    ]
    if not planes[0].placed:
        return moved, ()
    return moved, (
        Notice(
            Code.SERIES_JOINED,
            "all images claim one position: slices were told apart by their SliceLocation",
        ),
    )


def _kinds(part: Part) -> list[Part]:
    """Split images that share places and times by the first trait that tells them apart."""
    crowd = _crowd(part.planes)
    timed = any(p.trigger_ms is not None or p.temporal_index is not None for p in part.planes)
    if crowd == 1 and timed:
        return [part]
    for index, trait in enumerate(TRAITS):
        groups: dict[str, list[Plane]] = defaultdict(list)
        for plane in part.planes:
            groups[plane.traits[index]].append(plane)
        if not 2 <= len(groups) <= _MAX_KINDS:
            continue
        told_apart = max(_crowd(group) for group in groups.values()) < crowd
        if not (told_apart or (not timed and _evenly(groups.values()))):
            continue
        values = sorted(groups, key=lambda value: (not is_preferred(trait, value), value))
        if trait not in ("echo", "image type"):  # nothing to choose by: as they were counted
            values = list(groups)
        named = ", ".join(_shown(trait, value) for value in values)
        note = Notice(
            Code.SERIES_SPLIT,
            f"the series holds images of several kinds ({trait}: {named}), listed apart",
        )
        return [
            kind
            for place, value in enumerate(values)
            for kind in _kinds(
                Part(
                    groups[value],
                    flavour=f"{part.flavour} {trait} {_shown(trait, value)}".strip(),
                    is_aside=part.is_aside or place > 0,
                    notes=tuple(dict.fromkeys((*part.notes, note))),
                )
            )
        ]
    return [part]


def _shown(trait: str, value: str) -> str:
    if trait == "echo":
        number, _, time = value.partition("/")
        return f"{float(time):g} ms" if time else number or "none"
    return value or "none"


def _crowd(planes: Iterable[Plane]) -> int:
    """Largest number of images that one slice has of one time; without times, of one number."""
    cells: Counter[tuple[object, ...]] = Counter()
    for plane in planes:
        place = _place(plane)
        timed = plane.trigger_ms is not None or plane.temporal_index is not None
        when: tuple[object, ...] = (plane.trigger_ms, plane.temporal_index)
        cells[place, *(when if timed else (plane.instance,))] += 1
    return max(cells.values())


def _evenly(groups: Iterable[Sequence[Plane]]) -> bool:
    """Whether all kinds have the same number of images, two or more, at the same places."""
    counts = [Counter(_place(plane) for plane in group) for group in groups]
    return all(one == counts[0] for one in counts) and min(counts[0].values()) > 1


def _place(plane: Plane) -> tuple[float, ...]:
    return tuple(np.round(plane.position).tolist())


def _name(parts: Sequence[Part]) -> None:
    """Name parts 7, or 7.1 and 7.2 within a series; another series of that number is 7-2."""
    by_number: dict[int, dict[tuple[str, str, str], list[Part]]] = defaultdict(dict)
    for part in parts:
        first = part.first
        series = (first.patient, first.study, first.series)
        by_number[first.number].setdefault(series, []).append(part)
    for number, same_number in by_number.items():
        for n, same_series in enumerate(same_number.values(), start=1):
            name = str(number) if n == 1 else f"{number}-{n}"
            for i, part in enumerate(same_series, start=1):
                part.key = name if len(same_series) == 1 else f"{name}.{i}"
