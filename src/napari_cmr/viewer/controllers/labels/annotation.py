"""What the user does to the labels of a viewer: edits, acceptance, saving."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from weakref import ref

import numpy as np
from psygnal import Signal
from qtpy.QtCore import QTimer
from superqt.utils import qdebounced

from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels import annotation_jobs as work
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.label_marks import Marks, places_in
from napari_cmr.viewer.core.session import Session

LOOK_MS = 150
"""Wait after an edit before the marks are made again."""

Scope = Literal["slice", "frame", "all"]
Source = Literal["frame", "pair", "accepted", "corrected"]
DONE = {
    "fill": "Filled",
    "smooth": "Smoothed",
    "largest": "Kept the largest pieces",
    "interpolate": "Interpolated between slices",
    "propagate": "Propagated over the cycle",
}


class Annotation:
    """Edits of the labels that a session measures.

    Attributes
    ----------
    structure : Label or None
        What is copied, filled, smoothed; None for all labels.
    scope : {"slice", "frame", "all"}
        Where it is filled, smoothed and cleaned.
    overwrite_accepted : bool
        Whether slices that were accepted may be changed by these edits.
    pair : tuple of int or None
        ED and ES where nothing else is edited; None to go through all frames.
    marks : Marks or None
        As of the last look at the labels.
    message : str
        What was done last, or why it was not.
    """

    changed = Signal()
    touched = Signal(object)
    """A layer was accepted in part, or saved: what is kept of it for a crash is old."""

    def __init__(
        self,
        viewer: Any,
        session: Session,
        *,
        labels_written: Callable[[], None],
        is_playing: Callable[[], bool],
        stop_playing: Callable[[], None],
    ) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._labels_written = labels_written
        self._is_playing, self._stop_playing = is_playing, stop_playing
        self.structure: Label | None = None
        self.scope: Scope = "slice"
        self.overwrite_accepted = False
        self.pair: tuple[int, int] | None = None
        self.marks: Marks | None = None
        self.message = ""
        self._watched: Any = None
        self._frame = 0
        self._looking = LatestJob("Looking at the labels", self._on_marks)
        self.editing = LatestJob("Editing labels", self._on_edited)
        self.saving = LatestJob("Saving labels", self._on_saved)
        for job in (self.editing, self.saving):
            job.running_changed.connect(lambda _running: self.changed.emit())
            job.failed.connect(self.say)
        self._look_soon = qdebounced(self._look, timeout=LOOK_MS)
        session.labels_layer_changed.connect(self._on_layer)
        session.labels_made.connect(self._on_labels_made)
        session.scan_changed.connect(self._on_scan)
        viewer.dims.events.current_step.connect(self._on_step)
        self._on_layer(session.labels_layer)

    # -- where we are -----------------------------------------------------------------------------

    @property
    def layer(self) -> Any:
        """The labels layer that is edited, or None."""
        return self.session.labels_layer

    @property
    def place(self) -> tuple[int, int]:
        """``(frame, slice)`` on screen."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return 0, 0
        return layers.frame_on_screen(viewer, scan), layers.slice_on_screen(viewer, scan)

    @property
    def accepted(self) -> np.ndarray | None:
        """Which ``(frame, slice)`` were accepted, or None without labels."""
        return None if self.layer is None else layers.accepted(self.layer)

    @property
    def is_busy(self) -> bool:
        """Whether an edit or a save is under way."""
        return self.editing.is_running or self.saving.is_running

    def set_options(self, **options: Any) -> None:
        """Change ``structure``, ``scope`` or ``overwrite_accepted``."""
        for name, value in options.items():
            setattr(self, name, value)
        self.changed.emit()

    def say(self, message: str) -> None:
        """Show what happened."""
        self.message = message
        self.changed.emit()

    # -- edits ------------------------------------------------------------------------------------

    def copy(self, *, frames: int = 0, slices: int = 0) -> None:
        """Copy the slice on screen to another frame or slice, and go there."""
        from napari_cmr.workflow.edit.operations import copy_slice

        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self._can_edit():
            return
        frame, z = self.place
        target = ((frame + frames) % scan.n_frames, z + slices)
        if frames and self.pair is not None:
            target = (self._other_of_pair(frame), z)
        try:
            labels = copy_slice(np.asarray(self.layer.data), (frame, z), target, self.structure)
        except ScanError as error:
            self.say(str(error))
            return
        what = "all labels" if self.structure is None else self.structure.name
        if self._write(labels, f"Copied {what} to {_name(target)}"):
            layers.go_to(viewer, scan, frame=target[0], z=target[1])

    def delete(self) -> None:
        """Delete a structure, or all labels, of the slice on screen."""
        if not self._can_edit():
            return
        frame, z = self.place
        labels = np.array(self.layer.data)
        plane = labels[frame, z]
        plane[plane == self.structure if self.structure is not None else plane > 0] = 0
        what = "all labels" if self.structure is None else self.structure.name
        self._write(labels, f"Deleted {what} of {_name((frame, z))}")

    def edit(self, what: work.Edit) -> None:
        """Fill, smooth, clean up or interpolate, in a thread."""
        scan = self.session.scan
        if scan is None or not self._can_edit():
            return
        labels = np.array(self.layer.data)
        places = places_in(self.scope, self.place, labels.shape)
        self.editing.request(work.edit, what, labels, places, scan.spacing, self.structure)

    def propagate(self, source: Source) -> None:
        """Carry labels over the cycle from the frame on screen, ED and ES, or other frames."""
        scan = self.session.scan
        if scan is None or not self._can_edit():
            return
        labels = np.array(self.layer.data)
        drawn = set(np.flatnonzero(labels.any(axis=(1, 2, 3))).tolist())
        if source == "frame":
            sources = {self.place[0]}
        elif source == "pair":
            sources = set(self.ed_es())
        elif source == "corrected":
            sources = set(self.session.corrections.frames) & drawn
        else:
            sources = set(np.flatnonzero(layers.accepted(self.layer).any(axis=1)).tolist()) & drawn
        from napari_cmr.workflow.edit.propagation import n_steps

        chosen = sorted(sources)
        total = n_steps(scan.n_frames, chosen, periodic=scan.has_full_cycle) if chosen else 0
        self.editing.request(work.propagate, scan, labels, chosen, total=total)

    def cancel(self) -> None:
        """Stop an edit that is under way; the labels stay as they are."""
        self.editing.cancel()
        self.say("Stopped; the labels are as they were.")

    def _can_edit(self) -> bool:
        if self.layer is None:
            self.say("Add a labels layer first.")
        elif not isinstance(self.layer.data, np.ndarray):
            self.say("These labels are not in memory: duplicate the layer, and edit the copy.")
        elif self.editing.is_running:
            self.say("An edit is still under way.")
        else:
            return True
        return False

    def _write(self, labels: np.ndarray, what: str) -> bool:
        """Write edited labels as one step of undo; say so, and whether anything was written."""
        viewer = self._viewer()
        if viewer is None or self.layer is None:
            return False
        written = layers.write_labels(
            self.layer, labels, overwrite_accepted=self.overwrite_accepted
        )
        if written.changed:
            self._labels_written()
            self.look_again()
        kept = f"{written.kept} accepted slice{'s' * (written.kept != 1)} kept"
        if not written.changed and written.kept:
            self.say(f"Nothing changed: {kept}. Tick “Also change accepted slices” to change them.")
        elif not written.changed:
            self.say("Nothing changed: it was so already.")
        else:
            self.say(f"{what}{f', {kept}' if written.kept else ''}.")
        return bool(written.changed)

    def _on_edited(self, result: work.Edited | None) -> None:
        if result is None or self.layer is None or self.layer.data.shape != result.after.shape:
            return
        # What was painted meanwhile stays, where the edit did not change anything.
        labels = np.array(self.layer.data)
        edited = result.after != result.before
        labels[edited] = result.after[edited]
        self._write(labels, DONE[result.what])

    # -- acceptance -------------------------------------------------------------------------------

    def accept(self, scope: Literal["slice", "frame"]) -> None:
        """Accept the slice or frame on screen; where it was accepted, take that back."""
        if self.layer is None:
            self.say("Add a labels layer first.")
            return
        marks = layers.accepted(self.layer)
        frame, z = self.place
        part = (frame, z) if scope == "slice" else frame
        accept = not marks[part].all()
        marks[part] = accept
        layers.set_accepted(self.layer, marks)
        name = _name((frame, z)) if scope == "slice" else f"frame {frame + 1}"
        self.say(f"{'Accepted' if accept else 'No longer accepted:'} {name}.")
        self.touched.emit(self.layer)

    # -- ED and ES only ---------------------------------------------------------------------------

    def ed_es(self) -> tuple[int, int]:
        """ED and ES: chosen here, by the user, in the data, or measured; else a guess."""
        session, scan = self.session, self.session.scan
        if self.pair is not None:
            return self.pair
        if scan is None:
            return 0, 0
        ed, es = session.reading.lv.ed_frame, session.reading.lv.es_frame
        ed = scan.ed_frame if ed is None else ed
        es = scan.es_frame if es is None else es
        function = session.function
        if function is not None and function.lv.ed_frame != function.lv.es_frame:
            ed = function.lv.ed_frame if ed is None else ed
            es = function.lv.es_frame if es is None else es
        return ed or 0, scan.n_frames // 3 if es is None else es

    def set_pair(self, pair: tuple[int, int] | None) -> None:
        """Go through ED and ES only, or through all frames again."""
        self.pair = pair
        viewer, scan = self._viewer(), self.session.scan
        if pair is not None and viewer is not None and scan is not None:
            self._stop_playing()
            if self.place[0] not in pair:
                layers.go_to(viewer, scan, frame=pair[0])
        self._frame = self.place[0]
        self.changed.emit()

    def _other_of_pair(self, frame: int) -> int:
        ed, es = self.ed_es()
        return es if frame == ed else ed

    def _on_step(self, event: Any = None) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or self.pair is None:
            return
        frame, came_from = self.place[0], self._frame
        if frame in self.pair or self._is_playing():
            self._frame = frame
            return
        is_step = abs(frame - came_from) in (1, scan.n_frames - 1)
        if came_from in self.pair and is_step:
            target = self._other_of_pair(came_from)
        else:
            target = min(self.pair, key=lambda one: abs(one - frame))
        self._frame = target
        # napari is still telling others of the step that was
        QTimer.singleShot(0, lambda: layers.go_to(viewer, scan, frame=target))

    # -- saving -----------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write the labels, their measurement and a table of volumes, in a thread."""
        scan, layer = self.session.scan, self.layer
        if scan is None or layer is None:
            self.say("There are no labels to save.")
            return
        wanted = work.Wanted(
            scan,
            layer,
            np.array(layer.data),
            layers.accepted(layer),
            self.session.measured_reading,
            layers.provenance_of(layer),
            path,
        )
        self.saving.request(work.save, wanted)

    def _on_saved(self, result: work.Saved) -> None:
        layers.note_saved(result.layer, result.digests, result.accepted)
        self.say(f"Saved {result.path.name}, with .json and .csv beside it.")
        self.look_again()
        self.touched.emit(result.layer)

    # -- marks follow the labels ------------------------------------------------------------------

    def look_again(self) -> None:
        """Make the marks again, soon."""
        self._look_soon()

    def close(self) -> None:
        """Stop all work."""
        self._look_soon.cancel()
        for job in (self._looking, self.editing, self.saving):
            job.cancel()

    def _on_scan(self, scan: Scan | None) -> None:
        self.editing.cancel()
        self.pair = None
        self.say("")

    def _on_layer(self, layer: Any) -> None:
        old = None if self._watched is None else self._watched()
        if old is not None:
            old.events.set_data.disconnect(self._on_labels)
            old.events.labels_update.disconnect(self._on_labels)
        self._watched = None if layer is None else ref(layer)
        self.marks = None
        self.message = ""  # it was of other labels
        self._looking.cancel()
        self._drop_edit("other labels are edited now")
        if layer is not None:
            layer.events.set_data.connect(self._on_labels)
            layer.events.labels_update.connect(self._on_labels)
            self._look()
        self.changed.emit()

    def _on_labels_made(self, model: str) -> None:
        """Drop an edit of labels that the model has written anew: it would mix old with new."""
        if self.layer is not None and layers.model_of(self.layer) == model:
            self._drop_edit(f"{model} has replaced these labels meanwhile")

    def _drop_edit(self, why: str) -> None:
        if self.editing.is_running:
            self.editing.cancel()
            self.say(f"The edit was dropped: {why}. Start it again.")

    def _on_labels(self, event: Any = None) -> None:
        self._look_soon()

    def _look(self) -> None:
        if self.layer is not None:
            self._looking.request(work.look, self.layer.data, layers.origin_of(self.layer))

    def _on_marks(self, marks: Marks) -> None:
        self.marks = marks
        self.changed.emit()


def _name(place: tuple[int, int]) -> str:
    return f"slice {place[1] + 1} of frame {place[0] + 1}"
