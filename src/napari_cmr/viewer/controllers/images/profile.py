"""The line whose brightness is looked at over time: shown on the images, dragged by the user."""

from collections.abc import Generator
from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal

from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.reconstruct.line_profile import line_profile, line_through_motion

NEAR_PIXELS = 9.0
"""On the screen: so near to the line or its end a press takes hold of it."""


class LineOverTime:
    """One viewer's line, and the x-t pictures along it.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
        ``session.reconstructions.profile`` has the ends of the line.
    """

    changed = Signal()
    """The line, an image under it, or the slice on screen."""

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.images = session.reconstructions
        viewer.mouse_drag_callbacks.append(self._on_press)
        self.images.view_changed.connect(self._on_view)
        self.images.slice_made.connect(self._on_made)
        self.images.chosen_changed.connect(self._on_view)
        session.scan_changed.connect(self._on_view)
        session.acquisition_changed.connect(self._on_made)
        viewer.layers.events.inserted.connect(self._on_layers)
        self._slice = -1
        viewer.dims.events.current_step.connect(self._on_step)

    @property
    def is_shown(self) -> bool:
        """Whether there is a line."""
        return self.images.profile is not None

    def set_shown(self, shown: bool) -> None:
        """Show a line, through what moves most in the slice on screen, or none."""
        full = self._full()
        if not shown:
            self.images.set_profile(None)
        elif full is not None:
            self.images.set_profile(line_through_motion(full))

    def profiles(self) -> dict[str, np.ndarray]:
        """X-t pictures (n, T) of the slice on screen, by method; of the full scan under ``""``.

        Methods that have not made this slice are left out.
        """
        full, ends = self._full(), self.images.profile
        if full is None or ends is None:
            return {}
        found = {layers.FULL: line_profile(full, ends)}
        for method in self.images.chosen:
            if self.images.record(method, self._slice) is not None:
                image = self.images.runs[method].image[:, self._slice]
                found[method] = line_profile(image, ends)
        return found

    def step_mm(self, n_places: int) -> float:
        """Distance in mm between two of so many places along the line."""
        scan, ends = self.session.scan, self.images.profile
        if scan is None or ends is None or n_places < 2:
            return 1.0
        return float(np.linalg.norm((ends[1] - ends[0]) * scan.spacing[1:])) / (n_places - 1)

    def _full(self) -> np.ndarray | None:
        """Magnitude (T, Y, X) of the slice on screen from all lines."""
        viewer, scan = self._viewer(), self.session.scan
        layer = layers.find(viewer, scan, "image")
        if scan is None or layer is None:
            return None
        self._slice = layers.slice_on_screen(viewer, scan)
        image: np.ndarray = layer.data[:, self._slice]
        return image

    # -- the user drags ---------------------------------------------------------------------------

    def _on_press(self, viewer: Any, event: Any) -> Generator[None, None, None]:
        """Take hold of an end of the line, or of all of it, where a press is near to it."""
        scan, ends = self.session.scan, self.images.profile
        if scan is None or ends is None or event.button != 1 or event.modifiers:
            return
        held = self._held(viewer, scan, ends, event.position)
        if held is None:
            return
        camera = viewer.scene.camera
        could_pan, camera.mouse_pan = camera.mouse_pan, False
        start = _pixels(scan, event.position)
        try:
            yield
            while event.type == "mouse_move":
                self._move(scan, ends, held, _pixels(scan, event.position) - start)
                yield
            # where it is let go: the last of several quick moves may never be told
            self._move(scan, ends, held, _pixels(scan, event.position) - start)
        finally:
            camera.mouse_pan = could_pan

    @staticmethod
    def _held(viewer: Any, scan: Scan, ends: np.ndarray, position: Any) -> list[int] | None:
        """Ends that a press at a place moves: one, both, or none at all."""
        reach = NEAR_PIXELS / viewer.scene.camera.zoom  # in mm
        spacing = np.asarray(scan.spacing[1:])
        place, (start, end) = np.asarray(position[-2:], dtype=float), ends * spacing
        for number, one in enumerate((start, end)):
            if np.linalg.norm(place - one) < reach:
                return [number]
        along = end - start
        share = float(np.clip(np.dot(place - start, along) / max(np.dot(along, along), 1e-9), 0, 1))
        return [0, 1] if np.linalg.norm(place - start - share * along) < reach else None

    def _move(self, scan: Scan, ends: np.ndarray, held: list[int], by: np.ndarray) -> None:
        """Move what is held, as far as the image reaches; a line stays longer than a pixel."""
        limits = np.array(scan.shape[2:]) - 1.0
        moved = ends.copy()
        if len(held) > 1:
            by = np.clip(by, -ends.min(axis=0), limits - ends.max(axis=0))
        moved[held] = np.clip(ends[held] + by, 0, limits)
        if np.linalg.norm(moved[1] - moved[0]) >= 1:
            self.images.set_profile(moved)

    # -- something changed ------------------------------------------------------------------------

    def _on_view(self, _what: Any = None) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            if self.is_shown and not layers.tiled_methods(viewer, scan):
                layers.line_of_tile(viewer, scan, layers.PICTURE)
            layers.place_lines(viewer, scan, self.images.profile)
        self.changed.emit()

    def _on_layers(self, event: Any) -> None:
        if layers.role_of(event.value) == "profile" and self.session.scan is not None:
            layers.place_lines(self._viewer(), self.session.scan, self.images.profile)

    def _on_made(self, *_what: Any) -> None:
        if self.is_shown:
            self.changed.emit()

    def _on_step(self, _event: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self.is_shown:
            return
        if layers.slice_on_screen(viewer, scan) != self._slice:
            self.changed.emit()


def _pixels(scan: Scan, position: Any) -> np.ndarray:
    """Row and column of a place in the viewer's world."""
    place: np.ndarray = np.asarray(position[-2:], dtype=float) / scan.spacing[1:]
    return place
