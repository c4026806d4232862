"""From lines to labels: acquire, find the heart, segment, and say how long each step took."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import napari_cmr
from napari_cmr.analysis.pieces import Mended, mend_stack
from napari_cmr.kspace import Acquisition, Measured, undersample
from napari_cmr.scan import Notice, Scan, ScanError, Ventricle, joined
from napari_cmr.scan.summary import Summarised, counted
from napari_cmr.workflow.edit.provenance import Provenance, ef_fields, interval_fields
from napari_cmr.workflow.measure.function import measure_scan, measure_segments, measurement_record
from napari_cmr.workflow.segment.doubts import cine_doubts, model_doubts
from napari_cmr.workflow.segment.intervals import ef_intervals
from napari_cmr.workflow.segment.slice_confidence import confidence_doubts, phase_confidence
from napari_cmr.zoo import ModelChoice, default_choice

if TYPE_CHECKING:
    from napari_cmr.zoo.cavity_bounds import CavityBounds
    from napari_cmr.zoo.tasks.localisation import HeartLocation, Localiser
    from napari_cmr.zoo.tasks.segmentation import Segmenter


@dataclass(frozen=True)
class ImageMade:
    """Method, and its settings where they are not its own, of an image that was segmented."""

    method: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation(Summarised):
    """Labels that a model gave, and how it came to them.

    Attributes
    ----------
    labels : ndarray of uint8, shape (T, Z', Y, X)
        On the scan's own grid.
    uncertainty : ndarray of float16, shape (T, Z', Y, X)
        One minus the probability of the label that was given.
    slices : tuple of int
        Slices of the scan, in the order of the arrays.
    model, preset : str
    device : str
        Where it ran.
    weights : dict of str to str
        SHA-256 of the weights, by model.
    acquisition : Acquisition
        Of the lines.
    n_lines : float
        Lines per frame, the mean where frames differ.
    acceleration : float
    location : HeartLocation
        Where the heart was taken to be.
    seconds : dict of str to float
        Wall time of each step.
    warnings : tuple of Notice
    bounds : dict of CavityBounds
        Between which pixels the cavity of a ventricle lies.
    confidence : ndarray of float32, shape (T, Z', 3), or None
        How much of LV, MYO and RV to rely on in each slice, see
        :class:`~napari_cmr.zoo.tasks.segmentation.Prediction`.
    mended : tuple of (int, int)
        Frames and slices, from 0, in which labels are not as the network gave them.
    reconstruction : ImageMade or None
        Of the image that the model saw; None where it saw the lines.
    views : int
        Mirror images and quarter turns that were averaged.
    """

    labels: np.ndarray
    uncertainty: np.ndarray
    slices: tuple[int, ...]
    model: str
    preset: str
    device: str
    weights: dict[str, str]
    acquisition: Acquisition
    n_lines: float
    acceleration: float
    location: "HeartLocation"
    seconds: dict[str, float]
    warnings: tuple[Notice, ...]
    bounds: Mapping[Ventricle, "CavityBounds"] = field(default_factory=dict)
    confidence: np.ndarray | None = None
    mended: tuple[tuple[int, int], ...] = ()
    reconstruction: ImageMade | None = None
    views: int = 1

    def _facts(self) -> dict[str, Any]:
        t, z, y, x = self.labels.shape
        return {
            "model": f"{self.model} ({self.preset}), on {self.device}",
            "labels": f"{counted(t, 'frame')} x {counted(z, 'slice')} x {y} x {x}",
            "image": "none, from the lines"
            if self.reconstruction is None
            else f"reconstructed by {self.reconstruction.method}",
            "lines": f"{self.n_lines:.4g} per frame, acceleration {self.acceleration:.1f}",
            "heart": f"found with confidence {self.location.confidence:.2f}",
            "took": f"{sum(self.seconds.values()):.1f} s",
            "warnings": len(self.warnings),
        }


def load_localiser(device: str = "auto") -> "Localiser":
    """What finds hearts, see :func:`napari_cmr.zoo.load`."""
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.localisation import Localiser

    return load(default_choice("heart", device=device), Localiser)


def locate_heart(measured: Measured, *, device: str = "auto") -> "HeartLocation":
    """Find the heart in the plane from what was measured of the whole stack."""
    return load_localiser(device).locate(measured.temporal_average, measured.geometry)


class FrameLabels(NamedTuple):
    """Labels ``(F, Y, X)`` of some frames of a slice, and what the model says of them."""

    labels: np.ndarray
    warnings: tuple[Notice, ...]


def _said(
    segmenter: "Segmenter", measured: Measured, location: "HeartLocation", labels: np.ndarray
) -> tuple[Notice, ...]:
    return (
        *segmenter.notes,
        *model_doubts(segmenter.card, measured.mask),
        *cine_doubts(measured, location, labels),
    )


def segment_frames(
    measured: Measured,
    model: ModelChoice,
    *,
    z: int,
    frames: Sequence[int],
    location: "HeartLocation",
) -> FrameLabels:
    """Label some frames of a slice, in a fraction of the time of :func:`segment`.

    Labels are those that the frames have among all frames, but for rounding, before mending.

    Parameters
    ----------
    measured : Measured
    z : int
        Slice of the scan.
    frames : sequence of int
        Neighbours in the cycle.

    Raises
    ------
    ScanError
        If there is no such slice, or the model cannot be run.
    """
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.segmentation import Segmenter

    segmenter, one = load(model, Segmenter), measured.select((z,))
    labels = segmenter.segment(one, location, frames=frames).labels
    return FrameLabels(labels[:, 0], _said(segmenter, one, location, labels))


def segment(
    measured: Measured,
    model: ModelChoice | None = None,
    *,
    location: "HeartLocation | None" = None,
    views: int = 1,
    mend: bool = True,
) -> Segmentation:
    """Segment what was measured of a scan.

    Parameters
    ----------
    measured : Measured
        Of :func:`napari_cmr.kspace.undersample`. Some slices only need ``location``, which takes
        the whole stack.
    model : ModelChoice, optional
        The default for cines if none is given.
    location : HeartLocation, optional
        Where the heart is, if it is known already.
    views : int, 1 to 8
        Mirror images and quarter turns that are averaged: steadier, and as many times slower.
    mend : bool
        Whether labels of a whole stack are mended, see
        :func:`~napari_cmr.analysis.pieces.mend_stack`.

    Returns
    -------
    Segmentation

    Raises
    ------
    ScanError
        If the heart is to be found in some slices only or in a blank image, or the model cannot be
        run.
    """
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.segmentation import Segmenter

    model = model or default_choice("cine")
    seconds: dict[str, float] = {}

    def lap(step: str, since: float) -> float:
        now = time.perf_counter()
        seconds[step] = now - since
        return now

    clock = time.perf_counter()
    segmenter = load(model, Segmenter)
    localiser = load_localiser(model.device) if location is None else None
    clock = lap("load", clock)
    measured.acquire()
    clock = lap("acquire", clock)
    if location is None:
        if not measured.is_complete:
            raise ScanError("finding the heart takes the whole stack", remedy="pass its location")
        if not measured.temporal_average.any():
            raise ScanError(
                "every pixel is 0, so there is nothing to segment", remedy="open another series"
            )
        assert localiser is not None
        location = localiser.locate(measured.temporal_average, measured.geometry)
        clock = lap("locate", clock)
    prediction = segmenter.segment(measured, location, views=views)
    mended = Mended(prediction.labels, (), ())
    if mend and measured.is_complete:
        mended = mend_stack(prediction.labels)
    lap("segment", clock)
    return Segmentation(
        labels=mended.labels,
        uncertainty=prediction.uncertainty,
        slices=measured.slices,
        model=model.name,
        preset=model.preset,
        device=str(segmenter.device),
        weights=segmenter.weights | dict(location.weights),
        acquisition=measured.acquisition,
        n_lines=float(measured.mask.array.sum(axis=1).mean()),
        acceleration=measured.mask.acceleration,
        location=location,
        seconds=seconds,
        warnings=(
            *(localiser.notes if localiser is not None else ()),
            *_said(segmenter, measured, location, mended.labels),
            *mended.notices,
        ),
        mended=mended.places,
        bounds=prediction.bounds,
        confidence=prediction.confidence,
        views=views,
    )


def segment_lines(
    scan: Scan,
    acquisition: Acquisition,
    *,
    model: ModelChoice | None = None,
    views: int = 1,
    mend: bool = True,
) -> Segmentation:
    """Segment from the lines of an acquisition; see :func:`segment`.

    Each slice is acquired twice, to find the heart and to label it, and no lines are kept: they
    would take more memory than all else.
    """
    return segment(undersample(scan, acquisition, keep=False), model, views=views, mend=mend)


def provenance_of(scan: Scan, result: Segmentation) -> Provenance:
    """What goes with the labels of a segmentation of all slices."""
    function = measure_scan(scan, labels=result.labels)
    return Provenance(
        model=result.model,
        preset=result.preset,
        weights=result.weights,
        acquisition=result.acquisition,
        **ef_fields(function, ef_intervals(result.bounds, function)),
        slice_confidence=phase_confidence(result.confidence, function),
        mended=result.mended,
        warnings=joined(result.warnings, confidence_doubts(result.confidence, function)),
    )


def segmentation_record(scan: Scan, result: Segmentation) -> dict[str, Any]:
    """Measurement of a segmentation of all slices, JSON-ready, with what it was made from.

    Returns
    -------
    dict
        :func:`.measurement_record` with the model and the digests of its weights, the acquisition,
        the lines per frame, the acceleration and the seconds by step.
    """
    function = measure_scan(scan, labels=result.labels)
    segments = measure_segments(scan, function, labels=result.labels)
    doubts = joined(result.warnings, confidence_doubts(result.confidence, function))
    content = measurement_record(scan, function, segments=segments, warnings=doubts)
    return content | {
        "model": result.model,
        "preset": result.preset,
        "weights": result.weights,
        "device": result.device,
        "acquisition": {
            **result.acquisition.model_dump(mode="json"),
            "toggled": sorted(result.acquisition.toggled),
        },
        "reconstruction": None
        if result.reconstruction is None
        else {
            "method": result.reconstruction.method,
            "settings": dict(result.reconstruction.settings),
        },
        "n_lines": result.n_lines,
        "n_phase_encodes": scan.n_phase_encodes,
        "acceleration": result.acceleration,
        "views": result.views,
        "heart_confidence": result.location.confidence,
        **interval_fields(ef_intervals(result.bounds, function)),
        "mended": [list(place) for place in result.mended],
        "slice_confidence": phase_confidence(result.confidence, function),
        "seconds": {step: round(value, 4) for step, value in result.seconds.items()},
        "version": napari_cmr.__version__,
    }
