"""The images of one slice in the order of time; repeats, copies, and what cannot be told apart."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.pixels import have_equal_pixels

REPEAT_S = 2.0
"""Images of one place and time that were measured so far apart are repeats of each other."""

BEAT_S = 0.4
"""Images this far apart, all at one time of the cycle, are one a heart beat (or slower)."""

SEVERAL_BEATS = 1.5
"""Images that span so many stated heart cycles are of several beats."""

LONGEST_BEAT_MS = 2000.0
"""What spans more, without a stated cycle, is taken for several beats."""


@dataclass(eq=False)
class OrderedSlice:
    """One slice's images in time order, before the slices are compared.

    ``times`` are in ms and strictly rising, None where they are not known. ``repeats`` images were
    measured again later and ``copies`` have the pixels of another; ``unclear`` ones share their
    place and time with another image for no reason that the header tells.
    """

    planes: list[Plane]
    times: np.ndarray | None  # ms, strictly rising
    cycle_ms: float | None
    repeats: int
    copies: int = 0
    unclear: int = 0
    is_dynamic: bool = False

    @property
    def step(self) -> float | None:
        """Median time from image to image in ms."""
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

    @property
    def n_beats(self) -> float | None:
        """Heart cycles that the images span; None if that is not known."""
        length = self.length_ms()
        if self.times is None or length is None:
            return 1.0
        if self.cycle_ms is not None:
            beats = length / self.cycle_ms
            return beats if beats >= SEVERAL_BEATS else 1.0
        return 1.0 if length <= LONGEST_BEAT_MS else None

    def fractions(self) -> np.ndarray:
        """Time of each image as a part of what they span."""
        length = self.length_ms()
        if self.times is None or length is None:
            return np.arange(len(self.planes)) / len(self.planes)
        return self.times / length


def ordered_in_time(planes: list[Plane]) -> OrderedSlice:
    """Put the images of one place in order, each time once."""
    cycles = [plane.cycle_ms for plane in planes if plane.cycle_ms is not None]
    cycle = float(np.median(cycles)) if cycles else None
    dynamic = _is_dynamic(planes, cycle)
    if dynamic:
        planes.sort(key=lambda plane: (plane.acquired_s or 0.0, plane.instance))
        return OrderedSlice(planes, None, cycle, 0, is_dynamic=True)
    planes, chunks = _last_repetition(planes)
    triggers = [plane.trigger_ms for plane in planes]
    known = all(trigger is not None for trigger in triggers) and len(set(triggers)) > 1
    planes.sort(key=lambda plane: _time_key(plane, timed=known))
    kept: list[Plane] = []
    tolerance = _same_time_ms(planes) if known else 0.0
    repeats, copies, unclear = chunks, 0, 0
    for plane in planes:
        if not (kept and _same_phase(kept[-1], plane, tolerance, timed=known)):
            kept.append(plane)
        elif _measured_apart(kept[-1], plane):
            kept[-1] = max(kept[-1], plane, key=_age)
            repeats += 1
        elif have_equal_pixels(kept[-1], plane):
            copies += 1
        else:
            unclear += 1
    promised = planes[0].n_phases
    if not known and promised and len(kept) in (2 * promised, 3 * promised):
        unclear += len(kept) - promised  # two kinds of image, or two cycles, in one row of numbers
        kept = kept[:promised]
    times = np.array([plane.trigger_ms for plane in kept], dtype=float) if known else None
    return OrderedSlice(kept, times, cycle, repeats, copies, unclear)


def _is_dynamic(planes: list[Plane], cycle_ms: float | None) -> bool:
    """Whether images of one place were measured a beat apart, all at about one time of the cycle.

    Perfusion and its like: one trigger delay for a slice, and an image a beat.
    """
    moments = [plane.acquired_s for plane in planes if plane.acquired_s is not None]
    triggers = [plane.trigger_ms for plane in planes if plane.trigger_ms is not None]
    if len(planes) < 3:
        return False
    if not moments and len(triggers) == len(planes):
        return len(set(triggers)) == 1 and triggers[0] > 0  # a delay, which a cine has none of
    if len(moments) < len(planes):
        return False
    if triggers and max(triggers) - min(triggers) > 0.25 * (cycle_ms or 1000.0):
        return False
    return float(np.median(np.diff(np.sort(moments)))) >= BEAT_S


def _measured_apart(first: Plane, second: Plane) -> bool:
    """Whether the header shows that two images are of two measurements."""
    if first.acquired_s is not None and second.acquired_s is not None:
        return abs(first.acquired_s - second.acquired_s) >= REPEAT_S
    return False


def _time_key(plane: Plane, *, timed: bool) -> tuple[float, float, int]:
    trigger = plane.trigger_ms if timed and plane.trigger_ms is not None else 0.0
    return trigger, plane.temporal_index or 0, plane.instance


def _age(plane: Plane) -> tuple[str, int, int]:
    return plane.acquired, plane.number, plane.instance


def _last_repetition(planes: list[Plane]) -> tuple[list[Plane], int]:
    """Keep the last of several whole cycles measured at one place, as told by the header.

    They need to differ in when they were measured, or in the times of their phases, as two breath
    holds do: two kinds of image of one measurement do not.
    """
    promised = planes[0].n_phases
    if not promised or promised < 8 or len(planes) not in (2 * promised, 3 * promised):
        return planes, 0
    counted = sorted(planes, key=lambda plane: plane.instance)
    last, others = counted[-promised:], counted[:-promised]
    clocks = [{p.trigger_ms for p in group if p.trigger_ms} for group in (last, others)]
    another_clock = len(clocks[0]) > 1 and not clocks[0] & clocks[1]
    if not (another_clock or _measured_apart(others[-1], last[0])):
        return planes, 0
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
