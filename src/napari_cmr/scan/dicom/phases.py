"""Cardiac phases of a stack: which image is which phase of which slice, and what is missing.

Slices of a cine are measured in different breath holds, so their heart cycles differ in length and
sometimes in the number of phases. Phases are therefore compared as fractions of the cycle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.time_order import SEVERAL_BEATS, OrderedSlice, ordered_in_time
from napari_cmr.scan.notices import Code, Notice


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

    ``fractions`` (T,) are the common phases, as parts of ``span_ms``, the median time that the
    images of a slice span; that is one heart cycle of ``cycle_ms`` unless ``n_beats`` says
    otherwise, and the cycle is None where it is not known. ``timed`` says whether trigger times
    were known, ``is_dynamic`` that the images are one a beat and no cine, ``unclear`` which images
    cannot be told apart, and ``notes`` what a user should know.
    """

    slices: tuple[SlicePhases, ...]
    fractions: np.ndarray
    span_ms: float | None
    cycle_ms: float | None
    n_beats: float
    timed: bool
    is_dynamic: bool
    unclear: str | None
    notes: tuple[Notice, ...]

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
    ordered = [ordered_in_time(list(planes)) for planes in slices]
    counts = Counter(one.n_full for one in ordered)
    n_frames = max(counts, key=lambda count: (counts[count], count))
    reference = [one for one in ordered if len(one.planes) == n_frames and one.n_full == n_frames]
    timed = any(one.times is not None for one in ordered) and n_frames > 1
    fractions = _common_fractions(reference, ordered, n_frames)
    placed = tuple(_place(one, fractions) for one in ordered)
    lengths = [length for one in ordered if (length := one.length_ms()) is not None]
    notes = _notes(ordered, placed, n_frames, timed)
    span = float(np.median(lengths)) if lengths else None
    is_dynamic = n_frames > 2 and any(one.is_dynamic for one in ordered)
    cycle, n_beats = span, 1.0
    if timed and span is not None:
        cycle, n_beats = _beats(ordered, span, notes)
    if is_dynamic:
        notes.append(
            Notice(
                Code.DYNAMIC_SERIES,
                "all images of a slice are of one time of the heart cycle: this is no cine but a "
                "dynamic series, of one image a beat or slower",
            )
        )
    unclear = _unclear(ordered)
    if unclear is not None:
        notes.append(Notice(Code.IMAGES_UNCLEAR, unclear))
    return Phases(placed, fractions, span, cycle, n_beats, timed, is_dynamic, unclear, tuple(notes))


def _beats(
    ordered: list[OrderedSlice], span: float, notes: list[Notice]
) -> tuple[float | None, float]:
    """Heart cycle in ms and number of beats, with a note where they are several."""
    beats = [one.n_beats for one in ordered]
    known = [number for number in beats if number is not None]
    if not known:
        notes.append(
            Notice(
                Code.SEVERAL_BEATS,
                f"the images span {span:.0f} ms, longer than a heart beat: they may show several, "
                "and the heart rate is not known",
            )
        )
        return None, span / 1000.0
    n_beats = float(np.median(known))
    if n_beats < SEVERAL_BEATS:
        return span, 1.0
    cycles = [one.cycle_ms for one in ordered if one.cycle_ms is not None]
    cycle = float(np.median(cycles))
    notes.append(
        Notice(
            Code.SEVERAL_BEATS,
            f"the images span {n_beats:.1f} heart beats of {cycle:.0f} ms, as the header says: "
            "they are not one cycle",
        )
    )
    return cycle, n_beats


def _unclear(ordered: list[OrderedSlice]) -> str | None:
    """What to say of images that cannot be told apart, or None."""
    found = [z for z, one in enumerate(ordered, start=1) if one.unclear]
    if not found:
        return None
    one = ordered[found[0] - 1]
    timed = one.times is not None
    what = "time" if timed else "number"
    missing = (
        "position, echo time, image type, acquisition time and the rest of the header are equal or "
        "missing"
        if timed
        else "trigger time, temporal position, instance number and acquisition time are equal or "
        "missing"
    )
    return (
        f"slice {found[0]} holds {one.unclear + len(one.planes)} images of one place, of which "
        f"{one.unclear} share their {what} with another and cannot be told from it: {missing}"
    )


def _common_fractions(
    reference: list[OrderedSlice], ordered: list[OrderedSlice], n_frames: int
) -> np.ndarray:
    timed = [one.fractions() for one in reference if one.times is not None]
    if timed:
        return np.median(timed, axis=0)
    for one in ordered:
        length = one.length_ms()
        if one.n_full == n_frames and one.times is not None and one.step and length:
            return (one.times[0] + one.step * np.arange(n_frames)) / length
    return np.arange(n_frames) / n_frames


def _place(one: OrderedSlice, common: np.ndarray) -> SlicePhases:
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


def _frames_on_common_clock(one: OrderedSlice, common: np.ndarray) -> list[int] | None:
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
    ordered: list[OrderedSlice], placed: tuple[SlicePhases, ...], n_frames: int, timed: bool
) -> list[Notice]:
    notes = []
    if n_frames > 1 and not timed:
        notes.append(
            Notice(
                Code.TIMES_UNKNOWN,
                "no trigger times in the header: phases are in the order of their image numbers",
            )
        )
    for z, (one, phases) in enumerate(zip(ordered, placed, strict=True), start=1):
        if one.repeats:
            notes.append(
                Notice(
                    Code.IMAGES_REPEATED,
                    f"slice {z}: {one.repeats} repeated images, the later ones are kept",
                )
            )
        if one.copies:
            notes.append(
                Notice(
                    Code.IMAGES_REPEATED,
                    f"slice {z}: {one.copies} copies of images, with equal pixels, ignored",
                )
            )
        if phases.resampled:
            notes.append(
                Notice(
                    Code.PHASES_RESAMPLED,
                    f"slice {z} has {len(phases.planes)} phases, not {n_frames}: resampled onto "
                    "the common cycle by periodic interpolation",
                )
            )
        if phases.missing:
            named = ", ".join(str(frame + 1) for frame in phases.missing[:12])
            more = " ..." if len(phases.missing) > 12 else ""
            notes.append(Notice(Code.PHASES_MISSING, f"slice {z}: missing phase {named}{more}"))
    return notes
