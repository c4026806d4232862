"""The scan that is open and its undersampled pictures, kept up to date with session and layers."""

from collections.abc import Callable, Generator
from threading import Event
from time import monotonic
from typing import Any
from weakref import ref

from napari.utils.notifications import show_info
from superqt.utils import qdebounced

from napari_cmr.kspace import Acquisition, Measured
from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.acquired_scan import Picture
from napari_cmr.viewer.core.jobs import LatestJob, is_unwanted
from napari_cmr.viewer.core.preferences import preference
from napari_cmr.viewer.core.session import Session

HOLD_S, LOOK_S = 2.0, 0.02
"""For so long the rest of a stack waits for work on the slice on screen, and looks in between."""


class LivePictures:
    """Takes the scan of an image layer that comes, and draws what its lines give.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    before_removal : callable
        Called before the layers of a scan are removed: whoever keeps unsaved labels listens then.
    """

    def __init__(self, viewer: Any, session: Session, before_removal: Callable[[], Any]) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._before_removal = before_removal
        self._slice = 0  # read by the thread that computes: the slice on screen comes first
        self._go_on = Event()  # cleared while slices that are not on screen have to wait
        self._go_on.set()
        self.job = LatestJob("Undersampling", self._on_undersampled)
        # Once the labels of a scan are there too: napari selects what comes last.
        self._select_soon = qdebounced(self._select_image, timeout=0)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self._on_acquisition)
        session.picture_changed.connect(self._on_picture)
        images = [layer for layer in viewer.layers if layers.role_of(layer) == "image"]
        for layer in images[-1:]:  # it takes the place of the others
            self._adopt(viewer, layer)

    @property
    def is_busy(self) -> bool:
        """Whether pictures are not yet those of the session."""
        return self.job.is_running

    def hold_rest(self) -> None:
        """Let the slices that are not on screen wait for :meth:`go_on`, though not for ever."""
        self._go_on.clear()

    def go_on(self) -> None:
        """Let the rest of the stack come."""
        self._go_on.set()

    def close(self) -> None:
        """Stop all work."""
        self.go_on()
        self.job.cancel()

    # -- the scan comes and goes with its image layer ---------------------------------------------

    def _on_inserted(self, event: Any) -> None:
        viewer = self._viewer()
        if viewer is not None:
            self._adopt(viewer, event.value)

    def _adopt(self, viewer: Any, layer: Any) -> None:
        scan, old = layers.scan_of(layer), self.session.scan
        if scan is None or layers.role_of(layer) != "image" or scan is old:
            return
        self.job.cancel()  # what still comes would be of the old scan
        self.session.set_scan(scan)
        # Also of a scan whose image was removed before: its labels may have stayed.
        others = {id(one): one for one in (old, *map(layers.scan_of, viewer.layers))}
        for other in others.values():
            if other is not None and other is not scan:
                self._remove(viewer, other)
        if old is not None and old.name == scan.name:
            layers.rename(layer, scan.name)  # while the old one was there napari had to number it
        layers.look_at_middle(viewer, scan)
        lines = preference("models", "n_lines")
        if lines and scan.kind == "cine":
            self.session.set_acquisition(n_lines=lines)
        layers.write_notice(viewer, scan, self.session.mask)
        self._select_soon()

    def _remove(self, viewer: Any, old: Scan) -> None:
        """Take a scan away; what the user drew on it and has not saved is kept on disk."""
        self._before_removal()
        if layers.remove_scan(viewer, old):
            scan, kept = self.session.scan, preference("unsaved_labels", "keep")
            is_open = scan is not None and scan.source is not None and scan.source == old.source
            where = "see Edit" if is_open else "open it again, and see Edit"
            what = f"are kept: {where}" if kept else "were not kept"
            show_info(f"Unsaved labels of {old.name} {what}.")

    def _select_image(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            layers.select_for_looking(viewer, scan)

    def _on_removed(self, event: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if layers.scan_of(event.value) is scan and layers.role_of(event.value) == "image":
            self.close()
            self.session.set_scan(None)
            layers.write_notice(viewer, None, None)

    # -- pictures follow the acquisition ----------------------------------------------------------

    def _on_step(self, event: Any) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is not None and scan is not None:
            self._slice = layers.slice_on_screen(viewer, scan)

    def _on_acquisition(self, acquisition: Acquisition) -> None:
        viewer, scan, mask = self._viewer(), self.session.scan, self.session.mask
        if viewer is None:
            return
        if scan is None or mask is None:
            self.job.cancel()
            return
        untouched = self.session.picture == "image" and mask.is_full
        if untouched and layers.find(viewer, scan, "zero_filled") is None:
            self.job.cancel()  # a scan that was just opened is its own picture
            layers.write_notice(viewer, scan, mask)
        else:
            self._acquire()

    def _acquire(self) -> None:
        viewer, scan, measured = self._viewer(), self.session.scan, self.session.measured
        if viewer is None or scan is None or measured is None:
            return
        self._slice = layers.slice_on_screen(viewer, scan)
        self.job.request(
            _undersample_all,
            measured,
            lambda: self._slice,
            self._go_on,
            total=scan.n_slices,
        )

    def _on_picture(self, picture: Picture) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if picture == "reconstructed":
            layers.show_only(viewer, scan, picture)  # made elsewhere
        elif picture != "image" and layers.find(viewer, scan, picture) is None:
            if not self.job.is_running:
                self._acquire()  # the layer comes with the first slice
        else:
            layers.show_only(viewer, scan, picture)
        layers.write_notice(viewer, scan, self.session.mask)

    def _on_undersampled(self, result: layers.Pictures) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        is_first = layers.find(viewer, scan, "zero_filled") is None
        is_new = result.acquisition == self.session.acquisition and not self.session.computed.any()
        layers.show_undersampled(viewer, scan, result, is_new=is_new)
        if is_new:
            layers.write_notice(viewer, scan, self.session.mask)  # one drawing for both
        if is_first:
            layers.show_only(viewer, scan, self.session.picture)
        if result.acquisition == self.session.acquisition:
            self.session.mark_computed([result.z])
            if self.session.is_whole:
                layers.refresh_thumbnails(viewer, scan)


def _undersample_all(
    measured: Measured,
    on_screen: Callable[[], int],
    go_on: Event,
) -> Generator[layers.Pictures, None, None]:
    """Undersample slice after slice, always the one nearest to what is on screen.

    All but the first wait for ``go_on``, though not for ever.
    """
    left = set(measured.slices)
    while left:
        if len(left) == len(measured) - 1:
            patience_ends = monotonic() + HOLD_S
            while not go_on.wait(LOOK_S) and monotonic() < patience_ends and not is_unwanted():
                continue
        z = min(left, key=lambda z: abs(z - on_screen()))
        left.remove(z)
        yield layers.Pictures.of(measured[z], measured.acquisition)
