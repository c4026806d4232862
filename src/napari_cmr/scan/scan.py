"""A scan of a heart: image, geometry, timing, subject, and reference labels if there are any."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry
from napari_cmr.scan.heart_views import LONG_AXES, VIEW_NAMES, View
from napari_cmr.scan.labels import Label
from napari_cmr.scan.notices import Notice
from napari_cmr.scan.raw_kspace import RawKSpace
from napari_cmr.scan.subject import Subject
from napari_cmr.scan.summary import Summarised, counted

_LARGEST = 1e15
"""Above what any scanner stores; sums of squares of such values stay within single precision."""


class ScanWarning(UserWarning):
    """Something about a scan was repaired or guessed; the scan's notes say what."""


@dataclass(frozen=True, eq=False, repr=False)
class Scan(Summarised):
    """An image stack over the cardiac cycle and all that is known about it.

    Attributes
    ----------
    image : ndarray, shape (T, Z, Y, X), float32 or complex64
        Cardiac phase, slice, row, column. Magnitude for most scans, complex for raw data. A still
        stack (LGE) has T = 1.
    geometry : Geometry
    name : str
        Short name for layers, tables and reports; no patient identifiers.
    source : Path or None
        File or folder that it was read from.
    frame_times_ms : ndarray, shape (T,), or None
        Time of each frame after the R wave, in ms.
    cycle_ms : float or None
        Length of the heart cycle (R-R interval) in ms.
    n_beats : float
        Heart cycles that the frames span: more than 1 for a real-time scan of several beats.
    subject : Subject
    labels : ndarray of uint8, shape (T, Z, Y, X), or None
        Reference labels in the numbering of :class:`Label`; zero in frames that nobody labelled.
    labels_left_out : str or None
        Why labels that lie beside the image were not taken.
    model_labels : Path or None
        Label file beside the image that a model made: it is no reference, so that ``labels`` does
        not hold it.
    labelled_frames : tuple of int
        Frames whose labels are meaningful; empty without labels.
    ed_frame, es_frame : int or None
        End-diastolic and end-systolic frame *marked in the data* (0-based), if any.
    source_frames : tuple of int or None
        0-based frame numbers in the original cine, where this scan is an excerpt of it.
    phase_encode_axis : {"Y", "X"}
        Image axis along which k-space lines are counted.
    kind : {"cine", "lge", "other"}
    view : {"SAX", "2CH", "3CH", "4CH", "LAX", "other"}
        How the slices lie in the heart. Volumes are sums over slices across it, and are refused on
        the long axes.
    raw : RawKSpace or None
        The lines that the scanner measured, coil by coil and with their phase, where the file
        holds them; on the grid of the image.
    synthetic : bool
        True for phantoms and generated images; layers and reports say so.
    notes : tuple of Notice
        What was repaired, resampled, missing or guessed on the way in; shown to the user.

    Raises
    ------
    ScanError
        If shapes disagree, the image is empty or holds NaN or infinity, or a frame number is out
        of range.
    """

    image: np.ndarray
    geometry: Geometry
    name: str = "scan"
    source: Path | None = None
    frame_times_ms: np.ndarray | None = None
    cycle_ms: float | None = None
    n_beats: float = 1.0
    subject: Subject = field(default_factory=Subject)
    labels: np.ndarray | None = None
    labels_left_out: str | None = None
    model_labels: Path | None = None
    labelled_frames: tuple[int, ...] = ()
    ed_frame: int | None = None
    es_frame: int | None = None
    source_frames: tuple[int, ...] | None = None
    phase_encode_axis: Literal["Y", "X"] = "Y"
    kind: Literal["cine", "lge", "other"] = "cine"
    view: View = "SAX"
    raw: RawKSpace | None = None
    synthetic: bool = False
    notes: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        image = np.asarray(self.image)
        where = self.source or self.name
        if image.ndim != 4 or image.size == 0:
            raise ScanError(
                f"image of shape {image.shape} is not a (T, Z, Y, X) stack", source=where
            )
        if image.dtype.kind not in "biufc":
            raise ScanError(f"an image of {image.dtype.name} holds no numbers", source=where)
        wanted = np.complex64 if np.iscomplexobj(image) else np.float32
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            image = image.astype(wanted, copy=False)
        _check_values(image, where)
        object.__setattr__(self, "image", image)
        if self.geometry.n_slices != self.n_slices:
            raise ScanError(
                f"geometry of {self.geometry.n_slices} slices for an image of {self.n_slices}",
                source=where,
            )
        if self.frame_times_ms is not None:
            times = np.asarray(self.frame_times_ms, dtype=np.float64)
            if times.shape != (self.n_frames,):
                raise ScanError(
                    f"{times.size} frame times for {self.n_frames} frames", source=where
                )
            object.__setattr__(self, "frame_times_ms", times)
        if self.labels is not None:
            labels = np.asarray(self.labels)
            if labels.shape != image.shape:
                raise ScanError(
                    f"labels of shape {labels.shape} on an image of shape {image.shape}",
                    source=where,
                    remedy="labels must lie on the image's own grid",
                )
            if labels.min() < 0 or labels.max() > max(Label):
                raise ScanError("labels hold values that are not a Label", source=where)
            object.__setattr__(self, "labels", labels.astype(np.uint8, copy=False))
            if not self.labelled_frames:
                object.__setattr__(self, "labelled_frames", tuple(range(self.n_frames)))
        if self.raw is not None and (
            self.raw.kspace.shape[1:] != image.shape
            or self.raw.phase_encode_axis != self.phase_encode_axis
        ):
            raise ScanError(
                f"k-space of shape {self.raw.kspace.shape[1:]} for an image of {image.shape}",
                source=where,
            )
        frames = [*self.labelled_frames, self.ed_frame, self.es_frame]
        if any(frame is not None and not 0 <= frame < self.n_frames for frame in frames):
            raise ScanError(
                f"a marked frame lies outside the {self.n_frames} frames of the scan", source=where
            )

    def _facts(self) -> dict[str, Any]:
        dz, dy, dx = self.spacing
        labelled = None
        if self.labels is not None:
            labelled = f"in {counted(len(self.labelled_frames), 'frame')}"
        return {
            "name": repr(self.name),
            "kind": f"{self.kind}, {VIEW_NAMES[self.view]}",
            "image": f"{counted(self.n_frames, 'frame')} x {counted(self.n_slices, 'slice')} x "
            f"{self.shape[2]} x {self.shape[3]}",
            "voxels": f"{dz:.1f} x {dy:.2f} x {dx:.2f} mm",
            "labels": labelled,
            "k-space": None if self.raw is None else counted(self.raw.n_coils, "coil"),
            "cycle": None if self.cycle_ms is None else f"{self.cycle_ms:.0f} ms",
            "synthetic": "yes" if self.synthetic else None,
        }

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``(T, Z, Y, X)``."""
        t, z, y, x = self.image.shape
        return t, z, y, x

    @property
    def n_frames(self) -> int:
        """Number of cardiac phases T."""
        return int(self.image.shape[0])

    @property
    def n_slices(self) -> int:
        """Number of slices Z."""
        return int(self.image.shape[1])

    @property
    def n_phase_encodes(self) -> int:
        """Number of k-space lines of a fully sampled frame."""
        return int(self.image.shape[2 if self.phase_encode_axis == "Y" else 3])

    @property
    def spacing(self) -> tuple[float, float, float]:
        """``(dz, dy, dx)`` in mm."""
        return self.geometry.spacing

    @property
    def has_full_cycle(self) -> bool:
        """Whether the frames sample one heart cycle, not a few phases of it or several beats."""
        return self.n_frames > 2 and self.source_frames is None and self.n_beats == 1

    @property
    def is_long_axis(self) -> bool:
        """Whether the slices cut along the ventricle, so that they do not add up to a volume."""
        return self.view in LONG_AXES

    def check_volumes(self) -> None:
        """Refuse what makes no sense without volumes.

        Raises
        ------
        ScanError
            On a long-axis view.
        """
        if self.is_long_axis:
            raise ScanError(
                f"no volume or ejection fraction can be measured on a {VIEW_NAMES[self.view]} "
                "view, which cuts along the ventricle: volumes add up slices that cut across it",
                source=self.source or self.name,
                remedy="measure the short-axis stack",
            )

    def with_(self, **changes: Any) -> "Scan":
        """Copy with some attributes replaced (and everything checked again).

        Raw k-space does not outlive the image that it gave: with another image it is dropped,
        unless its own comes along.
        """
        if "image" in changes:
            changes.setdefault("raw", None)
        return replace(self, **changes)

    def select_slices(self, index: Sequence[int]) -> "Scan":
        """Scan of some of the slices, in the order given."""
        index = list(index)
        return self.with_(
            image=self.image[:, index],
            labels=None if self.labels is None else self.labels[:, index],
            geometry=self.geometry.select_slices(index),
            raw=None if self.raw is None else self.raw.select_slices(index),
        )


def _check_values(image: np.ndarray, where: str | Path) -> None:
    """Refuse values that cannot be computed with; no copy of the image is made.

    Raises
    ------
    ScanError
        If the image holds NaN or infinite values, or values beyond ``_LARGEST``.
    """
    parts = (image.real, image.imag) if np.iscomplexobj(image) else (image,)
    largest = float(np.max([np.abs([part.min(), part.max()]) for part in parts]))
    if not np.isfinite(largest):
        raise ScanError(
            "the image holds NaN or infinite values",
            source=where,
            remedy="export it again from the scanner or converter",
        )
    if largest > _LARGEST:
        raise ScanError(
            f"the image holds values of up to {largest:.1e}, which are too large to compute with",
            source=where,
            remedy="scale it down: scanners store values below 65,536",
        )
