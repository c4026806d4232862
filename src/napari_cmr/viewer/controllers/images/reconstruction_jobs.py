"""What the thread does that reconstructs: slice after slice, the one on screen first."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter, sleep
from typing import Any

import numpy as np

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.kspace import Measured
from napari_cmr.scan import Scan, Stopped
from napari_cmr.solvers import Solver
from napari_cmr.viewer.core.jobs import is_unwanted
from napari_cmr.viewer.core.slice_images import ImageSource, SliceImage, slice_of
from napari_cmr.workflow.reconstruct.image_reader import SliceScore, SliceScorer
from napari_cmr.workflow.reconstruct.methods import WITHOUT_NETWORK
from napari_cmr.workflow.reconstruct.quality import quality_of
from napari_cmr.workflow.reconstruct.solving import reconstruct

SLOW_S = 0.3
"""Until the image of a method that takes longer is there, that of a quick one stands for it."""

PAUSE_S = 0.15
"""Slow work begins so long after what stands for it is there."""

_AT_WORK = Lock()

SECONDS = 100
"""So long a time is told in seconds, and what is longer in minutes."""


@dataclass
class Progress:
    """How far a run is.

    Attributes
    ----------
    all, done : int
        Slices, of all methods, that it is to make, and that it has made.
    share : float
        Of the slice at work, that is done.
    loads : str
        Network that is loaded before the first slice; empty where none is.
    begun : float
        When it began, by ``time.perf_counter``.
    """

    all: int = 0
    done: int = 0
    share: float = 0.0
    loads: str = ""
    begun: float = field(default_factory=perf_counter)

    def tell(self, share: float) -> None:
        """Take down how much of the slice at work is done; from any thread."""
        self.share = share

    def add(self) -> None:
        """Count a slice that was made."""
        self.done, self.share = self.done + 1, 0.0

    @property
    def whole_share(self) -> float:
        """Of all slices, that is done."""
        return (self.done + self.share) / max(1, self.all)

    def __str__(self) -> str:
        """Which slice is being made, and about how long the rest will take."""
        if self.loads and not self.done and not self.share:
            return f"loading {self.loads}"
        text = f"slice {min(self.done + 1, self.all)} of {self.all}"
        share = self.whole_share
        if self.done + self.share < 0.05 or not self.all:
            return text
        left = (perf_counter() - self.begun) * (1 - share) / share
        duration = f"{max(1, round(left))} s" if left < SECONDS else f"{round(left / 60)} min"
        return f"{text}, about {duration} left"


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be reconstructed.

    Attributes
    ----------
    scan : Scan
    measured : Measured
    left : dict of str to (ImageSource, set of int)
        By method what is to be made or read, and of which slices.
    made : callable
        Magnitude (T, Y, X) of a slice that is there already, and judged; from any thread.
    scorer : SliceScorer
    stand_in : str or None
        Quicker method whose image of the slice on screen is shown until that of the one method
        that is wanted is there.
    """

    scan: Scan
    measured: Measured
    left: dict[str, tuple[ImageSource, set[int]]]
    made: Callable[[ImageSource, int], np.ndarray | None]
    scorer: SliceScorer
    stand_in: str | None = None

    @property
    def n_slices(self) -> int:
        """Of all methods."""
        return sum(len(slices) for _, slices in self.left.values())


@dataclass(frozen=True, eq=False)
class MadeSlice:
    """A slice that was reconstructed, of a scan; it may stand for that of a slower method."""

    scan: Scan
    made: SliceImage
    stands_for: str | None = None


@dataclass(frozen=True, eq=False)
class JudgedSlice:
    """How close a slice comes to the full scan; None where nobody knows that."""

    scan: Scan
    source: ImageSource
    z: int
    quality: ImageQuality | None


@dataclass(frozen=True, eq=False)
class ReadSlice:
    """What a segmenter of full images reads in a slice; None where it shows nothing to read.

    ``alone`` says that the image was there already.
    """

    scan: Scan
    source: ImageSource
    z: int
    score: SliceScore | None
    alone: bool


@dataclass(frozen=True, eq=False)
class Failed:
    """Why a method gave nothing."""

    scan: Scan
    method: str
    error: Exception


def reconstruct_all(
    wanted: Wanted, on_screen: Callable[[], int], tell: Callable[[float], None]
) -> Generator[Any, None, None]:
    """Reconstruct a scan with several methods, always the slice nearest to what is on screen.

    A method that fails does not stop the others; work that nobody waits for ends between two
    iterations.

    Parameters
    ----------
    wanted : Wanted
    on_screen : callable
        Says which slice that is.
    tell : callable
        Is told the share of the slice at work that is done.

    Yields
    ------
    MadeSlice, JudgedSlice and, where a segmenter belongs to the scan, ReadSlice; or Failed
    """
    scan = wanted.scan
    waiting = {method: set(slices) for method, (_, slices) in wanted.left.items()}
    while any(waiting.values()):
        place = on_screen()
        z = min(set().union(*waiting.values()), key=lambda z: abs(z - place))
        for method, (source, _) in wanted.left.items():
            if z not in waiting[method]:
                continue
            waiting[method].discard(z)
            tell(0.0)
            image = wanted.made(source, z)
            alone = image is not None
            try:
                if image is None:
                    one = wanted.measured.select((z,))
                    if z == place and wanted.stand_in is not None:
                        yield _stand_in(scan, one, wanted.stand_in, method)
                        _await_newer_lines()
                    with _turn():
                        made = reconstruct(
                            one, method, source.settings, progress=tell, stop=is_unwanted
                        )
                    image = np.abs(made.image[:, 0])
                    yield MadeSlice(scan, slice_of(made, source))
                    yield JudgedSlice(scan, source, z, quality_of(scan, made).get(z))
                if wanted.scorer.belongs:
                    from napari_cmr.zoo.cancellation import stoppable  # which imports torch

                    with stoppable(is_unwanted):
                        score = wanted.scorer.score(z, image)
                    yield ReadSlice(scan, source, z, score, alone)
            except Stopped:
                return
            except Exception as error:  # whatever it is, the user is told of it
                waiting[method].clear()
                yield Failed(scan, method, error)


def stand_in_for(scan: Scan, chosen: Sequence[Solver], seconds: Mapping[str, float]) -> str | None:
    """Quick method whose image is shown until that of a slow one is there, the only one chosen.

    Parameters
    ----------
    scan : Scan
    chosen : sequence of Solver
    seconds : mapping of str to float
        That methods took for their last slice; a network that has made none is loaded first.
    """
    quick = WITHOUT_NETWORK[True]
    if len(chosen) != 1 or chosen[0].name == quick or scan.n_frames == 1:
        return None
    (one,) = chosen
    loads = one.weights is not None and one.name not in seconds
    return quick if loads or seconds.get(one.name, 0.0) > SLOW_S else None


def _await_newer_lines() -> None:
    """Give a slider that is dragged a moment: slow work on lines in passing is in its way."""
    end = perf_counter() + PAUSE_S
    while perf_counter() < end:
        if is_unwanted():
            raise Stopped
        sleep(0.01)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for work that was replaced and has not ended yet: two at once are slower than that."""
    while not _AT_WORK.acquire(timeout=0.02):
        if is_unwanted():
            raise Stopped
    try:
        yield
    finally:
        _AT_WORK.release()


def _stand_in(scan: Scan, one: Measured, quick: str, method: str) -> MadeSlice:
    """The slice by a quick method, for that of another one."""
    made = reconstruct(one, quick, stop=is_unwanted)
    source = ImageSource(quick, made.settings, one.acquisition)
    return MadeSlice(scan, slice_of(made, source), stands_for=method)
