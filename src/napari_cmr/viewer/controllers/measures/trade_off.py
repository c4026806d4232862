"""Sweeps the line count of a viewer's scan in the background, and maps which line matters."""

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any
from weakref import ref

from psygnal import Signal

from napari_cmr.scan import Scan, Stopped
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob, is_unwanted
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.reconstruct.methods import methods_for
from napari_cmr.workflow.segment.chain import Chain, Way
from napari_cmr.workflow.trials.line_map import DEFAULT_BUDGET, LineMap, map_lines
from napari_cmr.workflow.trials.trade_off import DEFAULT_LINES, DEFAULT_SEEDS, n_steps, sweep
from napari_cmr.workflow.trials.trade_off_result import Against, TradeOff, Trial
from napari_cmr.zoo import ModelChoice

SHARED_FIELDS = ("pattern", "centre_lines", "phase", "noise", "coils")
"""What a sweep takes over from the session's acquisition; it has lines and seeds of its own."""


class Sweeping:
    """One viewer's sweep over line counts, and its map of single lines.

    Attributes
    ----------
    models : tuple of str
        The first of them draws the map.
    methods : tuple of str
        Methods that reconstruct first: each model also segments the images of each.
    offered : tuple of str
        Methods that are for the scan that is open.
    lines : tuple of int or None
        Lines per frame; None is every line.
    n_seeds : int
    against : {"labels", "full"} or None
        What is compared with; the reference labels if there are any where None.
    result : TradeOff or None
        The trials so far, or those of the last run.
    line_map : LineMap or None
        The lines tried so far, or those of the last run.
    budget : int
        Lines that are tried for a map.
    one_frame : bool
        Whether lines are changed in the frame on screen only, rather than in all frames.
    steps, all_steps : int
        Steps of the sweep that are done, and that there are.
    """

    changed = Signal()

    def __init__(
        self,
        viewer: Any,
        session: Session,
        models: tuple[str, ...],
        choice: Callable[[str], ModelChoice],
    ) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.models = models
        self.methods: tuple[str, ...] = ()
        self._offer()
        self._choice = choice
        self.lines: tuple[int | None, ...] = DEFAULT_LINES
        self.n_seeds = DEFAULT_SEEDS
        self.against: Against | None = None
        self.result: TradeOff | None = None
        self.line_map: LineMap | None = None
        self.budget = DEFAULT_BUDGET
        self.one_frame = False
        self._reading = session.reading
        self._settings: dict[str, dict[str, Any]] = {}
        self._against: Against | None = None
        self.steps, self.all_steps = 0, 0
        self.sweeping = LatestJob("Sweeping over line counts", self._on_trial)
        self.mapping = LatestJob("Mapping lines", self._on_line)
        for job in (self.sweeping, self.mapping):
            job.running_changed.connect(self._on_running)
        session.acquisition_changed.connect(self._on_acquisition)
        session.reading_changed.connect(self._on_acquisition)
        session.reconstructions.settings_changed.connect(self._on_acquisition)
        session.scan_changed.connect(self._on_scan)

    @property
    def is_old(self) -> bool:
        """Whether the sweep is of something else than is chosen now.

        Of another acquisition, reading, model, method or its settings, or compared with something
        else. A model or method that is chosen besides makes none of the curves old.
        """
        scan = self.session.scan
        if self.result is None or scan is None:
            return False
        now, then = self.session.acquisition, self.result.acquisition
        settings = self.session.reconstructions.settings
        return (
            self._reading != self.session.reading
            or not {way.name for way in self.ways}.issuperset(self.result.models)
            or (self._against != self.against and scan.labels is not None)
            or any(getattr(now, name) != getattr(then, name) for name in SHARED_FIELDS)
            or any(settings.get(name, {}) != was for name, was in self._settings.items())
        )

    @property
    def is_map_old(self) -> bool:
        """Whether the map is of other lines, or of another model, than are chosen now."""
        line_map = self.line_map
        return line_map is not None and (
            line_map.acquisition != self.session.acquisition
            or line_map.model not in self.models[:1]
        )

    @property
    def ways(self) -> tuple[Way, ...]:
        """Every model on the lines themselves, then on the image of every method."""
        direct = tuple(map(self._choice, self.models))
        settings = self.session.reconstructions.settings
        chains = [
            Chain(one, model, settings.get(one, {})) for one in self.methods for model in direct
        ]
        return (*direct, *chains)

    def run(self) -> None:
        """Begin a sweep."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self.models:
            return
        self.sweeping.cancel()
        self.result = None
        self._reading = self.session.reading
        settings = self.session.reconstructions.settings
        self._settings = {name: dict(settings.get(name, {})) for name in self.methods}
        self._against = self.against
        self.steps = 0
        self.all_steps = n_steps(scan, self.lines, self.n_seeds, len(self.ways))
        options = {
            "models": self.ways,
            "lines": self.lines,
            "n_seeds": self.n_seeds,
            "acquisition": self.session.acquisition,
            "against": self.against,
            "reading": self.session.reading,
        }
        self.sweeping.request(_sweep, scan, options, total=self.all_steps)
        self.changed.emit()

    def run_map(self) -> None:
        """Begin a map of the lines that are chosen now."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self.models:
            return
        self.mapping.cancel()
        self.line_map = None
        options = {
            "model": self._choice(self.models[0]),
            "budget": self.budget,
            "frame": layers.frame_on_screen(viewer, scan) if self.one_frame else None,
        }
        self.mapping.request(_map, scan, self.session.acquisition, options)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop both; what is there stays."""
        self.sweeping.cancel()
        self.mapping.cancel()

    def load(self, trial: Trial) -> None:
        """Choose the lines of a trial in the session."""
        self.session.set_acquisition(n_lines=trial.n_lines, seed=trial.seed)

    def _on_trial(self, result: TradeOff | None) -> None:
        self.steps += 1
        if result is not None:
            self.result = result
        self.changed.emit()

    def _on_line(self, result: LineMap | None) -> None:
        if result is not None:
            self.line_map = result
            self.changed.emit()

    def _on_running(self, _running: bool) -> None:
        self.changed.emit()

    def _on_acquisition(self, _changed: Any) -> None:
        # Lines and seed may change under a sweep: a click on one of its points does just that.
        if self.is_old:
            self.sweeping.cancel()
        if self.is_map_old or self.line_map is None:
            self.mapping.cancel()
        self.changed.emit()

    def _offer(self) -> None:
        """Offer the methods that are for the scan that is open, and choose no others."""
        scan = self.session.scan
        self.offered = () if scan is None else tuple(methods_for(cine=scan.n_frames > 1))
        self.methods = tuple(name for name in self.methods if name in self.offered)

    def _on_scan(self, _scan: Scan | None) -> None:
        self.cancel()
        self._offer()
        self.result = self.line_map = None
        self.changed.emit()


def _sweep(scan: Scan, options: dict[str, Any]) -> Generator[TradeOff | None, None, None]:
    from napari_cmr.zoo.cancellation import stoppable

    with stoppable(is_unwanted), suppress(Stopped):
        yield from sweep(scan, **options)


def _map(
    scan: Scan, acquisition: Any, options: dict[str, Any]
) -> Generator[LineMap | None, None, None]:
    yield from map_lines(scan, acquisition, **options)
