"""What the thread does that segments: slice after slice, the one on screen first.

Imports no network library until it runs.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_cmr.analysis import Reading
from napari_cmr.analysis.pieces import Mended, mend_stack
from napari_cmr.kspace import Acquisition, Measured
from napari_cmr.scan import Notice, Scan, Ventricle, joined
from napari_cmr.viewer.core.jobs import CHECKPOINT, is_unwanted
from napari_cmr.viewer.core.processors import leave_a_core, threads_for
from napari_cmr.viewer.core.reconstructions import Reconstructions, image_for
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.core.slice_images import SliceImage
from napari_cmr.workflow.segment.chain import Chain, Way, segment_by
from napari_cmr.workflow.segment.doubts import NOTHING_SEGMENTED
from napari_cmr.workflow.segment.slice_confidence import confidence_doubts
from napari_cmr.zoo.cavity_bounds import CavityBounds
from napari_cmr.zoo.choice import ModelChoice

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

AHEAD_S = 0.25
"""While the heart plays, so much of its way from the frame on screen on is labelled first."""


class Place(NamedTuple):
    """What is on screen: frame, slice, and frames per second, 0 while nothing plays."""

    frame: int
    z: int
    rate: float = 0.0


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be segmented, and how.

    Attributes
    ----------
    images : Reconstructions
        What methods have made already.
    in_steps : bool
        Whether labels are to be shown slice by slice, as they come, or whole.
    mends : bool
        Whether labels of the whole stack are mended along it.
    preview_s : float
        How long the labels of the frame on screen took the last time.
    """

    scan: Scan
    measured: Measured
    models: tuple[Way, ...]
    images: Reconstructions
    reading: Reading
    in_steps: bool
    mends: bool = True
    preview_s: float = 0.0

    @property
    def acquisition(self) -> Acquisition:
        """Lines that were measured."""
        return self.measured.acquisition


@dataclass(frozen=True, eq=False)
class LabelledFrames:
    """Labels ``(F, Y, X)`` of the frame on screen, or those that play next, ahead of all others."""

    scan: Scan
    model: str
    z: int
    frames: tuple[int, ...]
    labels: np.ndarray
    acquisition: Acquisition
    seconds: float
    warnings: tuple[Notice, ...]


@dataclass(frozen=True, eq=False)
class LabelledSlice:
    """Labels ``(T, Y, X)`` of one slice, and how long the network took for it."""

    scan: Scan
    z: int
    labels: np.ndarray
    acquisition: Acquisition
    model: str
    device: str
    seconds: float
    warnings: tuple[Notice, ...]
    in_steps: bool
    weights: dict[str, str]
    method_settings: dict[str, Any] | None
    image: SliceImage | None = None


@dataclass(frozen=True, eq=False)
class LabelledStack:
    """Labels of one model for a whole scan, and what was measured in them."""

    scan: Scan
    result: ModelResult
    in_steps: bool


@dataclass(frozen=True, eq=False)
class Failed:
    """Why a model gave nothing."""

    scan: Scan
    model: str
    error: Exception


@dataclass(frozen=True, eq=False)
class Located:
    """Where the heart is, for the next run to begin with."""

    scan: Scan
    location: "HeartLocation"


Results = Generator[Any, None, None]


def segment_all(
    wanted: Wanted, on_screen: Callable[[], Place], known: "HeartLocation | None"
) -> Results:
    """Segment a scan with several models, always the slice nearest to what is on screen.

    The heart is located on the lines of the whole stack, as the command line does it, so that both
    give the same labels. Where it was before (``known``), it is looked for first: the frame on
    screen is labelled at once, then its slice, and both again when the place is certain. A model
    that fails does not stop the others; work that nobody waits for ends between two layers.

    Yields
    ------
    LabelledFrames, Located, LabelledSlice, LabelledStack, Failed, or CHECKPOINT
    """
    from napari_cmr.zoo.cancellation import Stopped

    leave_a_core(wanted.in_steps)
    try:
        yield from _segment_all(wanted, on_screen, known)
    except Stopped:
        return


def _segment_all(
    wanted: Wanted, on_screen: Callable[[], Place], known: "HeartLocation | None"
) -> Results:
    from napari_cmr.workflow.segment.late_enhancement import is_lge_model

    scan, models = wanted.scan, list(wanted.models)
    plain = [one for one in models if isinstance(one, ModelChoice)]
    for still in [one for one in plain if is_lge_model(one.name)]:
        yield from _still(wanted, models, still)
        models = [one for one in models if one is not still]
    if not models:
        return
    early: dict[Way, _Run] = {}
    z = on_screen().z
    if known is not None:
        place = on_screen()
        z = place.z
        for one in [one for one in models if isinstance(one, ModelChoice)]:
            # An image takes all frames, so that a chain has no preview.
            yield _try(wanted, models, one, partial(_preview, wanted, one, place, known))
        early = {model: _Run(wanted, known) for model in models}
        for model in list(models):
            yield _try(wanted, models, model, partial(early[model].segment, model, z))
    location = yield from _locate(wanted)
    yield Located(scan, location)
    left = set(range(scan.n_slices))
    runs = {model: _Run(wanted, location) for model in models}
    if location == known:
        runs = {model: early[model] for model in models}
        left.discard(z)
    while left and models:
        z = min(left, key=lambda z: abs(z - on_screen().z))
        left.remove(z)
        for model in list(models):
            yield _try(wanted, models, model, partial(runs[model].segment, model, z))
    for model in models:
        yield runs[model].whole(model)


def _try(wanted: Wanted, models: list[Way], model: Way, make: Callable[[], Any]) -> Any:
    """Result of a model, or why there is none; a model that fails runs no more."""
    from napari_cmr.zoo.cancellation import Stopped, stoppable

    try:
        with stoppable(is_unwanted):
            return make()
    except Stopped:
        raise
    except Exception as error:  # whatever it is, the user is told of it
        models.remove(model)
        return Failed(wanted.scan, model.name, error)


def _still(wanted: Wanted, models: list[Way], model: ModelChoice) -> Results:
    """Segment late enhancement, which is done to the stack as a whole."""
    run = _Run(wanted, None)
    found = _try(wanted, models, model, partial(run.segment_still, model))
    if isinstance(found, Failed):
        yield found
        return
    yield from found
    yield run.whole(model)


def _preview(
    wanted: Wanted, model: ModelChoice, place: Place, location: "HeartLocation"
) -> LabelledFrames:
    from napari_cmr.workflow.segment.cine import segment_frames

    start = perf_counter()
    frames = frames_ahead(place, wanted.scan.n_frames, wanted.preview_s)
    found = segment_frames(wanted.measured, model, z=place.z, frames=frames, location=location)
    seconds = perf_counter() - start
    return LabelledFrames(
        wanted.scan,
        model.name,
        place.z,
        frames,
        found.labels,
        wanted.acquisition,
        seconds,
        joined(found.warnings),
    )


def frames_ahead(place: Place, n_frames: int, seconds: float) -> tuple[int, ...]:
    """Frames to label first: the one on screen; while it plays those that come after ``seconds``.

    The labels are there then, and the rest of the slice :data:`AHEAD_S` later.
    """
    first = place.frame + int(place.rate * seconds)
    count = min(n_frames, max(1, ceil(place.rate * AHEAD_S)))
    return tuple(frame % n_frames for frame in range(first, first + count))


def _locate(wanted: Wanted) -> "Generator[Any, None, HeartLocation]":
    """Find the heart as :func:`napari_cmr.workflow.segment.cine.locate_heart` does, in steps."""
    from napari_cmr.workflow.segment.cine import locate_heart
    from napari_cmr.zoo.cancellation import stoppable

    for _ in wanted.measured:
        yield CHECKPOINT  # a slice was acquired
    with stoppable(is_unwanted):
        location = locate_heart(wanted.measured, device=wanted.models[0].device)
    return location


class _Run:
    """What one model has given so far."""

    def __init__(self, wanted: Wanted, location: "HeartLocation | None") -> None:
        self.wanted, self.location = wanted, location
        self.labels = np.zeros(wanted.scan.shape, dtype=np.uint8)
        self.bounds: dict[Ventricle, CavityBounds] = {}
        self.confidence: np.ndarray | None = None
        self.mendable = True
        self.seconds = 0.0
        self.device = ""
        self.warnings: tuple[Notice, ...] = ()
        self.weights: dict[str, str] = {}

    def segment(self, model: Way, z: int) -> LabelledSlice:

        wanted = self.wanted
        measured = wanted.measured.select((z,))
        image, more = None, {}
        if isinstance(model, Chain):
            image, seen = image_for(
                wanted.images, wanted.scan, measured, model.method, model.settings
            )
            more["image"] = seen[:, None]
        found = segment_by(measured, model, location=self.location, **more)
        self.labels[:, z] = found.labels[:, 0]
        for name, bounds in found.bounds.items():
            if name not in self.bounds:
                empty = np.zeros((*self.labels.shape[:2], 2), dtype=np.int64)
                self.bounds[name] = replace(bounds, pixels=empty)
            self.bounds[name].pixels[:, z] = bounds.pixels[:, 0]
        if found.confidence is not None:
            if self.confidence is None:
                self.confidence = np.zeros((*self.labels.shape[:2], 3), np.float32)
            self.confidence[:, z] = found.confidence[:, 0]
        self.seconds += found.seconds["segment"]
        self.device, self.weights = found.device, found.weights
        self.warnings = joined(self.warnings, found.warnings)
        made = self._slice(model, z, found.device, found.seconds["segment"])
        return replace(made, image=image)

    def _slice(self, model: Way, z: int, device: str, seconds: float) -> LabelledSlice:
        wanted = self.wanted
        return LabelledSlice(
            wanted.scan,
            z,
            self.labels[:, z],
            wanted.acquisition,
            model.name,
            device,
            seconds,
            self.warnings,
            wanted.in_steps,
            self.weights,
            _settings_of(model),
        )

    def segment_still(self, model: ModelChoice) -> list[LabelledSlice]:
        from napari_cmr.workflow.segment.late_enhancement import measured_still, segment_lge

        wanted = self.wanted
        found = segment_lge(measured_still(wanted.scan, wanted.measured), model)
        self.labels, self.warnings, self.device = found.labels, found.warnings, found.device
        self.confidence, self.mendable = found.confidence, False  # it is tidied already
        self.seconds, self.weights = found.seconds["segment"], found.weights
        each = self.seconds / wanted.scan.n_slices
        return [self._slice(model, z, found.device, each) for z in range(wanted.scan.n_slices)]

    def whole(self, model: Way) -> LabelledStack:
        wanted, mended = self.wanted, Mended(self.labels, (), ())
        if wanted.mends and self.mendable:
            mended = mend_stack(self.labels)
            self.warnings = joined(self.warnings, mended.notices)
        labels = mended.labels
        if not labels.any():
            self.warnings = joined(self.warnings, (NOTHING_SEGMENTED,))
        result = ModelResult(
            model.name,
            wanted.acquisition,
            None,
            device=self.device,
            seconds=self.seconds,
            labels=labels,
            bounds=self.bounds,
            confidence=self.confidence,
            mended=mended.places,
            warnings=self.warnings,
            threads=threads_for(wanted.in_steps),
            precision=None if model.precision == "auto" else model.precision,
            weights=self.weights,
            method_settings=_settings_of(model),
        )
        measured = _measured(wanted.scan, result, wanted.reading)
        if measured.function is not None:
            doubts = confidence_doubts(measured.confidence, measured.function)
            measured = replace(measured, warnings=joined(measured.warnings, doubts))
        return LabelledStack(wanted.scan, measured, wanted.in_steps)


def _settings_of(model: Way) -> dict[str, Any] | None:
    return dict(model.settings) if isinstance(model, Chain) else None


def measure_again(
    scan: Scan, results: list[ModelResult], reading: Reading
) -> Generator[ModelResult, None, None]:
    """Measure labels that were segmented before with other choices of the user."""
    for result in results:
        yield _measured(scan, result, reading)


def _measured(scan: Scan, result: ModelResult, reading: Reading) -> ModelResult:
    from napari_cmr.workflow.measure.function import measure_scan
    from napari_cmr.workflow.segment.intervals import ef_intervals

    labels = result.labels
    if labels is None or not labels.any():
        return replace(result, function=None, ef_intervals={}, reading=reading)
    function = measure_scan(scan, labels=labels, reading=reading)
    # Labels that were brought back have no bounds: intervals stay with the numbers they are of.
    kept = result.source.intervals_of(function)
    intervals = ef_intervals(result.bounds, function, reading) if result.bounds else kept
    return replace(result, function=function, ef_intervals=intervals, reading=reading)
