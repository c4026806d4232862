"""Shows several models, or images, side by side, as long as several are chosen and wanted so.

Frame, slice and zoom are napari's and so the same in all tiles; where the mouse points in one of
them a cross says in all.
"""

from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal
from superqt.utils import qdebounced, qthrottled

from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.segment.chain import parted_name

CROSS_MS = 25
"""Between two moves of the crosses: a mouse reports its place more often than that."""


class Tiling:
    """Keeps napari's grid in step with the chosen models, or with the images in their place.

    Attributes
    ----------
    wanted : bool
        Whether several models are to be shown side by side.
    """

    changed = Signal()

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.wanted = True
        self._models: tuple[str, ...] = ()
        self._images: tuple[layers.MethodTile, ...] = ()
        self._per_tile = 0
        self._moving = False
        self._seen: dict[str, tuple[str, np.ndarray]] = {}
        self._before: layers.GridSettings | None = None
        self._busy = self._is_covered = False
        # Layers come and go one by one: look at them once they have.
        self._soon = qdebounced(self._arrange, timeout=0)
        self._pointing = qthrottled(self._place_crosses, timeout=CROSS_MS, leading=False)
        viewer.cursor.events.position.connect(self._on_pointing)
        viewer.events.mouse_over_canvas.connect(self._on_pointing)
        viewer.canvas.events.size.connect(self._on_size)
        session.scan_changed.connect(self._on_scan)
        session.reconstructions.slice_made.connect(self._on_made)
        session.reconstructions.view_changed.connect(self._on_overlay)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered):
            event.connect(self._on_layers)

    @property
    def is_shown(self) -> bool:
        """Whether models stand side by side now."""
        return self._before is not None

    def set_wanted(self, wanted: bool) -> None:
        """Show several models side by side, or over each other."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._update()
            self.changed.emit()

    def cover(self, is_covered: bool) -> None:
        """Make way while something else fills the canvas with tiles of its own, or come back."""
        self._is_covered = is_covered
        self._update()

    def set_models(self, models: tuple[str, ...]) -> None:
        """Take other models."""
        self._models = models
        self._update()

    def set_images(self, images: tuple[layers.MethodTile, ...]) -> None:
        """Show these images side by side in place of the models; none to show the models again."""
        viewer, scan = self._viewer(), self.session.scan
        before = [(tile.method, id(tile.image)) for tile in self._images]
        self._images = images
        if before != [(tile.method, id(tile.image)) for tile in images]:
            self._update()
        if viewer is not None and scan is not None and images:
            layers.name_method_tiles(viewer, scan, images)

    @property
    def _is_wanted(self) -> bool:
        models = self.wanted and len(self._models) > 1
        is_asked = models or bool(self._images)
        return self.session.scan is not None and is_asked and not self._is_covered

    def _update(self) -> None:
        viewer = self._viewer()
        if viewer is None:
            return
        if self._is_wanted:
            self._arrange()
        elif self._before is not None:
            self._leave(viewer)

    def _arrange(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self._is_wanted:
            return
        if layers.find(viewer, scan, "image") is None:
            return
        per_tile = layers.PER_METHOD_TILE if self._images else layers.PER_TILE
        if self._before is not None and per_tile != self._per_tile:
            self._leave(viewer)
        self._busy, self._per_tile = True, per_tile
        self._moving = self.session.reconstructions.overlay == "motion"
        self._seen = self._seen_images()
        try:
            with viewer.layers.batched_update():
                if self._images:
                    layers.arrange_method_tiles(viewer, scan, self._images, moving=self._moving)
                else:
                    picture = self.session.picture
                    layers.arrange_tiles(viewer, scan, self._models, picture, self._seen)
                if self._before is None:
                    self._before = layers.open_tiles(viewer, per_tile)
            layers.fit_tile_names(viewer, scan)
            layers.write_notice(viewer, scan, self.session.mask)
        finally:
            self._busy = False

    def _seen_images(self) -> dict[str, tuple[str, np.ndarray]]:
        """Images that models have seen in place of the lines, with their methods, by model."""
        runs = self.session.reconstructions.runs
        methods = {model: parted_name(model)[1] for model in self._models}
        return {
            model: (method, runs[method].image)
            for model, method in methods.items()
            if method is not None and method in runs
        }

    def _leave(self, viewer: Any) -> None:
        before, self._before = self._before, None
        scan = self.session.scan
        if before is None:
            return
        self._busy = True
        try:
            with viewer.layers.batched_update():
                layers.close_tiles(viewer, scan, before, self.session.picture)
            layers.write_notice(viewer, scan, self.session.mask)
            first = self._models[0] if self._models else ""
            layers.show_labels_of(viewer, scan, first)
        finally:
            self._busy = False

    def _on_pointing(self, event: Any = None) -> None:
        if self._before is not None:
            self._pointing()

    def _place_crosses(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None and self._before is not None:
            world = tuple(viewer.cursor.position) if viewer.mouse_over_canvas else None
            layers.place_crosses(viewer, scan, world)

    def _on_size(self, _event: Any = None) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None and self._before is not None:
            layers.fit_tile_names(viewer, scan)

    def _on_layers(self, *_what: Any) -> None:
        if self._before is not None and not self._busy:
            self._soon()

    def _on_made(self, _method: str, _z: int) -> None:
        if self._before is None:
            return
        seen = {model: image for model, (_, image) in self._seen.items()}
        if any(seen.get(model) is not image for model, (_, image) in self._seen_images().items()):
            self._soon()

    def _on_overlay(self) -> None:
        moving = self.session.reconstructions.overlay == "motion"
        if self._before is not None and self._images and moving != self._moving:
            self._arrange()  # at once, before others look for layers to draw in

    def _on_scan(self, scan: Scan | None) -> None:
        viewer = self._viewer()
        self._images = ()
        if viewer is not None and self._before is not None:
            self._leave(viewer)
        if scan is not None and len(self._models) > 1:
            self._soon()  # once the labels of the scan are there too
