"""Cardiac phases of a stack: which image is which phase of which slice, and what is missing.

Slices of a cine are measured in different breath holds, so their heart cycles differ in length and
sometimes in the number of phases. Phases are therefore compared as fractions of the cycle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_cmr.scan.dicom.header import Plane


@dataclass(frozen=True, eq=False)
class SlicePhases:
    """The images of one slice in the order of the heart cycle.

    Attributes
    ----------
    planes : tuple of Plane or None
        One per phase that the slice was measured in; None where the image is missing.
    fractions : ndarray, shape (len(planes),)
        Time of each phase as a fraction of the heart cycle.
    resampled : bool
        True if the slice has its own phases, which are not those of the stack.
    """

    planes: tuple[Plane | None, ...]
    fractions: np.ndarray
    resampled: bool

    @property
    def missing(self) -> tuple[int, ...]:
        """Phases without an image, 0-based."""
        return tuple(i for i, plane in enumerate(self.planes) if plane is None)


@dataclass(frozen=True, eq=False)
class Phases:
    """Phases of a whole stack.

    ``fractions`` (T,) are the common phases; ``cycle_ms`` the median heart cycle of the slices;
    ``timed`` whether trigger times were known; ``notes`` what a person should know.
    """

    slices: tuple[SlicePhases, ...]
    fractions: np.ndarray
    cycle_ms: float | None
    timed: bool
    notes: tuple[str, ...]

    @property
    def n_frames(self) -> int:
        """Number of common phases T."""
        return len(self.fractions)

    def present(self) -> np.ndarray:
        """Completeness, bool (Z, T): whether a phase of a slice was measured.

        A slice with its own number of phases is mapped to the nearest common phase.
        """
        grid = np.ones((len(self.slices), self.n_frames), dtype=bool)
        for z, one in enumerate(self.slices):
            for phase in one.missing:
                frame = phase
                if one.resampled:
                    frame = int(phase * self.n_frames / len(one.planes))
                grid[z, frame] = False
        return grid


@dataclass(eq=False)
class _Ordered:
    """One slice's images in time order, before the slices are compared."""

    planes: list[Plane]
    times: np.ndarray | None  # ms, strictly rising
    cycle_ms: float | None
    repeats: int

    @property
    def step(self) -> float | None:
        if self.times is None or len(self.times) < 2:
            return None
        return float(np.median(np.diff(self.times)))

    @property
    def slots(self) -> np.ndarray:
        """Position of each image on the slice's own even clock, gaps counted; first is 0."""
        count = len(self.planes)
        if self.times is None or self.step is None or self.step <= 0:
            return np.arange(count)
        slots = np.round((self.times - self.times[0]) / self.step).astype(int)
        # An uneven clock (view sharing, arrhythmia) may round two images into one slot.
        even = len(np.unique(slots)) == count and slots[-1] < 2 * count
        return slots if even else np.arange(count)

    @property
    def n_full(self) -> int:
        """Number of phases that the slice would have if none were missing."""
        own = int(self.slots[-1]) + 1
        promised = self.planes[0].n_phases
        if promised is None or not own < promised <= 1.5 * own:
            return own
        if self.step is None or self.cycle_ms is None:
            return promised if self.times is None else own
        return promised if round(self.cycle_ms / self.step) == promised else own

    def length_ms(self) -> float | None:
        """Length of the cycle: as the header says, or the last image's time and one step."""
        step = self.step
        if self.times is None or step is None:
            return self.cycle_ms
        shortest = float(self.times[-1]) + 0.25 * step
        if self.cycle_ms is not None and self.cycle_ms >= shortest:
            return self.cycle_ms
        return float(self.times[-1]) + step - min(float(self.times[0]), step)

    def fractions(self) -> np.ndarray:
        length = self.length_ms()
        if self.times is None or length is None:
            return np.arange(len(self.planes)) / len(self.planes)
        return self.times / length


def arrange_phases(slices: Sequence[Sequence[Plane]]) -> Phases:
    """Order each slice in time, find the common phases, and what is missing or repeated.

    Parameters
    ----------
    slices : sequence of sequences of Plane
        The images of each slice, base to apex, in any order within a slice.

    Notes
    -----
    The common number of phases is the most frequent one. A slice with fewer images whose times
    match the common phases has *missing* images; one with an even clock of its own has *another
    number* of phases. Where there are no trigger times, the order is that of the temporal position
    or instance number, and gaps in those numbers are taken for missing images.
    """
    ordered = [_order(list(planes)) for planes in slices]
    counts = Counter(one.n_full for one in ordered)
    n_frames = max(counts, key=lambda count: (counts[count], count))
    reference = [one for one in ordered if len(one.planes) == n_frames and one.n_full == n_frames]
    timed = any(one.times is not None for one in ordered) and n_frames > 1
    fractions = _common_fractions(reference, ordered, n_frames)
    placed = tuple(_place(one, fractions) for one in ordered)
    lengths = [length for one in ordered if (length := one.length_ms()) is not None]
    notes = _notes(ordered, placed, n_frames, timed)
    cycle = float(np.median(lengths)) if lengths else None
    return Phases(placed, fractions, cycle, timed, tuple(notes))


def _order(planes: list[Plane]) -> _Ordered:
    cycles = [plane.cycle_ms for plane in planes if plane.cycle_ms is not None]
    cycle = float(np.median(cycles)) if cycles else None
    planes, chunks = _last_repetition(planes)
    triggers = [plane.trigger_ms for plane in planes]
    known = all(trigger is not None for trigger in triggers) and len(set(triggers)) > 1
    planes.sort(key=lambda plane: _time_key(plane, timed=known))
    kept: list[Plane] = []
    tolerance = _same_time_ms(planes) if known else 0.0
    for plane in planes:
        if kept and _same_phase(kept[-1], plane, tolerance, timed=known):
            kept[-1] = max(kept[-1], plane, key=_age)
        else:
            kept.append(plane)
    times = np.array([plane.trigger_ms for plane in kept], dtype=float) if known else None
    return _Ordered(kept, times, cycle, chunks + len(planes) - len(kept))


def _time_key(plane: Plane, *, timed: bool) -> tuple[float, float, int]:
    trigger = plane.trigger_ms if timed and plane.trigger_ms is not None else 0.0
    return trigger, plane.temporal_index or 0, plane.instance


def _age(plane: Plane) -> tuple[str, int, int]:
    return plane.acquired, plane.number, plane.instance


def _last_repetition(planes: list[Plane]) -> tuple[list[Plane], int]:
    """Keep the last of several whole cycles measured at one place, as told by the header."""
    promised = planes[0].n_phases
    if not promised or promised < 8 or len(planes) not in (2 * promised, 3 * promised):
        return planes, 0
    last = sorted(planes, key=lambda plane: plane.instance)[-promised:]
    # Each repetition covers the whole cycle; otherwise the header's number means something else.
    spans = [
        max(times) - min(times)
        for group in (planes, last)
        if (times := [plane.trigger_ms for plane in group if plane.trigger_ms is not None])
    ]
    if len(spans) == 2 and spans[1] < 0.8 * spans[0]:
        return planes, 0
    return last, len(planes) - promised


def _same_time_ms(planes: list[Plane]) -> float:
    times = np.array([plane.trigger_ms for plane in planes], dtype=float)
    steps = np.diff(times)
    steps = steps[steps > 0.5]
    return 0.2 * float(np.median(steps)) if len(steps) else 0.5


def _same_phase(first: Plane, second: Plane, tolerance_ms: float, *, timed: bool) -> bool:
    if timed and first.trigger_ms is not None and second.trigger_ms is not None:
        return abs(second.trigger_ms - first.trigger_ms) <= tolerance_ms
    if first.temporal_index is not None and second.temporal_index is not None:
        if first.temporal_index != second.temporal_index:
            return False
        # Some writers put the same temporal index everywhere: only a repeat if the instance says so
        return first.instance == second.instance
    return first.instance == second.instance


def _common_fractions(
    reference: list[_Ordered], ordered: list[_Ordered], n_frames: int
) -> np.ndarray:
    timed = [one.fractions() for one in reference if one.times is not None]
    if timed:
        return np.median(timed, axis=0)
    for one in ordered:
        length = one.length_ms()
        if one.n_full == n_frames and one.times is not None and one.step and length:
            return (one.times[0] + one.step * np.arange(n_frames)) / length
    return np.arange(n_frames) / n_frames


def _place(one: _Ordered, common: np.ndarray) -> SlicePhases:
    n_frames, count = len(common), len(one.planes)
    if count == n_frames == one.n_full:
        return SlicePhases(tuple(one.planes), common, resampled=False)
    if count == n_frames and n_frames == 1:
        return SlicePhases(tuple(one.planes), common, resampled=False)
    frames = _frames_on_common_clock(one, common)
    if frames is not None:
        planes: list[Plane | None] = [None] * n_frames
        for frame, plane in zip(frames, one.planes, strict=True):
            planes[frame] = plane
        return SlicePhases(tuple(planes), common, resampled=False)
    if count < 0.5 * n_frames:
        # Too few to be a cycle of its own: most of the slice is missing.
        sparse: list[Plane | None] = [None] * n_frames
        nearest = np.abs(one.fractions()[:, None] - common[None, :]).argmin(axis=1)
        for frame, plane in zip(nearest, one.planes, strict=True):
            sparse[frame] = plane
        return SlicePhases(tuple(sparse), common, resampled=False)
    own: list[Plane | None] = [None] * int(one.slots[-1] + 1)
    for slot, plane in zip(one.slots, one.planes, strict=True):
        own[slot] = plane
    if one.times is None or one.step is None:
        fractions = np.arange(len(own)) / len(own)
    else:
        start = one.fractions()
        fractions = start[0] + np.arange(len(own)) * one.step / (one.length_ms() or 1.0)
        fractions[one.slots] = start
    return SlicePhases(tuple(own), fractions, resampled=True)


def _frames_on_common_clock(one: _Ordered, common: np.ndarray) -> list[int] | None:
    """Frame of each image if all of them sit on the common phases, else None."""
    n_frames, count = len(common), len(one.planes)
    if count > n_frames or n_frames < 2:
        return None
    if one.times is not None:
        distance = np.abs(one.fractions()[:, None] - common[None, :])
        frames = distance.argmin(axis=1)
        near = distance.min(axis=1) < 0.35 / n_frames
        return frames.tolist() if near.all() and len(set(frames.tolist())) == count else None
    if count == n_frames:
        return list(range(n_frames))
    for numbers in (
        [plane.temporal_index for plane in one.planes],
        [plane.instance for plane in one.planes],
    ):
        known = [number for number in numbers if number is not None]
        slots = [number - min(known) for number in known]
        rising = len(set(slots)) == count and len(known) == count
        if rising and one.n_full == n_frames and max(slots) < n_frames:
            return slots
        if rising and count <= max(slots) < n_frames:
            return slots
    return None


def _notes(
    ordered: list[_Ordered], placed: tuple[SlicePhases, ...], n_frames: int, timed: bool
) -> list[str]:
    notes = []
    if n_frames > 1 and not timed:
        notes.append(
            "no trigger times in the header: phases are in the order of their image numbers"
        )
    for z, (one, phases) in enumerate(zip(ordered, placed, strict=True), start=1):
        if one.repeats:
            notes.append(f"slice {z}: {one.repeats} repeated images, the later ones are kept")
        if phases.resampled:
            notes.append(
                f"slice {z} has {len(phases.planes)} phases, not {n_frames}: resampled onto the "
                "common cycle by periodic interpolation"
            )
        if phases.missing:
            named = ", ".join(str(frame + 1) for frame in phases.missing[:12])
            more = " ..." if len(phases.missing) > 12 else ""
            notes.append(f"slice {z}: missing phase {named}{more}")
    return notes
