"""Finds how tissue moves in the images on screen, and keeps arrows of it over them."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal
from superqt.utils import qdebounced

from napari_cmr.motion.tracking import follow, motion_error_mm, moving_borders, track
from napari_cmr.scan import Scan, Stopped
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob, is_unwanted
from napari_cmr.viewer.core.reconstructions import ALL_LINES
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.core.slice_images import ImageSource, SliceMotion
from napari_cmr.workflow.reconstruct.quality import has_full


@dataclass(frozen=True, eq=False)
class WantedMotion:
    """Images of a slice in which motion is to be found.

    Attributes
    ----------
    scan : Scan
    z : int
    reference : int
        Frame, from 0, since which tissue has moved.
    images : mapping of str to (ImageSource, ndarray)
        Magnitude (T, Y, X), and what it was made from, by method.
    full : SliceMotion or None
        That of the full scan, where it is known already.
    """

    scan: Scan
    z: int
    reference: int
    images: Mapping[str, tuple[ImageSource, np.ndarray]]
    full: SliceMotion | None


@dataclass(frozen=True, eq=False)
class FoundMotion:
    """Motion of a slice in the images of a method, or in the full scan."""

    scan: Scan
    z: int
    method: str
    found: SliceMotion


class LiveMotion:
    """One viewer's arrows of motion, over the images of the slice and the frame on screen.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
        ``session.reconstructions.motions`` has what was found.
    """

    changed = Signal()
    """What was found of the slice on screen, or whether more is being found."""

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.images = session.reconstructions
        self.share = 0.0
        self.job = LatestJob("Finding motion", self._on_found)
        self.job.running_changed.connect(self._on_running)
        self.job.failed.connect(self._on_failed)
        self._slice = -1
        self._refused: tuple[Scan | None, int] | None = None
        # Images and their tiles come and go one by one: look at them once they have.
        self.update_soon = qdebounced(self.update, timeout=0)
        viewer.dims.events.current_step.connect(self._on_step)
        viewer.layers.events.inserted.connect(self._on_layers)
        for signal in (self.images.view_changed, self.images.chosen_changed):
            signal.connect(self._on_view)
        self.images.slice_made.connect(self._on_made)
        session.picture_changed.connect(self._on_view)
        session.scan_changed.connect(self._on_scan)

    @property
    def is_wanted(self) -> bool:
        """Whether motion is what is to be laid over the images."""
        return self.images.overlay == "motion"

    @property
    def slice_on_screen(self) -> int:
        """0-based slice that is looked at."""
        viewer, scan = self._viewer(), self.session.scan
        return 0 if viewer is None or scan is None else layers.slice_on_screen(viewer, scan)

    @property
    def frame_on_screen(self) -> int:
        """0-based frame that is looked at."""
        viewer, scan = self._viewer(), self.session.scan
        return 0 if viewer is None or scan is None else layers.frame_on_screen(viewer, scan)

    def shown(self) -> dict[str, SliceMotion]:
        """What is on screen, by method, that of the full scan first where it is known."""
        z = self.slice_on_screen
        methods = dict.fromkeys((ALL_LINES, *self._places().values()))
        found = {method: self.images.motion(method, z) for method in methods}
        return {method: one for method, one in found.items() if one is not None}

    def update(self) -> None:
        """Draw what is known of the slice on screen, and find what is not."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        self._draw(viewer, scan)
        if not self.is_wanted or scan.n_frames == 1:
            self.job.cancel()
        else:
            self._find(scan)
        self.changed.emit()

    def _find(self, scan: Scan) -> None:
        z = self.slice_on_screen
        full, images = self.images.motion(ALL_LINES, z), {}
        methods = tuple(self._places().values())
        for method in methods:
            record = self.images.record(method, z)
            own = record is not None and record.source.method == method  # none that stands for it
            if record is None or not own or self.images.motion(method, z) is not None:
                continue
            image = self.images.made(record.source, z)
            if image is not None:
                images[method] = (record.source, image)
        wanted = bool(images) or (bool(methods) and full is None)
        if not wanted or self._refused == (scan, z):
            return
        self.job.has_bar = full is None  # where images follow the lines, one would flicker
        self.share = 0.0
        what = WantedMotion(scan, z, scan.ed_frame or 0, images, full)
        self.job.request(find_motion, what, self._tell, total=len(images) + (full is None))

    def _tell(self, share: float) -> None:
        self.share = share

    def _places(self) -> dict[str, str]:
        """Method, or :data:`ALL_LINES`, whose image is at each place of the canvas."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return {}
        tiled = layers.tiled_methods(viewer, scan)
        if tiled:
            return {one: one for one in (layers.FULL, *tiled)}
        shown = layers.shown_method(viewer, scan)
        if layers.has_tiles(viewer, scan):  # of models
            return {}
        if self.session.picture == "reconstructed" and shown is not None:
            return {layers.PICTURE: shown}
        return {layers.PICTURE: layers.FULL} if self.session.picture == "image" else {}

    def _draw(self, viewer: Any, scan: Scan) -> None:
        z = self.slice_on_screen
        places = self._places() if self.is_wanted else {}
        changed = False
        for place in {layers.PICTURE, layers.FULL, *places, *layers.tiled_methods(viewer, scan)}:
            found = self.images.motion(places[place], z) if place in places else None
            motion = None if found is None else found.motion
            changed |= layers.show_arrows(viewer, scan, place, motion, z)
        if changed:
            layers.write_notice(viewer, scan, self.session.mask)

    # -- something changed ------------------------------------------------------------------------

    def _on_found(self, result: FoundMotion) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or result.scan is not scan:
            return
        self.images.motions[result.method, result.z] = result.found
        self._draw(viewer, scan)
        self.changed.emit()

    def _on_running(self, running: bool) -> None:
        if not running and self.is_wanted:
            self.update_soon()  # an image may have come meanwhile
        self.changed.emit()

    def _on_failed(self, _text: str) -> None:
        self._refused = (self.session.scan, self.slice_on_screen)

    def _on_step(self, _event: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self.is_wanted:
            return
        z = layers.slice_on_screen(viewer, scan)
        if z != self._slice:
            self._slice = z
            self.update_soon()

    def _on_layers(self, event: Any) -> None:
        if self.is_wanted and layers.role_of(event.value) == "motion":
            self.update_soon()

    def _on_made(self, _method: str, z: int) -> None:
        if self.is_wanted and z == self.slice_on_screen:
            self.update_soon()

    def _on_view(self, _what: Any = None) -> None:
        self._refused = None
        self.update_soon()

    def _on_scan(self, _scan: Scan | None) -> None:
        self.job.cancel()
        self._refused = None
        self.update_soon()


def find_motion(
    wanted: WantedMotion, tell: Callable[[float], None]
) -> Generator[FoundMotion, None, None]:
    """Find motion in images of a slice, in the full scan first, at whose borders all are followed.

    Parameters
    ----------
    wanted : WantedMotion
    tell : callable
        Is told the share that is done.
    """
    scan, z, reference = wanted.scan, wanted.z, wanted.reference
    pixel = scan.spacing[1:]
    done, n_images = 0, len(wanted.images) + (wanted.full is None)

    def watch(share: float) -> None:
        if is_unwanted():
            raise Stopped
        tell((done + share) / n_images)

    try:
        full = wanted.full
        if full is None:
            image = np.abs(scan.image[:, z])
            field = track(image, pixel, reference=reference, watch=watch)
            places = moving_borders(image[reference], field, pixel)
            full = SliceMotion(None, follow(field, places, reference=reference))
            yield FoundMotion(scan, z, ALL_LINES, full)
            done += 1
        places = full.motion.places.astype(int)
        for method, (source, image) in wanted.images.items():
            field = track(image, pixel, reference=reference, watch=watch)
            motion = follow(field, places, reference=reference)
            known = has_full(scan, z) and len(places)
            error = motion_error_mm(motion, full.motion) if known else None
            yield FoundMotion(scan, z, method, SliceMotion(source, motion, error))
            done += 1
    except Stopped:
        return
