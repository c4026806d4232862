"""The scripted tour: numbered pictures of the whole window, and a short movie of it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.ndimage import binary_dilation

from napari_cmr.scan import Label, Scan, save_image
from napari_cmr.viewer import layers
from napari_cmr.viewer.window.event_loop import close_messages, run_until, settle
from napari_cmr.viewer.window.workspace import (
    ACQUIRE,
    COMPARE,
    CONSISTENCY,
    EDIT,
    FUNCTION,
    PROFILE,
    READING,
    RECONSTRUCT,
    SCAN,
    SEGMENT,
    TRADE_OFF,
    dock_of,
    raise_dock,
)
from napari_cmr.viewer.workbench import workbench_of
from napari_cmr.workflow.reading.making import Source, StudySettings, make_study
from napari_cmr.workflow.reconstruct.methods import default_method

LINES = (None, 20, 10, 4, 1)
"""Lines per frame, one after the other; None is every line."""

IMAGE_LINES = 20
"""Lines per frame that images are made of."""
BESIDE = ("view-sharing", "average")
"""What makes images beside the first choice."""

MOTION_ZOOM = 2.2
"""So much nearer than the whole picture: arrows are small."""

READ, READ_LINES = ("view-sharing", "average"), 24
"""What readers see in the picture of the reading panel."""

REPEATS = 5
MOVIE_WIDTH, MOVIE_BEATS, MOVIE_COLOURS = 640, 6, 96
STILL_MS, BEAT_MS = 1500, 130
PATIENCE_S = 3600.0
BRUSH_RADIUS = 2


class Tour:
    """Shows what acceleration costs, step by step.

    Parameters
    ----------
    viewer : napari.Viewer
        With the workspace open.
    scan : Scan
        The scan that it shows.
    folder : path
        Where pictures (``NN-NAME.png``) and the movie (``tour.gif``) go.
    models : sequence of str
        Models that can be run, the first of which follows the lines.
    """

    def __init__(self, viewer: Any, scan: Scan, folder: Path, models: tuple[str, ...]) -> None:
        self.viewer, self.scan, self.folder, self.models = viewer, scan, folder, models
        self.workbench = workbench_of(viewer)
        self.session = self.workbench.session
        self.segmentation = self.workbench.segmentation
        first, _ = default_method(cine=scan.n_frames > 1)
        self.methods = tuple(dict.fromkeys((first, *BESIDE)))
        self._number = 0
        self._movie: list[tuple[Any, int]] = []

    def run(self) -> None:
        """Take all pictures, then write the movie."""
        self._wait()
        raise_dock(self.viewer, FUNCTION)
        self._take("open", SCAN)
        self._show_lines()
        self._show_average()
        self._show_images()
        self._show_end_systole()
        if self.models:
            self._show_models()
            self._show_consistency()
            self._show_trade_off()
            self._show_comparison()
        if self.session.labels_layer is not None:
            self._show_bulls_eye()
            self._show_edit()
        self._show_reading()
        self._write_movie()

    # -- the steps --------------------------------------------------------------------------------

    def _show_lines(self) -> None:
        if self.models:
            self.segmentation.set_models(self.models[:1])
            self.segmentation.set_follows(True)
        for n_lines in LINES:
            self.session.set_acquisition(n_lines=n_lines)
            self._take("full" if n_lines is None else f"{n_lines}-lines", ACQUIRE)
            self._film_a_beat()

    def _show_average(self) -> None:
        self.session.set_acquisition(n_lines=10)
        self.session.set_picture("temporal_average")
        self._take("temporal-average", ACQUIRE)
        self.session.set_picture("zero_filled")

    def _show_images(self) -> None:
        """What methods make of the same lines, beside the full scan, and where they are wrong."""
        reconstruction = self.workbench.reconstruction
        images, line = self.session.reconstructions, self.workbench.line_over_time
        before = reconstruction.methods
        self.session.set_acquisition(n_lines=IMAGE_LINES)
        self._wait()
        reconstruction.set_methods(self.methods)
        reconstruction.run()
        z = reconstruction.slice_on_screen
        self._wait(lambda: all(reconstruction.is_judged(one, z) for one in self.methods))
        reconstruction.cancel()
        line.set_shown(self.scan.n_frames > 1)
        raise_dock(self.viewer, PROFILE)
        self._take("reconstructed", RECONSTRUCT)
        images.look(overlay="error")
        self._take("reconstruction-error", RECONSTRUCT)
        line.set_shown(False)
        if self.scan.n_frames > 1:
            self._show_motion(z)
        images.look(overlay="none")
        raise_dock(self.viewer, FUNCTION)
        reconstruction.set_methods(before)
        self.session.set_picture("zero_filled")
        self.session.set_acquisition(n_lines=10)

    def _show_motion(self, z: int) -> None:
        """Arrows in the frame in which tissue is farthest from where it was."""
        images, motion = self.session.reconstructions, self.workbench.motion
        images.look(overlay="motion")
        self._wait(lambda: len(motion.shown()) > len(self.methods) and not motion.job.is_running)
        before = layers.frame_on_screen(self.viewer, self.scan)
        full, camera = motion.shown()[layers.FULL].motion, self.viewer.scene.camera
        centre, zoom = tuple(camera.center[-2:]), camera.zoom
        if len(full.places):
            farthest = int(full.distance.mean(axis=1).argmax())
            layers.go_to(self.viewer, self.scan, frame=farthest, z=z)
            y, x = full.places.mean(axis=0) * self.scan.spacing[1:]
            layers.look_at(self.viewer, (y, x), MOTION_ZOOM * zoom)
        self._take("motion", RECONSTRUCT)
        layers.look_at(self.viewer, centre, zoom)
        layers.go_to(self.viewer, self.scan, frame=before, z=z)

    def _show_end_systole(self) -> None:
        self._wait()
        function = self.session.function
        frame = None if function is None else function.lv.es_frame
        if frame is not None:
            layers.go_to(self.viewer, self.scan, frame=frame)
            self._take("end-systole", SEGMENT)

    def _show_models(self) -> None:
        """All models on the same lines, side by side."""
        if len(self.models) > 1:
            self.segmentation.set_models(self.models)
            self._take("side-by-side", SEGMENT)
            self.segmentation.set_models(self.models[:1])
        self.segmentation.set_follows(False)

    def _show_consistency(self) -> None:
        dock = dock_of(self.viewer, CONSISTENCY)
        dock.repeats.setValue(REPEATS)
        dock.repeating.run()
        self._wait(lambda: not dock.repeating.job.is_running)
        raise_dock(self.viewer, CONSISTENCY)
        self._take("consistency", ACQUIRE)
        dock.repeating.set_on_image(False)

    def _show_trade_off(self) -> None:
        dock = dock_of(self.viewer, TRADE_OFF)
        dock.seeds.setValue(1)
        dock.sweeping.models, dock.sweeping.lines = self.models[:2], tuple(reversed(LINES))
        dock.sweeping.methods = BESIDE[:1]  # a network's sweep would take many minutes
        dock.sweeping.run()
        self._wait(lambda: not dock.sweeping.sweeping.is_running)
        raise_dock(self.viewer, TRADE_OFF)
        self._take("trade-off", ACQUIRE)

    def _show_comparison(self) -> None:
        """The first model beside the reference, where the scan came with one."""
        raise_dock(self.viewer, FUNCTION)
        dock = raise_dock(self.viewer, COMPARE)
        place = dock.second.findText(self.models[0])
        if self.scan.labels is None or place < 0:
            return
        dock.second.setCurrentIndex(place)
        self._wait(lambda: dock.comparison is not None and not dock.comparing.job.is_running)
        dock.overlay.setChecked(True)
        self._take("compare", COMPARE)
        dock.overlay.setChecked(False)

    def _show_bulls_eye(self) -> None:
        """The wall in 17 segments; a click on one leads to its slice."""
        raise_dock(self.viewer, FUNCTION)
        self._wait()
        segments = dock_of(self.viewer, FUNCTION).segments
        self._wait(lambda: segments.found is not None and not segments.job.is_running)
        values = segments.picture.values
        found = np.isfinite(values[6:12]).any()
        segment = int(6 + np.nanargmin(values[6:12])) if found else None
        if segment is not None:
            segments.picture.clicked.emit(segment)
        self._take("bulls-eye", SEGMENT)
        if segment is not None:
            segments.picture.clicked.emit(segment)  # and away with its outline

    def _show_edit(self) -> None:
        """The slice on screen as a reader would correct it; the numbers follow."""
        layer = self.session.labels_layer
        frame = layers.frame_on_screen(self.viewer, self.scan)
        z = layers.slice_on_screen(self.viewer, self.scan)
        labels = layer.data[frame, z]
        corrected = labels.copy()
        if self.scan.labels is not None and frame in self.scan.labelled_frames:
            corrected = self.scan.labels[frame, z]
        if np.array_equal(corrected, labels):  # a stroke along the inner border of the wall
            near = binary_dilation(labels == Label.LV, iterations=BRUSH_RADIUS)
            corrected = np.where(near & (labels == Label.MYO), int(Label.LV), labels)
        where = np.nonzero(corrected != labels)
        if where[0].size:
            place = (np.full(where[0].size, frame), np.full(where[0].size, z), *where)
            layers.paint(layer, place, corrected[where])
        self._take("edit", EDIT)
        if where[0].size:
            layers.undo(layer)

    def _show_reading(self) -> None:
        """What readers of a small study see, which is made of the scan and goes again."""
        with TemporaryDirectory() as folder:
            cine, study = Path(folder) / "cine.nii.gz", Path(folder) / "study"
            save_image(cine, np.abs(self.scan.image), self.scan)
            make_study([Source(cine)], study, StudySettings(methods=READ, lines=str(READ_LINES)))
            dock = raise_dock(self.viewer, READING)
            dock.open_study(str(study))
            dock.code.setText("r1")
            dock.start()
            screen = dock.screen_of_reader
            screen.stop()
            settle()
            screen.grab().save(str(self._next("reading-screen")))
            screen.close()

    # -- pictures ---------------------------------------------------------------------------------

    def _wait(self, is_done: Callable[[], bool] | None = None) -> None:
        """Until nothing is computed any more, and something else holds."""
        wall = dock_of(self.viewer, FUNCTION).segments.job

        def is_quiet() -> bool:
            jobs = (self.segmentation.job, wall)
            return not (self.workbench.is_busy or any(job.is_running for job in jobs))

        run_until(lambda: is_quiet() and (is_done is None or is_done()), PATIENCE_S)

    def _take(self, name: str, dock: str) -> None:
        """Take a picture with a dock of the right-hand column in front."""
        raise_dock(self.viewer, dock)
        self._wait()
        settle()  # what is measured once everything is quiet begins now
        self._wait()
        settle()
        close_messages()
        target = str(self._next(name))
        self._film(self.viewer.screenshot(target, canvas_only=False, flash=False), STILL_MS)

    def _next(self, name: str) -> Path:
        self._number += 1
        return self.folder / f"{self._number:02d}-{name}.png"

    def _film_a_beat(self) -> None:
        """A few frames of the heart cycle, with the numbers that belong to them."""
        if self.scan.n_frames < MOVIE_BEATS:
            return
        for frame in np.linspace(0, self.scan.n_frames, MOVIE_BEATS, endpoint=False).astype(int):
            layers.go_to(self.viewer, self.scan, frame=int(frame))
            settle(30)
            self._film(self.viewer.screenshot(canvas_only=False, flash=False), BEAT_MS)
        layers.go_to(self.viewer, self.scan, frame=0)

    def _film(self, picture: np.ndarray, milliseconds: int) -> None:
        from PIL import Image

        image = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
        height = round(MOVIE_WIDTH * image.height / image.width)
        small = image.resize((MOVIE_WIDTH, height), Image.Resampling.LANCZOS)
        self._movie.append((small, milliseconds))

    def _write_movie(self) -> None:
        from PIL import Image

        from napari_cmr.scan.atomic import atomic_path

        palette = self._movie[0][0].quantize(MOVIE_COLOURS)
        frames = [
            image.quantize(palette=palette, dither=Image.Dither.NONE) for image, _ in self._movie
        ]
        with atomic_path(self.folder / "tour.gif") as target:
            frames[0].save(
                target,
                format="GIF",
                save_all=True,
                append_images=frames[1:],
                duration=[milliseconds for _, milliseconds in self._movie],
                loop=0,
                optimize=True,
            )
