"""Keeps the labels of the chosen models up to date with the session's scan and lines."""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any
from weakref import ref

import numpy as np
from napari.utils.notifications import show_info
from psygnal import Signal

from napari_cmr.analysis import Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels.segmentation_jobs import (
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
from napari_cmr.viewer.core.model_choice import default_model, models_for
from napari_cmr.viewer.core.preferences import preference
from napari_cmr.viewer.core.results import ModelResult, SliceTiming, partial_source, told_of_run
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.segment.chain import Chain, Way, parted_name
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
    follows : bool
        Whether every change of the acquisition runs the models again.
    device : str
        ``auto``, ``cpu``, ``cuda``, ``mps``.
    precision : {"auto", "float32"}
        Of the convolutions; ``auto`` is the fastest that the device has.
    mends : bool
        Whether a run mends its labels along the stack.
    replaces_corrected : bool
        Whether a run also replaces slices that the user has corrected.
    done, all : int
        Slices, of all models, that the run has labelled, and that there are.
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
        self._viewer = ref(viewer)
        self.session = session
        self.follows = False
        self.device: str = preference("models", "device")
        self.precision: Precision = "auto"
        self.mends = True
        self.replaces_corrected = False
        self.errors: dict[str, str] = {}
        self.tiling = tiling
        self._frame_rate, self._labels_written = frame_rate, labels_written
        self._hold_rest, self._go_on = hold_rest, go_on
        self._location: Any = None  # of the last run on this scan
        self._place = Place(0, 0)  # read by the thread that computes
        self._preview_s = 0.0
        self._begun, self.done, self.all = 0.0, 0, 0
        self._kind: str | None = None
        self._chosen_before: dict[str, tuple[str, ...]] = {}
        self.job = LatestJob("Segmenting", self._on_result)
        self.job.running_changed.connect(self._on_running)
        session.choose_models(session.chosen or (default_model(),))
        self._measuring = LatestJob("Measuring", self._on_measured_again)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self._on_acquisition)
        session.scan_changed.connect(self._on_scan)
        session.reading_changed.connect(self._on_reading)
        if session.scan is not None:
            self._choose_for(session.scan)

    # -- what the user chooses --------------------------------------------------------------------

    @property
    def models(self) -> tuple[str, ...]:
        """The chosen models; the labels of the first are those that are measured."""
        return self.session.chosen

    @property
    def model(self) -> str | None:
        """The model whose labels are measured, the first of those that are chosen."""
        return self.models[0] if self.models else None

    @property
    def plain_models(self) -> tuple[str, ...]:
        """The chosen models, whether they see lines or images."""
        return tuple(dict.fromkeys(parted_name(name)[0] for name in self.models))

    def choice(self, model: str) -> ModelChoice:
        """A model with the device and precision that are chosen now."""
        return ModelChoice(name=model, device=self.device, precision=self.precision)

    def way(self, name: str) -> Way:
        """How a chosen model runs: on the lines, or on what a method makes of them."""
        model, method = parted_name(name)
        if method is None:
            return self.choice(model)
        return Chain(
            method, self.choice(model), self.session.reconstructions.settings.get(method, {})
        )

    def set_models(self, models: Iterable[str]) -> None:
        """Use these models from now on, several of them side by side."""
        chosen = tuple(dict.fromkeys(models))
        if chosen == self.models:
            return
        self.session.choose_models(chosen)
        if any(one.reading != self.session.reading for one in self.session.models.values()):
            self._on_reading(self.session.reading)
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
        self._begun, self.done, self.all = perf_counter(), 0, scan.n_slices * len(self.models)
        self._look()
        wanted = Wanted(
            scan=scan,
            measured=measured,
            models=tuple(map(self.way, self.models)),
            images=self.session.reconstructions,
            reading=self.session.reading,
            in_steps=not asked,
            mends=self.mends,
            preview_s=self._preview_s,
        )
        known = None if asked else self._location
        self.job.has_bar = asked
        if known is not None:
            self._hold_rest()  # what is on screen is labelled first
        self.job.request(segment_all, wanted, lambda: self._place, known, total=self.all)

    @property
    def progress(self) -> str:
        """Which slice is being segmented, and about how long the rest will take."""
        text = f"slice {min(self.done + 1, self.all)} of {self.all}"
        if not self.done:
            return text
        left = (perf_counter() - self._begun) / self.done * (self.all - self.done)
        return f"{text}, about {max(1, round(left))} s left"

    def is_on_screen(self, model: str) -> bool:
        """Whether the labels of the frame and slice on screen are of the lines chosen now."""
        run = self.session.run_of(model)
        if run.fresh is None or run.source.acquisition != self.session.acquisition:
            return False
        return bool(run.fresh[self._place.frame, self._place.z])

    def show_again(self, result: ModelResult) -> Any:
        """Show labels that a model gave at another time; returns their layer."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return None
        self._on_stack(viewer, scan, LabelledStack(scan, result, in_steps=False))
        self.changed.emit()
        return layers.find_prediction(viewer, scan, result.model)

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
        self.errors = {}
        self._location = None
        if scan is None or scan.kind != "cine":
            self.follows = False
        if scan is not None:
            self._choose_for(scan)
        self.changed.emit()
        if self.follows:
            self._run(asked=False)

    def _choose_for(self, scan: Scan) -> None:
        """Take models that are for a scan: those chosen, those of its kind before, or the first."""
        offered = [card.name for card in models_for(scan).cards]
        for models in (self.models, self._chosen_before.get(scan.kind, ()), offered[:1]):
            suited = [name for name in models if parted_name(name)[0] in offered]
            if suited:
                break
        if self._kind is not None:
            self._chosen_before[self._kind] = self.models
        self._kind = scan.kind
        self.set_models(suited)

    def _on_acquisition(self, _acquisition: Acquisition) -> None:
        if self.follows:
            self._run(asked=False)

    def _on_reading(self, reading: Reading) -> None:
        """Measure again what the models gave; the labels are the same."""
        runs = [self.session.run_of(model) for model in self.models]
        found = {id(one): one for run in runs for one in (run.result, run.full) if one is not None}
        results = [one for one in found.values() if one.labels is not None]
        if results and self.session.scan is not None:
            self._measuring.request(measure_again, self.session.scan, results, reading)

    def _on_measured_again(self, result: ModelResult) -> None:
        layer = layers.find_prediction(self._viewer(), self.session.scan, result.model)
        if layer is not None and layers.source_of(layer).acquisition == result.acquisition:
            layers.note_source(layer, result.source)
            if layer is self.session.labels_layer:
                self.session.function_source = layers.source_of(layer)
        self.session.measured_again(result)

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
            source = partial_source(result.model, result.acquisition, result.warnings)
            place = (result.frames, result.z)
            layers.show_frames(viewer, scan, place, result.labels, name=result.model, source=source)
            self.session.note_labels(result.model, source, (list(result.frames), result.z))
            self._preview_s = result.seconds
        elif isinstance(result, LabelledSlice):
            self._on_slice(viewer, scan, result)
        else:
            self._on_stack(viewer, scan, result)
        self.changed.emit()

    def _on_slice(self, viewer: Any, scan: Scan, result: LabelledSlice) -> None:
        if result.image is not None:
            self.session.reconstructions.take(result.image, scan.n_slices)
        self.done = min(self.done + 1, self.all)
        timing = SliceTiming(result.acquisition, result.device, result.seconds)
        self.session.note_slice(result.model, timing)
        if not result.in_steps:
            return
        source = partial_source(
            result.model,
            result.acquisition,
            result.warnings,
            result.weights,
            result.method_settings,
        )
        layer = layers.show_prediction(
            viewer, scan, result.z, result.labels, name=result.model, source=source
        )
        self.session.note_labels(result.model, source, (slice(None), result.z))
        self._measure(layer, result.model)

    def _on_stack(self, viewer: Any, scan: Scan, stack: LabelledStack) -> None:
        result = stack.result
        layer = layers.prediction_layer(viewer, scan, result.model)
        if result.labels is not None:
            if not stack.in_steps:
                self._write_stack(layer, result, result.labels)
            for z in dict.fromkeys(z for _, z in result.mended) if stack.in_steps else ():
                own = result.labels[:, z]
                layers.show_prediction(
                    viewer, scan, z, own, name=result.model, source=result.source
                )
        layers.note_source(layer, result.source)
        fresh = layers.slices_of_lines(layer, result.acquisition)
        self.session.note_labels(result.model, result.source, fresh)
        self._measure(layer, result.model)
        self.session.set_model_result(result)
        if result.reading != self.session.reading:
            self._on_reading(self.session.reading)

    def _write_stack(self, layer: Any, result: ModelResult, labels: np.ndarray) -> None:
        """Write a model's labels as one step of undo; slices that the user corrected are kept."""
        layers.settle_source(layer)  # what an undo has just brought back is no correction
        corrected = layers.edited_slices(layer)
        keep = None if self.replaces_corrected else corrected
        layers.write_labels(layer, labels, from_model=True, keep=keep)
        told = told_of_run(
            result.model,
            result.acquisition,
            layers.state_of(layer).kept,
            int(corrected.sum()),
            replaces_corrected=self.replaces_corrected,
        )
        if told:
            show_info(told)

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
        if layer is not None and self.session.run_of(self.model).latest is not None:
            self.session.set_labels_layer(layer)
