"""Keeps what the user draws against a crash, and offers what an earlier one left behind."""

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, ref

import numpy as np
from napari.layers import Labels
from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QCoreApplication, QObject, Signal
from superqt.utils import qthrottled

from napari_cmr.analysis import Reading
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.corrections import parted, with_held
from napari_cmr.viewer.core.jobs import LatestJob, is_unwanted, message_for
from napari_cmr.viewer.core.label_marks import Origin, marks_of
from napari_cmr.viewer.core.preferences import preference
from napari_cmr.viewer.core.recovery import (
    Kept,
    OwnFolder,
    image_digest,
    keep,
    left_behind,
    read_kept,
    remove,
)
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.provenance import Provenance

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Task:
    """Labels of one layer that may have to be kept.

    Attributes
    ----------
    replaces : Path or None
        Record of labels that these were restored from: no longer needed once these are kept.
    """

    key: str
    scan: Scan
    name: str
    labels: np.ndarray
    accepted: np.ndarray
    origin: Origin
    replaces: Path | None
    made: Provenance
    reading: Reading


@dataclass(frozen=True, eq=False)
class Outcome:
    """Whether something is kept of a layer now.

    Attributes
    ----------
    problem : str
        Why it could not be kept; empty if it could.
    """

    task: Task
    is_kept: bool
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Restored:
    """Labels read back for a scan."""

    kept: Kept
    scan: Scan
    labels: np.ndarray
    accepted: np.ndarray


class Autosave(QObject):
    """One viewer's unsaved labels on disk.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    touched : signal
        Of a layer that was accepted in part, or saved.
    open_path : callable
        Opens the scan that labels were drawn on.

    Attributes
    ----------
    offers : list of Kept
        Labels that were left behind: of the open scan, or of any scan while none is open.
    """

    offers_changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        viewer: Any,
        session: Session,
        *,
        touched: Any,
        open_path: Callable[[Path], None],
    ) -> None:
        super().__init__()
        self._viewer = ref(viewer)
        self._session = session
        self._open_path = open_path
        self.offers: list[Kept] = []
        self._folder = OwnFolder()
        self._watched: WeakSet[Any] = WeakSet()
        self._keys: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._former_keys: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # of layers that went
        self._replaces: dict[str, Path] = {}
        self._tasks: dict[str, Task] = {}
        self._told: set[Path] = set()
        self._wanted: Kept | None = None
        self._problems: set[str] = set()  # of the last try
        self._looks_once_kept = False
        self._said = ""
        self.keeping = LatestJob("Keeping unsaved labels", self._on_outcome, self)
        self.looking = LatestJob("Looking for unsaved labels", self._on_found, self)
        self.restoring = LatestJob("Restoring labels", self._on_restored, self)
        self.keeping.running_changed.connect(self._on_idle)
        self.restoring.failed.connect(self.failed)
        self._timer = qthrottled(self.keep_all, leading=False, parent=self)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)
        self._session.scan_changed.connect(self._on_scan)
        self._session.function_changed.connect(self._on_edit)  # ED and ES are kept with labels
        touched.connect(self._on_touched)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)
        for layer in viewer.layers:
            self._watch(layer)
        self.look()

    # -- keeping ----------------------------------------------------------------------------------

    def keep_all(self) -> None:
        """Keep what is not saved in any labels layer, in a thread."""
        self._add_tasks()
        self._start()

    def close(self) -> None:
        """Keep what is left, at once, and let later windows find it."""
        self._timer.cancel()
        self._looks_once_kept = False
        for job in (self.looking, self.restoring):
            job.cancel()
        self._add_tasks()
        tasks = [*self._tasks.values()]
        self._tasks.clear()  # before the thread is told to stop: idle, it would begin what is left
        self._problems.clear()  # or try again
        self.keeping.cancel()
        for outcome in _keep_all(self._folder, tasks):
            if not outcome.problem:  # else it is in the log, and nobody is there to be told
                self._on_outcome(outcome)
        self._folder.release()

    def _add_tasks(self) -> None:
        viewer = self._viewer()
        for layer in [] if viewer is None else viewer.layers:
            if isinstance(layer, Labels):
                self._add_task(layer)

    def _add_task(self, layer: Labels) -> None:
        scan = layers.scan_of(layer) or self._session.scan
        if scan is None or not isinstance(layer.data, np.ndarray) or layer.data.shape != scan.shape:
            return
        if not preference("unsaved_labels", "keep"):
            return
        key = self._keys.setdefault(layer, token_hex(8))
        self._tasks[key] = Task(
            key,
            scan,
            layer.name,
            layer.data,
            layers.accepted(layer),
            layers.origin_of(layer),
            self._replaces.get(key),
            layers.provenance_of(layer),
            with_held(self._session.reading, layers.held_in(layer)),
        )

    def _start(self) -> None:
        if self._tasks and not self.keeping.is_running:
            self._problems.clear()
            tasks = [*self._tasks.values()]
            self.keeping.request(_keep_all, self._folder, tasks, total=len(tasks))

    def _on_idle(self, running: bool) -> None:
        if not running and self._problems:
            self._keep_soon()  # until it works: the disk may have room then
        elif not running:
            self._said = ""
            self._start()
        if not self.keeping.is_running and self._looks_once_kept:
            self._looks_once_kept = False
            self.look()

    def _on_outcome(self, outcome: Outcome) -> None:
        key = outcome.task.key
        if outcome.problem:
            self._on_problem(outcome.problem)
            return
        if self._tasks.get(key) is outcome.task:  # else there is a newer one
            del self._tasks[key]
        replaced = self._replaces.pop(key, None) if outcome.is_kept else None
        if replaced is not None:
            self._forget(replaced)

    def _on_problem(self, message: str) -> None:
        """Say once what is wrong."""
        self._problems.add(message)
        if message != self._said:
            self._said = message
            show_error(message)
            self.failed.emit(message)

    # -- what is drawn ----------------------------------------------------------------------------

    def _on_inserted(self, event: Any) -> None:
        self._watch(event.value)
        key = self._former_keys.pop(event.value, None)
        if key is not None:  # it is back: what was kept of it is no longer left behind
            self._keys[event.value] = key
            self.look()

    def _watch(self, layer: Any) -> None:
        if isinstance(layer, Labels) and layer not in self._watched:
            self._watched.add(layer)
            layer.events.labels_update.connect(self._on_edit)
            layer.events.set_data.connect(self._on_edit)  # an undo announces nothing else

    def _on_removed(self, event: Any) -> None:
        """Keep what was drawn in a layer that goes: the user may have removed it by mistake."""
        if event.value in self._watched:
            self._add_task(event.value)
            key = self._keys.pop(event.value, None)
            if key is not None:
                self._former_keys[event.value] = key
            # Its scan has been taken away, perhaps as it was opened again: then this is offered.
            self._looks_once_kept |= layers.scan_of(event.value) not in (None, self._session.scan)
            self._start()

    def _on_edit(self, event: Any = None) -> None:
        self._keep_soon()

    def _keep_soon(self) -> None:
        """Keep labels within the time that the user's preferences give."""
        self._timer.setTimeout(round(1000 * preference("unsaved_labels", "interval_s")))
        self._timer()

    def _on_touched(self, layer: Any) -> None:
        if layer is not None:
            self._add_task(layer)
            self._start()

    # -- what was left behind ---------------------------------------------------------------------

    def look(self) -> None:
        """Look for labels that were left behind; again once those that are being kept are."""
        self._looks_once_kept |= self.keeping.is_running
        living = frozenset(self._keys.values())
        self.looking.request(_find, self._session.scan, self._folder.path, living)

    def restore(self, kept: Kept) -> None:
        """Bring labels back, as a layer of the open scan or of theirs, which is opened first."""
        scan = self._session.scan
        if scan is not None:
            self.restoring.request(_restore, kept, scan)
        elif kept.source is not None:
            self._wanted = kept
            self._open_path(kept.source)

    def discard(self, kept: Kept) -> None:
        """Remove labels that were left behind."""
        self._forget(kept.record)

    def _forget(self, record: Path) -> None:
        remove(record)
        self.offers = [one for one in self.offers if one.record != record]
        self.offers_changed.emit()

    def _on_scan(self, scan: Scan | None) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None and scan is not None:
            self.restoring.request(_restore, wanted, scan)
        self.look()

    def _on_found(self, offers: list[Kept]) -> None:
        self.offers = offers
        if offers and offers[0].record not in self._told:
            self._told.add(offers[0].record)
            show_info("Unsaved labels were found: the Scan tab offers them.")
        self.offers_changed.emit()

    def _on_restored(self, restored: Restored) -> None:
        viewer = self._viewer()
        if viewer is None or self._session.scan is not restored.scan:
            return
        name = restored.kept.layer_name.removesuffix(" (restored)")
        own, held = parted(restored.kept.reading)
        self._session.set_reading(own)
        made, labels = restored.kept.made, restored.labels
        layer = layers.add_drawn_labels(
            viewer, restored.scan, labels, f"{name} (restored)", made, held=held
        )
        layers.set_accepted(layer, restored.accepted)
        self._session.set_labels_layer(layer)
        self._keys[layer] = token_hex(8)
        self._replaces[self._keys[layer]] = restored.kept.record
        self.offers = [one for one in self.offers if one.record != restored.kept.record]
        self.offers_changed.emit()
        self._on_touched(layer)


def _keep_all(folder: OwnFolder, tasks: list[Task]) -> Generator[Outcome, None, None]:
    for task in tasks:
        with folder.mutex:
            if is_unwanted():  # the window has closed, kept all this itself and left the folder
                return
            try:
                outcome = Outcome(task, _keep(folder, task))
            except Exception as error:  # the labels of other layers are kept all the same
                log.error("labels of %s could not be kept", task.name, exc_info=error)
                outcome = Outcome(task, False, message_for(error, "Keeping unsaved labels"))
        yield outcome


def _keep(folder: OwnFolder, task: Task) -> bool:
    """Keep the labels of a task if they are the user's and not saved; else remove them.

    What was kept of them last is known to the folder alone: a task may have been made before that.
    """
    labels = np.array(task.labels)  # the user goes on drawing
    marks = marks_of(labels, task.origin)
    known = task.origin.saved_accepted
    newly_accepted = (task.accepted if known is None else task.accepted != known).any()
    if not marks.dirty.any() and not newly_accepted:
        if folder.signatures.pop(task.key, None) is not None:
            remove(folder.path / f"{task.key}.json")
        return False
    signature = marks.digests.tobytes() + task.accepted.tobytes()
    signature += task.reading.model_dump_json().encode()
    if signature != folder.signatures.get(task.key) or not folder.holds(task.key):
        keep(
            folder.make(),
            task.key,
            task.scan,
            layer_name=task.name,
            labels=labels,
            accepted=task.accepted,
            made=task.made,
            reading=task.reading,
        )
        folder.signatures[task.key] = signature
    return True


def _find(
    scan: Scan | None, own: Path, living: frozenset[str]
) -> Generator[list[Kept], None, None]:
    found = left_behind(own, living)
    if found and scan is not None:
        digest = image_digest(scan)
        found = [one for one in found if one.image_sha256 == digest]
    yield found


def _restore(kept: Kept, scan: Scan) -> Generator[Restored, None, None]:
    yield Restored(kept, scan, *read_kept(kept, scan))
