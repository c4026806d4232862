"""Reconstructed images of the scan that is open, slice by slice, each with what it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from psygnal import Signal

from napari_cmr.analysis.image_quality import ImageQuality, error_map
from napari_cmr.kspace import Measured
from napari_cmr.scan import Scan
from napari_cmr.viewer.core.jobs import is_unwanted
from napari_cmr.viewer.core.slice_images import (
    ImageSource,
    SliceImage,
    SliceMotion,
    SliceRecord,
    slice_of,
)
from napari_cmr.workflow.reconstruct.image_reader import SliceScore, SliceScorer
from napari_cmr.workflow.reconstruct.methods import default_method, find_method, methods
from napari_cmr.workflow.reconstruct.quality import (
    MethodQuality,
    has_full,
    mean_quality,
    quality_of,
)
from napari_cmr.workflow.reconstruct.solving import reconstruct

Overlay = Literal["none", "error", "uncertainty", "added", "motion"]

ALL_LINES = ""
"""In place of a method's name, for the full scan."""


@dataclass(eq=False)
class ImageRun:
    """What one method has given on the scan that is open.

    Attributes
    ----------
    image : ndarray, shape (T, Z, Y, X), float32
        Magnitude; zero where a slice has not been made yet. Layers show this array itself.
    std, added : ndarray, shape (T, Z, Y, X), float32, or None
    slices : dict of int to SliceRecord
        What the slices that were made came from.
    """

    image: np.ndarray
    std: np.ndarray | None = None
    added: np.ndarray | None = None
    slices: dict[int, SliceRecord] = field(default_factory=dict)


class Reconstructions:
    """Which methods are seen, with which settings, and what they gave.

    Attributes
    ----------
    known : mapping of str to Solver
        All methods, the first choice first.
    offered : tuple of str
        Those for the scan that is open, or for cines where none is, the default first.
    default, why_default : str
        Method that is chosen where the user has not, and why it is not our own network.
    chosen : tuple of str
        Methods that are seen; the image of the first is the picture where one picture is shown.
    settings : dict of str to dict
        Settings of the methods where they are not the methods' own.
    runs : dict of str to ImageRun
        What every method has given on this scan, chosen or not.
    side_by_side : bool
        Whether several methods each have a tile, beside one of the full scan.
    overlay : {"none", "error", "uncertainty", "added", "motion"}
        What is laid over their images.
    motions : dict of (str, int) to SliceMotion
        What was found last, by method, or :data:`ALL_LINES`, and slice; see :meth:`motion`.
    profile : ndarray, shape (2, 2), or None
        Ends, in rows and columns, of the line that is looked at over time.
    """

    chosen_changed = Signal()
    settings_changed = Signal(str)
    view_changed = Signal()
    """Side by side or not, another overlay, another line."""
    slice_made = Signal(str, int)
    """A method has made a slice."""
    cleared = Signal()

    def __init__(self) -> None:
        self.known = methods()
        self.default = self.why_default = ""
        self.chosen: tuple[str, ...] = ()
        self.settings: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, ImageRun] = {}
        self.side_by_side = True
        self.overlay: Overlay = "none"
        self.motions: dict[tuple[str, int], SliceMotion] = {}
        self.profile: np.ndarray | None = None
        self._scorer: SliceScorer | None = None
        self.offer_for(None)

    @property
    def first(self) -> str | None:
        """Method whose image is the picture."""
        return self.chosen[0] if self.chosen else None

    def offer_for(self, scan: Scan | None) -> None:
        """Offer the methods for a scan; choose again where the user has not, or none is for it."""
        cine, before = scan is None or scan.n_frames > 1, self.default
        self.default, self.why_default = default_method(cine=cine)
        fit = (name for name, one in self.known.items() if one.takes(cine=cine))
        self.offered = tuple(dict.fromkeys((self.default, *fit)))
        fitting = tuple(name for name in self.chosen if name in self.offered)
        self.choose(fitting if fitting not in ((), (before,)) else (self.default,))

    def choose(self, methods: Iterable[str]) -> None:
        """See these methods; what others gave is kept."""
        chosen = tuple(dict.fromkeys(methods))
        if chosen != self.chosen:
            self.chosen = chosen
            self.chosen_changed.emit()

    def set_settings(self, method: str, settings: Mapping[str, Any]) -> None:
        """Take other settings of a method."""
        if dict(settings) != self.settings.get(method, {}):
            self.settings[method] = dict(settings)
            self.settings_changed.emit(method)

    def look(self, *, side_by_side: bool | None = None, overlay: Overlay | None = None) -> None:
        """Look at the images in another way."""
        self.side_by_side = self.side_by_side if side_by_side is None else side_by_side
        self.overlay = self.overlay if overlay is None else overlay
        self.view_changed.emit()

    def set_profile(self, ends: np.ndarray | None) -> None:
        """Look at the line between two places (2, 2), in rows and columns, or at none."""
        self.profile = ends
        self.view_changed.emit()

    def clear(self) -> None:
        """Forget what was made, and where it was looked at: another scan comes."""
        self.runs, self.motions, self.profile = {}, {}, None
        self.cleared.emit()

    def take(self, made: SliceImage, n_slices: int, stands_for: str | None = None) -> None:
        """Keep a slice, in place of what its method made of it before.

        It may stand for the image of another method, until that is there.
        """
        method, (n_frames, height, width) = stands_for or made.source.method, made.image.shape
        shape = (n_frames, n_slices, height, width)
        run = self.runs.get(method)
        if run is None:
            run = self.runs[method] = ImageRun(np.zeros(shape, np.float32))
        before = run.slices.pop(made.z, None)
        run.image[:, made.z] = made.image
        run.std = _with_slice(run.std, made.z, made.std, shape)
        run.added = _with_slice(run.added, made.z, made.added, shape)
        run.slices[made.z] = (
            SliceRecord(made.source, made.seconds)
            if before is None
            else replace(before, source=made.source, seconds=made.seconds)
        )
        if made.is_judged:
            self.judge(made.source, made.z, made.quality)
        self.slice_made.emit(method, made.z)

    def judge(self, source: ImageSource, z: int, quality: ImageQuality | None) -> None:
        """Take down how close a slice comes to the full scan."""
        slices = self.runs[source.method].slices
        slices[z] = replace(slices[z], quality=quality, judged=source)

    def percent(self, scan: Scan, method: str, z: int, frame: int) -> np.ndarray | None:
        """What is laid over a frame (Y, X) of a method, in percent of the slice's brightest pixel.

        None where nothing is to be, or the method does not know it.
        """
        kind, run, full = self.overlay, self.runs[method], np.abs(scan.image[:, z])
        if kind in ("none", "motion") or z not in run.slices:
            return None
        peak = float(full.max())
        if kind == "error":
            if not has_full(scan, z):
                return None
            return 100 * error_map(run.image[frame, z], full[frame], peak)
        values = run.std if kind == "uncertainty" else run.added
        return None if values is None else 100 * values[frame, z] / peak

    def read(self, source: ImageSource, z: int, score: SliceScore | None) -> None:
        """Take down what a segmenter of full images reads in a slice."""
        slices = self.runs[source.method].slices
        slices[z] = replace(slices[z], score=score, read=source)

    def scorer(self, scan: Scan) -> SliceScorer:
        """What reads the images of a scan, the same until another scan comes."""
        if self._scorer is None or self._scorer.scan is not scan:
            self._scorer = SliceScorer(scan)
        return self._scorer

    def left(self, source: ImageSource, scan: Scan) -> set[int]:
        """Slices of a scan that are not made, not judged, or not read, of that source."""
        reads = self.scorer(scan).belongs
        records = ((z, self.record(source.method, z)) for z in range(scan.n_slices))
        return {
            z
            for z, one in records
            if one is None
            or one.source != source
            or one.judged != source
            or (reads and one.read != source)
        }

    def summary(self) -> tuple[MethodQuality, ...]:
        """Quality of every chosen method, over the slices that are of its newest source."""
        found = []
        for method in self.chosen:
            run = self.runs.get(method)
            judged = {} if run is None else {z: one for z, one in run.slices.items() if one.quality}
            if not judged:
                continue
            newest = list(judged.values())[-1].judged
            assert newest is not None
            own = {z: one.quality for z, one in judged.items() if one.judged == newest}
            found.append(
                MethodQuality(
                    method,
                    newest.settings,
                    newest.acquisition,
                    tuple(sorted(own)),
                    mean_quality([one for one in own.values() if one is not None]),
                    find_method(method).notices(newest.settings),
                )
            )
        return tuple(found)

    def made(self, source: ImageSource, z: int, *, judged: bool = False) -> np.ndarray | None:
        """Copy (T, Y, X) of a slice that is of that source; None where there is none.

        From any thread: a slice that is being replaced has no record. One that has not been
        compared with the full scan is none where it is to be ``judged``, as phases are not kept.
        """
        run, record = self.runs.get(source.method), self.record(source.method, z)
        if run is None or record is None or record.source != source:
            return None
        if judged and record.judged != source:
            return None
        image: np.ndarray = run.image[:, z].copy()
        return image if self.record(source.method, z) is record else None

    def motion(self, method: str, z: int) -> SliceMotion | None:
        """Motion in the image that a method has made of a slice; None where it is of another one.

        Of the full scan where the method is :data:`ALL_LINES`.
        """
        found, record = self.motions.get((method, z)), self.record(method, z)
        source = None if record is None else record.source
        known = method == ALL_LINES or record is not None
        return found if found is not None and known and found.source == source else None

    def record(self, method: str, z: int) -> SliceRecord | None:
        """What a method's slice came from; None where there is none yet."""
        run = self.runs.get(method)
        return None if run is None else run.slices.get(z)


def _with_slice(
    whole: np.ndarray | None, z: int, part: np.ndarray | None, shape: tuple[int, ...]
) -> np.ndarray | None:
    """What is known of a stack (T, Z, Y, X) with another slice; zero where nothing is."""
    if whole is None and part is None:
        return None
    whole = np.zeros(shape, np.float32) if whole is None else whole
    whole[:, z] = 0 if part is None else part
    return whole


def image_for(
    images: Reconstructions,
    scan: Scan,
    measured: Measured,
    method: str,
    settings: Mapping[str, Any],
) -> tuple[SliceImage | None, np.ndarray]:
    """Magnitude (T, Y, X) that a method makes of the one slice that was measured; in a thread.

    Returns
    -------
    made : SliceImage or None
        Where it was not there yet.
    image : ndarray
    """
    whole = find_method(method).parse(settings).model_dump(mode="json")
    source = ImageSource(method, whole, measured.acquisition)
    (z,) = measured.slices
    found = images.made(source, z)
    if found is not None:
        return None, found
    result = reconstruct(measured, method, settings, stop=is_unwanted)
    made = slice_of(result, source)
    return replace(made, is_judged=True, quality=quality_of(scan, result).get(z)), made.image
