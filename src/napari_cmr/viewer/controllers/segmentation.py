"""Keeps the labels of the chosen models up to date with the session's scan and lines."""

from collections.abc import Callable, Iterable
from typing import Any, Literal
from weakref import ref

import numpy as np
from napari.utils.notifications import show_info
from psygnal import Signal

from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.segmentation_jobs import (
    Failed,
    LabelledFrames,
    LabelledSlice,
    LabelledStack,
    Located,
    Place,
    Wanted,
    measure_again,
    segment_all,
)
from napari_cmr.viewer.core.jobs import LatestJob, report
from napari_cmr.viewer.core.session import ModelResult, Session
from napari_cmr.zoo.choice import ModelChoice, Precision


class LiveSegmentation:
    """One viewer's models: which ones, whether they follow the lines, and how they fare.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    tiling : Tiling
    frame_rate : callable
        Frames per second that are played, 0 while nothing plays.
    labels_written : callable
        Has labels measured that napari is silent about.
    hold_rest, go_on : callable
        Let other work on what is not on screen wait for the labels that are, and go on.

    Attributes
    ----------
    models : tuple of str
        The chosen models; the labels of the first are those that are measured in the session.
    follows : bool
        Whether every change of the acquisition runs the models again.
    device : str
        ``auto``, ``cpu``, ``cuda``, ``mps``.
    precision : {"auto", "float32"}
        Of the convolutions; ``auto`` is the fastest that the device has.
    latest : dict of str to LabelledSlice
        The last slice that arrived from each model.
    shown : dict of str to Acquisition
        Lines that the newest labels of each model are from.
    errors : dict of str to str
        Why the last run of a model failed; what it gave before is still there.
    tiling : Tiling
        Whether several models are shown side by side.
    """

    changed = Signal()

    def __init__(
        self,
        viewer: Any,
        session: Session,
        *,
        tiling: Any,
        frame_rate: Callable[[], float],
        labels_written: Callable[[], None],
        hold_rest: Callable[[], None],
        go_on: Callable[[], None],
    ) -> None:
        from napari_cmr.workflow.segment.cine import DEFAULT_MODEL

        self._viewer = ref(viewer)
        self.session = session
        self.models: tuple[str, ...] = (DEFAULT_MODEL,)
        self.follows = False
        self.device = "auto"
        self.precision: Precision = "auto"
        self.latest: dict[str, LabelledSlice] = {}
        self.shown: dict[str, Acquisition] = {}
        self.errors: dict[str, str] = {}
        self.tiling = tiling
        self._frame_rate, self._labels_written = frame_rate, labels_written
        self._hold_rest, self._go_on = hold_rest, go_on
        self._fresh: dict[str, np.ndarray] = {}  # (T, Z): labels of the lines in `shown`
        self._stacks: dict[str, LabelledStack] = {}
        self._location: Any = None  # of the last run on this scan
        self._place = Place(0, 0)  # read by the thread that computes
        self._preview_s = 0.0
        self.job = LatestJob("Segmenting", self._on_result)
        self.job.running_changed.connect(self._on_running)
        self._measuring = LatestJob("Measuring", self.session.set_model_result)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self._on_acquisition)
        session.scan_changed.connect(self._on_scan)
        session.reading_changed.connect(self._on_reading)

    # -- what a person chooses --------------------------------------------------------------------

    @property
    def model(self) -> str | None:
        """The model whose labels are measured, the first of those that are chosen."""
        return self.models[0] if self.models else None

    @property
    def choices(self) -> tuple[ModelChoice, ...]:
        """The chosen models with the device and precision that they run in."""
        return tuple(self.choice(model) for model in self.models)

    def choice(self, model: str) -> ModelChoice:
        """A model with the device and precision that are chosen now."""
        return ModelChoice(name=model, device=self.device, precision=self.precision)

    def set_models(self, models: Iterable[str]) -> None:
        """Use these models from now on, several of them side by side."""
        chosen = tuple(dict.fromkeys(models))
        if chosen == self.models:
            return
        before, self.models = self.models, chosen
        for model in before:
            if model not in chosen:
                self.session.drop_model_result(model)
        for model in chosen:  # what it gave before is still there
            if model in self._stacks and model not in self.session.models:
                self.session.set_model_result(self._stacks[model].result)
        self.tiling.set_models(chosen)
        self._measure_first()
        if self.follows and chosen:
            self._run(asked=False)
        else:
            self.job.cancel()
        self.changed.emit()

    def set_follows(self, follows: bool) -> None:
        """Run the models at every change of the lines, or only when asked."""
        if follows != self.follows:
            self.follows = follows
            self.changed.emit()
            if follows:
                self._run(asked=False)

    def set_device(self, device: str) -> None:
        """Run on another device from now on."""
        if device != self.device:
            self.device = device
            self.changed.emit()
            if self.follows:
                self._run(asked=False)

    def set_precision(self, precision: Precision) -> None:
        """Compute in another precision from now on."""
        if precision != self.precision:
            self.precision = precision
            self.changed.emit()
            if self.follows:
                self._run(asked=False)

    def run(self) -> None:
        """Segment the scan from the lines that are chosen now.

        Each model's labels arrive whole, as one step of their layer's undo history.
        """
        self._run(asked=True)

    def cancel(self) -> None:
        """Stop; the last labels stay."""
        self.job.cancel()

    def _run(self, *, asked: bool) -> None:
        viewer, scan, measured = self._viewer(), self.session.scan, self.session.measured
        if viewer is None or scan is None or measured is None or not self.models:
            return
        self.errors = {}
        self._look()
        wanted = Wanted(
            scan=scan,
            measured=measured,
            models=self.choices,
            reading=self.session.reading,
            in_steps=not asked,
            preview_s=self._preview_s,
        )
        known = None if asked else self._location
        total = scan.n_slices * len(self.models)
        self.job.has_bar = asked
        if known is not None:
            self._hold_rest()  # what is on screen is labelled first
        self.job.request(segment_all, wanted, lambda: self._place, known, total=total)

    def is_on_screen(self, model: str) -> bool:
        """Whether the labels of the frame and slice on screen are of the lines chosen now."""
        fresh, shown = self._fresh.get(model), self.shown.get(model)
        if fresh is None or shown != self.session.acquisition:
            return False
        return bool(fresh[self._place.frame, self._place.z])

    def stack_of(self, model: str) -> LabelledStack | None:
        """What a model gave last for the whole of this scan, as it gave it."""
        return self._stacks.get(model)

    def show_again(
        self,
        scan: Scan,
        labels: np.ndarray,
        result: ModelResult,
        reading: Reading,
        *,
        threads: int | None,
        precision: Literal["float32"] | None,
    ) -> Any:
        """Show labels that a model gave at another time; returns their layer."""
        viewer = self._viewer()
        if viewer is None:
            return None
        stack = LabelledStack(
            scan,
            labels,
            result,
            reading,
            warnings=(),
            in_steps=False,
            threads=threads,
            precision=precision,
        )
        self._on_stack(viewer, scan, stack)
        self.changed.emit()
        return layers.find_prediction(viewer, stack.scan, stack.result.model)

    # -- something changed ------------------------------------------------------------------------

    def _on_step(self, event: Any) -> None:
        self._look()

    def _look(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            self._place = Place(
                layers.frame_on_screen(viewer, scan),
                layers.slice_on_screen(viewer, scan),
                self._frame_rate(),
            )

    def _on_running(self, running: bool) -> None:
        if not running:
            self._go_on()
        self.changed.emit()

    def _on_scan(self, scan: Scan | None) -> None:
        self.job.cancel()
        self._measuring.cancel()
        self.latest, self.shown, self.errors, self._stacks, self._fresh = {}, {}, {}, {}, {}
        self._location = None
        if scan is None or scan.kind != "cine":
            self.follows = False
        self.changed.emit()
        if self.follows:
            self._run(asked=False)

    def _on_acquisition(self, _acquisition: Acquisition) -> None:
        if self.follows:
            self._run(asked=False)

    def _on_reading(self, reading: Reading) -> None:
        """Measure what the models gave anew; the labels are the same."""
        stacks = {name: self._stacks[name] for name in self.session.models if name in self._stacks}
        if stacks and self.session.scan is not None:
            self._measuring.request(measure_again, self.session.scan, stacks, reading)

    def _on_result(self, result: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or result.scan is not scan:
            return
        self._go_on()
        if isinstance(result, Failed):
            self.errors[result.model] = report(result.error, f"Segmenting with {result.model}")
        elif isinstance(result, Located):
            self._location = result.location
        elif isinstance(result, LabelledFrames):
            layers.show_frames(
                viewer, scan, (result.frames, result.z), result.labels, name=result.model
            )
            self._note(result.model, result.acquisition, (list(result.frames), result.z))
            self._preview_s = result.seconds
        elif isinstance(result, LabelledSlice):
            self._on_slice(viewer, scan, result)
        else:
            self._on_stack(viewer, scan, result)
        self.changed.emit()

    def _on_slice(self, viewer: Any, scan: Scan, result: LabelledSlice) -> None:
        self.latest[result.model] = result
        if not result.in_steps:
            return
        layer = layers.show_prediction(
            viewer,
            scan,
            result.z,
            result.labels,
            name=result.model,
            warnings=result.warnings,
        )
        self._note(result.model, result.acquisition, (slice(None), result.z))
        self._measure(layer, result.model)

    def _note(self, model: str, acquisition: Acquisition, where: tuple[Any, Any]) -> None:
        """Remember that labels at these frames and slices are of these lines."""
        scan = self.session.scan
        if scan is not None and (model not in self._fresh or self.shown.get(model) != acquisition):
            self._fresh[model] = np.zeros(scan.shape[:2], dtype=bool)
        self.shown[model] = acquisition
        self._fresh[model][where] = True

    def _on_stack(self, viewer: Any, scan: Scan, result: LabelledStack) -> None:
        model = result.result.model
        self._stacks[model] = result
        layer = layers.prediction_layer(viewer, scan, model)
        if not result.in_steps:
            replaced = layers.edited_slices(layer)
            written = layers.write_labels(layer, result.labels, from_model=True)
            if replaced > written.kept:
                show_info(
                    f"{model} replaced labels that you had drawn: undo (Ctrl-Z) brings them back. "
                    "Slices that are accepted are kept."
                )
        self._note(model, result.result.acquisition, (slice(None), slice(None)))
        layers.note_run(layer, result.result.acquisition, result.warnings)
        self._measure(layer, model)
        self.session.set_model_result(result.result)
        if result.reading != self.session.reading:
            self._on_reading(self.session.reading)

    def _measure(self, layer: Any, model: str) -> None:
        """Let the session measure the labels of the first model."""
        if model == self.model:
            self.session.set_labels_layer(layer)
            self._labels_written()

    def _measure_first(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or self.model is None:
            return
        layer = layers.find_prediction(viewer, scan, self.model)
        if layer is not None and self.model in self.latest:
            self.session.set_labels_layer(layer)
