"""Marks on the image what was made from something else than what is chosen, or there, now."""

from collections.abc import Callable
from typing import Any
from weakref import WeakSet, ref

from napari.layers import Labels
from superqt.utils import qdebounced

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.derived import Kind
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.edit.provenance import Provenance

ROLES: dict[Kind, layers.Role] = {
    "scar": "scar",
    "comparison": "difference",
    "styles": "style",
}
"""Layers that show a result."""

QUIET_MS = 300
"""Wait before labels are looked at again: napari announces an undo like a step of a slider."""

PATIENCE_MS = 500
"""While models follow the lines their labels come sooner than this, and nothing flickers."""


class OldLabels:
    """Greys labels of models, scar, styles and differences until they are made again.

    Those of models the moment that the lines differ, the others whenever what they were made from
    has changed.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    is_updating : callable
        Whether models that follow the lines are at work.
    is_playing : callable
        Whether frames are stepping by themselves.
    """

    def __init__(
        self,
        viewer: Any,
        session: Session,
        *,
        is_updating: Callable[[], bool],
        is_playing: Callable[[], bool],
    ) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._is_updating, self._is_playing = is_updating, is_playing
        self._mark_soon = qdebounced(self._mark_all, timeout=PATIENCE_MS)
        self._settle_soon = qdebounced(self._settle, timeout=QUIET_MS)
        self._heard: WeakSet[Any] = WeakSet()
        for layer in viewer.layers:
            self._hear(layer)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self.mark)
        session.reconstructions.settings_changed.connect(self.mark)
        session.labels_made.connect(self._on_made)
        session.labels_settled.connect(self._on_made)
        session.function_changed.connect(self._on_function)
        session.derived.changed.connect(self._mark_derived)

    def mark(self, _what: Any = None) -> None:
        """Mark every model's labels by what they were made from.

        While models follow the lines those that are about to be made again are not marked yet.
        """
        if self._is_updating():
            self._mark(at_once=False)
            self._mark_soon()
        else:
            self._mark(at_once=True)

    def _mark_all(self) -> None:
        self._mark(at_once=True)

    def _mark(self, *, at_once: bool) -> None:
        viewer, session = self._viewer(), self.session
        if viewer is None or session.scan is None:
            return
        changed = False
        frame = layers.frame_on_screen(viewer, session.scan)
        z = layers.slice_on_screen(viewer, session.scan)
        corrected = session.labels_layer if session.corrections.frames else None
        for layer in layers.made_by_models(viewer, session.scan):
            source = layers.source_of(layer)
            made = source.at(frame, z)
            old, in_colour = session.old_text(made), False
            if source.kept and self._is_playing():
                old, in_colour = self._of_all_frames(source, z)
            elif made is not source:
                old = old and f"{old}, {layers.how_kept(layer, frame, z)}"
            elif source.acquisition == session.acquisition and self._is_updating():
                old = ""  # the rest of the stack is coming
            if at_once or not old:
                in_hand = layer is corrected or layers.role_of(layer) == "drawn"
                changed |= layers.mark_old(layer, old, is_corrected=in_hand, in_colour=in_colour)
            changed |= bool(old)  # the slice may have no labels any more, of which nothing is said
        if changed:
            layers.write_notice(viewer, session.scan, session.mask)

    def _of_all_frames(self, source: Provenance, z: int) -> tuple[str, bool]:
        """Say of a slice what its frames are of that is not chosen, and whether in colour.

        For all frames alike: while they are played, what is said and shown of one alone flashes.
        """
        frames = range(0 if self.session.scan is None else self.session.scan.n_frames)
        found = {id(one): one for one in (source.at(frame, z) for frame in frames)}
        made = sorted(found.values(), key=lambda one: one is not source)  # what most are of first
        part = "partly " if len(made) > 1 else ""
        said = {
            f"{part}{old.removeprefix(part)}{', kept' * (one is not source)}": None
            for one, old in zip(made, map(self.session.old_text, made), strict=True)
            if old
        }
        return ", ".join(said), not self.session.old_text(made[0])

    def _on_made(self, _model: str = "") -> None:
        """Labels are of other lines, or of any at all: say so, over tiles too."""
        self.mark()
        viewer, session = self._viewer(), self.session
        if viewer is not None and layers.has_tiles(viewer, session.scan):
            layers.write_notice(viewer, session.scan, session.mask)

    def _on_inserted(self, event: Any) -> None:
        self._hear(event.value)

    def _hear(self, layer: Any) -> None:
        if isinstance(layer, Labels) and layer not in self._heard:
            self._heard.add(layer)
            layer.events.set_data.connect(self._on_shown)

    def _on_shown(self, _event: Any) -> None:
        self._settle_soon()

    def _settle(self) -> None:
        """Say again what labels are of that an undo has brought back.

        Of those that are measured the measurement says it, which has to be made again.
        """
        viewer, session = self._viewer(), self.session
        on_grid = [] if viewer is None else layers.labels_layers(viewer, session.scan)
        others = [layer for layer in on_grid if layer is not session.labels_layer]
        if any([layers.settle_source(layer) for layer in others]):  # each of them
            session.labels_settled.emit()

    def _on_step(self, _event: Any) -> None:
        """Another slice may be of other lines, as it was kept, or hold no labels."""
        viewer, session = self._viewer(), self.session
        if viewer is None or session.scan is None:
            return
        states = map(layers.state_of, layers.made_by_models(viewer, session.scan))
        if any(state.kept or state.old for state in states):
            self.mark()

    def _on_function(self) -> None:
        """Labels may be corrected by now, or not any more."""
        if not self.session.measuring:
            self.mark()

    def _mark_derived(self, kind: Kind) -> None:
        viewer, session = self._viewer(), self.session
        if viewer is None or session.scan is None:
            return
        old, changed = session.derived.old_text(kind), False
        for layer in layers.layers_of(viewer, session.scan, ROLES[kind]):
            changed |= layers.mark_old(layer, old)
        if changed:
            layers.write_notice(viewer, session.scan, session.mask)
