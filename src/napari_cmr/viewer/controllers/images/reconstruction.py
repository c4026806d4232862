"""Keeps the images of the chosen methods up to date with the session's scan and lines."""

from collections.abc import Callable, Iterable
from functools import partial
from time import perf_counter
from typing import Any
from weakref import ref

from psygnal import Signal
from superqt.utils import qthrottled

from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.images.reconstruction_jobs import (
    Failed,
    JudgedSlice,
    MadeSlice,
    Progress,
    ReadSlice,
    Wanted,
    reconstruct_all,
    stand_in_for,
)
from napari_cmr.viewer.core.jobs import LatestJob, message_for
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.core.slice_images import ImageSource, old_image_text

PATIENCE_S = 0.7
"""A slice that takes longer gives way to newer lines before it is there."""

NOT_MADE = "not made of this slice yet"

MARK_AFTER_MS = 400
"""While images follow the lines most come sooner than this, and nothing flickers."""


class LiveReconstruction:
    """One viewer's reconstruction: which methods, whether they follow the lines, how they fare.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    show_tiles : callable
        Shows images side by side; none to show one picture again.
    hold_rest, go_on : callable
        Let other work on what is not on screen wait for the image that is, and go on.

    Attributes
    ----------
    known : mapping of str to Solver
        All methods, the first choice first.
    follows : bool
        Whether every change of the acquisition reconstructs again.
    errors : dict of str to str
        Why the last run of a method failed; what it gave before is still there.
    progress : Progress
        How far the run is.
    """

    changed = Signal()

    def __init__(
        self,
        viewer: Any,
        session: Session,
        *,
        show_tiles: Callable[[tuple[layers.MethodTile, ...]], None],
        hold_rest: Callable[[], None],
        go_on: Callable[[], None],
    ) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.images = session.reconstructions
        self.known = self.images.known
        self._show_tiles, self._hold_rest, self._go_on = show_tiles, hold_rest, go_on
        self.follows = False
        self.errors: dict[str, str] = {}
        self._seconds: dict[str, float] = {}
        self.progress = Progress()
        self._heard = 0.0
        self._slice = 0  # read by the thread that computes: the slice on screen comes first
        self._mark_soon = qthrottled(self._mark_late, timeout=MARK_AFTER_MS, leading=False)
        self.job = LatestJob("Reconstructing", self._on_result)
        self.job.running_changed.connect(self._on_running)
        viewer.dims.events.current_step.connect(self._on_step)
        session.acquisition_changed.connect(self._on_acquisition)
        session.scan_changed.connect(self._on_scan)
        session.picture_changed.connect(self._on_picture)
        self.images.settings_changed.connect(self._on_settings)
        self.images.slice_made.connect(self._on_made)
        self.images.view_changed.connect(self._show)
        self._on_step()

    # -- what the user chooses --------------------------------------------------------------------

    @property
    def methods(self) -> tuple[str, ...]:
        """The chosen methods; the image of the first is the picture."""
        return self.images.chosen

    def source(self, method: str) -> ImageSource:
        """What an image of a method would be made from now."""
        settings = self.known[method].parse(self.images.settings.get(method))
        return ImageSource(method, settings.model_dump(mode="json"), self.session.acquisition)

    def set_methods(self, chosen: Iterable[str]) -> None:
        """See these methods from now on, several of them side by side."""
        before = self.methods
        self.images.choose(chosen)
        if self.methods == before:
            return
        self._show()
        if not self.methods:
            self.job.cancel()
        elif self.follows:
            self._run()
        self.changed.emit()

    def set_follows(self, follows: bool) -> None:
        """Reconstruct at every change of the lines, or only when asked."""
        if follows != self.follows:
            self.follows = follows
            if follows:
                self._run()
                self.look()
            self.changed.emit()

    def run(self) -> None:
        """Reconstruct the scan from the lines that are chosen now, and look at it."""
        self._run()
        self.look()
        self.changed.emit()

    def cancel(self) -> None:
        """Stop; the slices that are there stay."""
        self.job.cancel()

    def look(self) -> None:
        """Look at the reconstructed picture."""
        self.session.set_picture("reconstructed")

    def ensure(self) -> None:
        """Follow the lines from now on if the picture that is looked at was never made."""
        made = any(method in self.images.runs for method in self.methods)
        if not made and not self.job.is_running:
            self.set_follows(True)

    # -- how it goes ------------------------------------------------------------------------------

    def is_judged(self, method: str, z: int) -> bool:
        """Whether the quality of a slice is that of what is chosen now."""
        record = self.images.record(method, z)
        return record is not None and record.judged == self.source(method)

    def old_text(self, method: str, z: int) -> str:
        """Say what a slice came from, where that is not what is chosen now; empty where it is."""
        scan, record = self.session.scan, self.images.record(method, z)
        if scan is None or record is None:
            return ""
        return old_image_text(record.source, self.source(method), scan.n_phase_encodes)

    def old_numbers_text(self, method: str, z: int) -> str:
        """Say what the quality of a slice was measured of, where that is not what is chosen now."""
        scan, record = self.session.scan, self.images.record(method, z)
        if scan is None or record is None or record.judged is None:
            return ""
        return old_image_text(record.judged, self.source(method), scan.n_phase_encodes)

    @property
    def slice_on_screen(self) -> int:
        """0-based slice that is looked at."""
        return self._slice

    # -- running ----------------------------------------------------------------------------------

    def _run(self) -> None:
        viewer, scan, measured = self._viewer(), self.session.scan, self.session.measured
        if viewer is None or scan is None or measured is None or not self.methods:
            return
        sources = {one: self.source(one) for one in self.methods}
        left = {one: (source, self.images.left(source, scan)) for one, source in sources.items()}
        stand_in = stand_in_for(scan, [self.known[one] for one in self.methods], self._seconds)
        scorer, made = self.images.scorer(scan), partial(self.images.made, judged=True)
        wanted = Wanted(scan, measured, left, made, scorer, stand_in)
        self.errors, now = {}, perf_counter()
        if self.job.is_running and now - self._heard > PATIENCE_S:
            self.job.cancel()  # what is at work is slow, and not wanted any more
        if not self.job.is_running:
            self._heard = now
        loads = next((one for one in self.methods if self.known[one].weights is not None), "")
        self.progress = Progress(wanted.n_slices, loads=loads, begun=now)
        self.job.has_bar = not self.follows
        if not wanted.n_slices:
            self.job.cancel()
            self._show()
            return
        self._hold_rest()  # what is on screen comes first
        self.job.request(
            reconstruct_all,
            wanted,
            lambda: self._slice,
            self.progress.tell,
            total=3 * wanted.n_slices,
        )

    def _on_result(self, result: Any) -> None:
        scan = self.session.scan
        if scan is None or result.scan is not scan:
            return
        self._heard = perf_counter()
        if isinstance(result, Failed):
            doing = f"Reconstructing with {result.method}"
            self.errors[result.method] = message_for(result.error, doing)
        elif isinstance(result, JudgedSlice):
            self.images.judge(result.source, result.z, result.quality)
        elif isinstance(result, ReadSlice):
            self.progress.done += result.alone
            self.images.read(result.source, result.z, result.score)
        else:
            if result.stands_for is None:
                self.progress.add()
                self._seconds[result.made.source.method] = result.made.seconds
            self.images.take(result.made, scan.n_slices, result.stands_for)
        if not (isinstance(result, MadeSlice) and result.stands_for):
            self._go_on()  # what is on screen is there
        self.changed.emit()

    def _on_made(self, method: str, z: int) -> None:
        if len(self.images.runs[method].slices) == 1:
            self._show()  # there is another image to look at
        elif z == self._slice:
            self._draw(method)
        self.changed.emit()

    def _on_running(self, running: bool) -> None:
        if not running:
            self._go_on()
        self.changed.emit()

    # -- something changed ------------------------------------------------------------------------

    def _show(self) -> None:
        """Draw the picture, or the tiles, and what lies over them."""
        viewer, scan, first = self._viewer(), self.session.scan, self.images.first
        if viewer is None or scan is None:
            return
        if first in self.images.runs:
            layers.show_reconstructed(viewer, scan, self.images.runs[first].image, first)
        self._show_tiles(self._tiles())
        if self.session.picture == "reconstructed":
            layers.show_only(viewer, scan, "reconstructed")
        layers.write_notice(viewer, scan, self.session.mask)
        self._mark()
        self._show_over()

    def _draw(self, method: str) -> None:
        """Draw the slice on screen again, which a method has made anew."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if method == self.images.first:
            layers.show_reconstructed(viewer, scan, self.images.runs[method].image, method)
        layers.refresh_method_tile(viewer, scan, method)
        self._mark()
        self._show_over()

    def _tiles(self) -> tuple[layers.MethodTile, ...]:
        """What is to be side by side: the full scan, then what each chosen method has made."""
        viewer, scan = self._viewer(), self.session.scan
        full = layers.find(viewer, scan, "image")
        made = [method for method in self.methods if method in self.images.runs]
        wanted = self.images.side_by_side and self.session.picture == "reconstructed"
        if scan is None or full is None or not wanted or len(made) < 2:
            return ()
        of_all = f" of {scan.n_phase_encodes}"  # said over the first tile; a tile is narrow
        every = f"all {scan.n_phase_encodes} lines"
        now = layers.lines_text(self.session.mask).replace(of_all, "") or every
        tiles = [layers.MethodTile(layers.FULL, full.data, every.capitalize())]
        for method in made:
            old = self._old_on_screen(method)
            name = f"⚠ {method}, {old.replace(of_all, '')}" if old else f"{method}, {now}"
            image, invents = self.images.runs[method].image, self._invents(method)
            tiles.append(layers.MethodTile(method, image, name, bool(old), invents))
        return tuple(tiles)

    def _show_over(self) -> None:
        """Lay error, uncertainty or what was added over the frame on screen, and the line."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        tiled = layers.tiled_methods(viewer, scan)
        shown = layers.shown_method(viewer, scan)
        places = {method: method for method in tiled}
        frame = layers.frame_on_screen(viewer, scan)
        if not tiled and shown is not None and self.session.picture == "reconstructed":
            places = {layers.PICTURE: shown}
        for place, method in places.items():
            percent = self.images.percent(scan, method, self._slice, frame)
            layers.show_overlay(viewer, scan, place, percent, self.images.overlay)
        if not tiled:
            layers.show_picture_overlay(viewer, scan, bool(places))

    def _mark(self) -> None:
        """Say of the picture what it came from, and grey it while that is not chosen now.

        What is about to be made again is given a moment.
        """
        old = any(
            self.old_text(one, self._slice) and not self._stands_now(one) for one in self.methods
        )
        at_once = self.follows or any(self._slides(method) for method in self.methods)
        if at_once and self.job.is_running and old:
            self._mark_soon()
        else:
            self._mark_now()

    def _mark_late(self) -> None:
        """Mark what has not come by now."""
        if self.job.is_running and 1000 * (perf_counter() - self._heard) < MARK_AFTER_MS:
            self._mark_soon()
        else:
            self._mark_now()

    def _mark_now(self) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        shown = layers.shown_method(viewer, scan)
        if shown is None:
            return
        tiles = self._tiles()
        if tiles:
            self._show_tiles(tiles)
        record, old = self.images.record(shown, self._slice), self._old_on_screen(shown)
        by = None if record is None else record.source.method
        marks = "" if self._stands_now(shown) else old, self._invents(shown), by
        if layers.mark_reconstructed(viewer, scan, *marks) and not tiles:
            layers.write_notice(viewer, scan, self.session.mask)

    def _old_on_screen(self, method: str) -> str:
        """What the slice on screen came from, if not from what is chosen now."""
        if self.images.record(method, self._slice) is None:
            return NOT_MADE
        return self.old_text(method, self._slice)

    def _slides(self, method: str) -> bool:
        """Whether an image is there that follows a slider of its method."""
        return method in self.images.runs and self.known[method].settings.has_slider()

    def _invents(self, method: str) -> str:
        """What is to be said of the slice on screen where its details may be invented."""
        record = self.images.record(method, self._slice)
        if record is None:
            return ""
        notices = self.known[record.source.method].notices(record.source.settings)
        return " ".join(one.text for one in notices)

    def _stands_now(self, method: str) -> bool:
        """Whether the slice on screen is another method's, of the lines that are chosen now."""
        record = self.images.record(method, self._slice)
        return (
            record is not None
            and record.source.method != method
            and record.source.acquisition == self.session.acquisition
        )

    def _on_step(self, event: Any = None) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        z = layers.slice_on_screen(viewer, scan)
        if z != self._slice:
            self._slice = z
            self._mark()
            self.changed.emit()
        self._show_over()

    def _on_acquisition(self, _acquisition: Any) -> None:
        if self.follows:
            self._run()
        self._mark()
        self.changed.emit()

    def _on_picture(self, _picture: Any) -> None:
        self._show()

    def _on_settings(self, method: str) -> None:
        if method in self.methods and (self.follows or self._slides(method)):
            self._run()
        self._mark()
        self.changed.emit()

    def _on_scan(self, scan: Scan | None) -> None:
        self.job.cancel()
        self.errors = {}
        self.follows = False
        self.images.offer_for(scan)
        self._on_step()
        self.changed.emit()
