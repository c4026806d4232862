"""Marks on the image what was made from something else than what is chosen, or there, now."""

from collections.abc import Callable
from typing import Any
from weakref import ref

from superqt.utils import qdebounced

from napari_cmr.viewer import layers
from napari_cmr.viewer.core.derived import Kind
from napari_cmr.viewer.core.session import Session

ROLES: dict[Kind, layers.Role] = {
    "scar": "scar",
    "comparison": "difference",
    "styles": "style",
}
"""Layers that show a result."""

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
    """

    def __init__(self, viewer: Any, session: Session, is_updating: Callable[[], bool]) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._is_updating = is_updating
        self._mark_soon = qdebounced(self._mark_all, timeout=PATIENCE_MS)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self.mark)
        session.reconstructions.settings_changed.connect(self.mark)
        session.labels_made.connect(self.mark)
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
            old = session.old_text(made)
            if made is not source:
                old = old and f"{old}, {layers.how_kept(layer, frame, z)}"
            elif source.acquisition == session.acquisition and self._is_updating():
                old = ""  # the rest of the stack is coming
            if at_once or not old:
                in_hand = layer is corrected or layers.role_of(layer) == "drawn"
                changed |= layers.mark_old(layer, old, is_corrected=in_hand)
            changed |= bool(old)  # the slice may have no labels any more, of which nothing is said
        if changed:
            layers.write_notice(viewer, session.scan, session.mask)

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
