"""Repeats the acquisition of a viewer's scan in the background, and keeps what comes of it."""

from collections.abc import Callable, Generator
from typing import Any
from weakref import ref

from psygnal import Signal

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.model_choice import default_model
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.trials.consistency import (
    DEFAULT_REPEATS,
    n_steps,
    repeat_acquisition,
)
from napari_cmr.workflow.trials.consistency_result import Consistency
from napari_cmr.zoo import ModelChoice


class Repeating:
    """One viewer's repeated acquisition.

    Attributes
    ----------
    result : Consistency or None
        The repetitions so far, or those of the last run.
    model : str
    repeats : int
    on_image : bool
        Whether mean contour and band are shown on the image.
    steps, all_steps : int
        Steps of the run that are done, and that there are.
    """

    changed = Signal()

    def __init__(self, viewer: Any, session: Session, choice: Callable[[str], ModelChoice]) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._choice = choice
        self.model = default_model()
        self.repeats = DEFAULT_REPEATS
        self.on_image = True
        self.result: Consistency | None = None
        self._reading = session.reading
        self.steps, self.all_steps = 0, 0
        self.job = LatestJob("Repeating the acquisition", self._on_step)
        self.job.running_changed.connect(self._on_running)
        session.acquisition_changed.connect(self._on_acquisition)
        session.reading_changed.connect(self._on_acquisition)
        session.scan_changed.connect(self._on_scan)

    @property
    def is_old(self) -> bool:
        """Whether the result is of other lines, another model or reading than are chosen now."""
        return self.result is not None and (
            self.result.acquisition != self.session.acquisition
            or self.result.model != self.model
            or self._reading != self.session.reading
        )

    def run(self) -> None:
        """Start again with the lines that are chosen now."""
        viewer, scan, session = self._viewer(), self.session.scan, self.session
        if viewer is None or scan is None:
            return
        self.job.cancel()
        self.result = None
        self._reading = session.reading
        self.steps, self.all_steps = 0, n_steps(scan, self.repeats)
        options = {
            "model": self._choice(self.model),
            "repeats": self.repeats,
            "reading": session.reading,
        }
        self.job.request(_repeat, scan, session.acquisition, options, total=self.all_steps)
        self.changed.emit()

    def choose_model(self, model: str) -> None:
        """Repeat with another model from the next run on; what there is was made by another one."""
        self.model = model
        self._mark()
        self.changed.emit()

    def cancel(self) -> None:
        """Stop; the repetitions that are there stay."""
        self.job.cancel()

    def set_on_image(self, on_image: bool) -> None:
        """Show mean contour and band on the image, or hide them."""
        self.on_image = on_image
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if on_image and self.result is not None:
            layers.show_consistency(viewer, scan, self.result)
            self._mark()
        layers.set_consistency_visible(viewer, scan, on_image)
        layers.write_notice(viewer, scan, self.session.mask)

    def _on_step(self, result: Consistency | None) -> None:
        self.steps += 1
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if result is not None:
            self.result = result
            if self.on_image:
                layers.show_consistency(viewer, scan, result)
                self._mark()
        self.changed.emit()

    def _on_running(self, _running: bool) -> None:
        self.changed.emit()

    def _on_acquisition(self, _changed: Any) -> None:
        self.job.cancel()  # what would still come is of other lines than those on screen
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None and self.result is not None:
            model = self.result.model
            made = Provenance(model=model, acquisition=self.result.acquisition)
            old = self.session.old_text(made)
            if self.is_old and not old:
                old = "measured in another way" if model == self.model else f"by {model}"
            if layers.mark_consistency_old(viewer, scan, self.result.n, old):
                layers.write_notice(viewer, scan, self.session.mask)

    def _on_scan(self, _scan: Scan | None) -> None:
        self.job.cancel()
        self.result = None
        self.changed.emit()


def _repeat(
    scan: Scan, acquisition: Acquisition, options: dict[str, Any]
) -> Generator[Consistency | None, None, None]:
    yield from repeat_acquisition(scan, acquisition, **options)
