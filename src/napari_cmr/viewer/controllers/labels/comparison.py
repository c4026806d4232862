"""Two labels layers beside each other: which ones, how they differ, and where."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakSet, ref

import numpy as np
from psygnal import Signal
from superqt.utils import qdebounced

from napari_cmr.analysis import Reading
from napari_cmr.scan import Scan, ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.derived import ComparisonResult, LabelsUsed, digest_of
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.measure.comparison import compare_labels

LOOK_AGAIN_MS = 300
Pair = tuple[LabelsUsed, LabelsUsed]


@dataclass(frozen=True, eq=False)
class Compared:
    """Two label sets as they were: how they differ, or why nothing can be said, and where."""

    labels: Pair
    found: ComparisonResult | str
    where: np.ndarray


class Comparing:
    """Compares two labels layers whenever they, or the reading, change.

    The result is in ``session.derived``.

    Attributes
    ----------
    problem : str
        Why there is none; empty where there is one.
    shows_differences : bool
        Whether differences are laid over the image.
    """

    changed = Signal()
    """Other layers are compared, or nothing can be said of them."""

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.problem = ""
        self.shows_differences = False
        self._layers: list[Any] = [None, None]
        self._compared: Pair | None = None
        self._where: np.ndarray | None = None
        self._heard: WeakSet[Any] = WeakSet()
        self.job = LatestJob("Comparing labels", self._on_compared)
        self.job.failed.connect(self._on_failed)
        self.look_again = qdebounced(self._compare, timeout=LOOK_AGAIN_MS)
        session.scan_changed.connect(self._settle)
        session.reading_changed.connect(self._on_reading)
        session.labels_settled.connect(self.look_again)
        for event in (viewer.layers.events.inserted, viewer.layers.events.removed):
            event.connect(self._settle)
        viewer.layers.events.renamed.connect(self._on_renamed)
        self._settle()

    # -- what the user chooses --------------------------------------------------------------------

    @property
    def offered(self) -> list[Any]:
        """Layers that can be compared; scar is found in one of them, and is nobody's reading."""
        return layers.label_sets(self._viewer(), self.session.scan)

    @property
    def chosen(self) -> tuple[Any, Any]:
        """The two layers that are compared; None where there is none."""
        first, second = (None if one is None else one() for one in self._layers)
        return first, second

    def choose(self, first: Any, second: Any) -> None:
        """Compare these layers from now on."""
        if (first, second) != self.chosen:
            self._take_layers([first, second])
            self._compare()

    def show_differences(self, on: bool) -> None:
        """Lay over the image where the two differ, or take that away."""
        viewer, scan = self._viewer(), self.session.scan
        self.shows_differences = on
        if viewer is None or scan is None:
            return
        if on and self._where is not None:
            layers.show_difference(viewer, scan, self._where)
        else:
            layers.hide_difference(viewer, scan)

    def restore(self, first: Any, second: Any, result: ComparisonResult) -> None:
        """Take a result of an earlier session, of two layers that are open again."""
        self._take_layers([first, second])
        self.look_again.cancel()
        self._where = layers.differences(np.asarray(first.data), np.asarray(second.data))
        self._take(result.labels, result)

    # -- something changed ------------------------------------------------------------------------

    def _settle(self, _anything: Any = None) -> None:
        """Compare what is usual where what was compared has gone."""
        offered = self.offered
        kept = [one if one in offered else None for one in self.chosen]
        if kept[0] is kept[1]:
            kept = [None, None]  # there was only one to choose
        # What is judged is on top, and what it is judged by is the reference, as a rule.
        judge = next((one for one in offered if layers.holds_reference(one)), None)
        judge = offered[-1] if judge is None and offered else judge
        judged = next((one for one in offered if one is not judge), judge)
        usual = [judge, judged]
        if kept[1] is judge or kept[0] is judged:
            usual.reverse()  # what stays is not compared with itself
        viewer = self._viewer()
        if viewer is not None and layers.find(viewer, self.session.scan, "difference") is None:
            self.shows_differences = False
        self._take_layers([old or new for old, new in zip(kept, usual, strict=True)])
        self.look_again()

    def _take_layers(self, both: list[Any]) -> None:
        if any(new is not old for new, old in zip(both, self.chosen, strict=True)):
            self.problem, self._compared = "", None  # they were of others
        self._layers = [None if layer is None else ref(layer) for layer in both]
        for layer in both:
            if layer is not None and layer not in self._heard:
                self._heard.add(layer)
                layer.events.labels_update.connect(self._on_edited)
                layer.events.set_data.connect(self._on_shown)
        self.changed.emit()

    def _on_reading(self, _reading: Reading) -> None:
        self._compared = None
        self.session.derived.mark("comparison", "with other choices of ED, ES and slices")
        self.look_again()

    def _on_edited(self, event: Any) -> None:
        result = self.session.derived.comparison
        for used in () if result is None else result.labels:
            if used.layer() is event.source:
                self.session.derived.mark("comparison", f"before {used.name} was edited")
        self._on_shown(event)

    def _on_shown(self, event: Any) -> None:
        if any(event.source is layer for layer in self.chosen):
            self.look_again()

    def _on_renamed(self, _event: Any) -> None:
        self.look_again()

    def _compare(self) -> None:
        scan, (first, second) = self.session.scan, self.chosen
        if scan is None or first is None or second is None or first is second:
            self.job.cancel()
            self.problem = "" if first is None else "Choose two different layers."
            self._take(None, None)
            return
        labels = tuple(
            LabelsUsed(one.name, ref(one), layers.source_of(one)) for one in (first, second)
        )
        data = np.array(first.data), np.array(second.data)  # as they are now
        # What is under way may be of other labels, and only just come in.
        compared = None if self.job.is_running else self._compared
        reading = self.session.reading
        self.job.request(_compare_if_changed, scan, labels, data, reading, compared)

    def _on_compared(self, result: Compared | None) -> None:
        if result is None:
            self.session.derived.mark("comparison", "")  # an edit was undone
            return
        self._where = result.where
        is_known = isinstance(result.found, ComparisonResult)
        self.problem = "" if is_known else str(result.found)
        self._take(result.labels, result.found if is_known else None)
        for used in result.labels:
            layer = used.layer()
            if layer is not None and digest_of(np.asarray(layer.data)) != used.digest:
                self.session.derived.mark("comparison", f"before {used.name} was edited")
        if self.shows_differences:
            self.show_differences(True)

    def _on_failed(self, why: str) -> None:
        self.problem = why
        self.changed.emit()

    def _take(self, labels: Pair | None, result: Any) -> None:
        self._compared = labels
        self.session.derived.set_comparison(result)
        self.changed.emit()


def _compare_if_changed(
    scan: Scan,
    labels: Pair,
    data: tuple[np.ndarray, np.ndarray],
    reading: Reading,
    compared: Pair | None,
) -> Generator[Compared | None, None, None]:
    """Yield how two label sets differ and where; None where they were compared already."""
    first, second = map(np.ascontiguousarray, data)
    one, other = (
        replace(used, digest=digest_of(array))
        for used, array in zip(labels, (first, second), strict=True)
    )
    if compared is not None and [_identity(used) for used in (one, other)] == [
        _identity(used) for used in compared
    ]:
        yield None
        return
    found: ComparisonResult | str
    try:
        comparison = compare_labels(
            scan, first, second, names=(one.name, other.name), reading=reading
        )
        found = ComparisonResult((one, other), comparison, reading)
    except ScanError as error:  # nothing is broken: there is nothing to compare yet
        found = str(error)
    yield Compared((one, other), found, layers.differences(first, second))


def _identity(used: LabelsUsed) -> tuple[str, object, int]:
    return used.name, used.source, used.digest
