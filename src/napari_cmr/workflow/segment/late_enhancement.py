"""From a late enhancement scan to labels and their measurement: of ventricles, or of an atrium.

Ventricles by the cascade of chen2019, which learned no label of its kind, and what is done before
and after it; the left atrium of axial slices by a U-net.
"""

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

import napari_cmr
from napari_cmr.kspace import Measured
from napari_cmr.scan import Code, Label, Notice, Scan, ScanError
from napari_cmr.workflow.measure.function import measure_scan, measure_segments, measurement_record
from napari_cmr.workflow.segment.cine import load_localiser
from napari_cmr.workflow.segment.doubts import still_doubts, wall_doubts
from napari_cmr.workflow.segment.slice_confidence import STRUCTURES
from napari_cmr.zoo import ModelChoice, default_choice, find_models, find_weights, read_card

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.late_enhancement import LgeSteps
    from napari_cmr.zoo.tasks.localisation import HeartLocation


_ATRIUM = "atrium-segmentation"
_TASKS = ("lge-segmentation", _ATRIUM)


@dataclass(frozen=True, eq=False)
class LgeSegmentation:
    """Labels that a model gave, and how it came to them.

    Attributes
    ----------
    labels : ndarray of uint8, shape (1, Z, Y, X)
        LV, MYO (with any scar in it) and RV, or the left atrium, on the scan's own grid.
    uncertainty : ndarray of float32, shape (1, Z, Y, X)
    model, preset : str
    device : str
        Where it ran.
    weights : dict of str to str
        SHA-256 of the weights, by model.
    members, views : int
        Networks that voted, and mirror images and quarter turns that each saw.
    post_processing : tuple of str
        ``dense-crf``, ``morphology`` and ``wall``, as far as they were used.
    location : HeartLocation or None
        Where the heart was taken to be; the confidence is the localiser's. None for an atrium,
        which is not looked for: its slices are labelled whole.
    seconds : dict of str to float
        Wall time of each step.
    warnings : tuple of Notice
    confidence : ndarray of float32, shape (1, Z, 3), or None
        How much of LV, MYO and RV to rely on in each slice, see
        :class:`~napari_cmr.zoo.tasks.late_enhancement.LgePrediction`; None for an atrium.
    stack_confidence : dict of float
        The same of the whole stack, by ``lv``, ``myo`` and ``rv``.
    """

    labels: np.ndarray
    uncertainty: np.ndarray
    model: str
    preset: str
    device: str
    weights: dict[str, str]
    members: int
    views: int
    post_processing: tuple[str, ...]
    location: "HeartLocation | None"
    seconds: dict[str, float]
    warnings: tuple[Notice, ...]
    confidence: np.ndarray | None = None
    stack_confidence: dict[str, float] = field(default_factory=dict)


def is_lge_model(name: str) -> bool:
    """Whether a model segments late enhancement, by the card of any of its presets."""
    return any(
        read_card(path).task in _TASKS
        for (found, _), path in find_models().items()
        if found == name
    )


def locate_lge(scan: Scan, *, device: str = "auto") -> "HeartLocation":
    """Find the heart in the plane of a still stack."""
    return load_localiser(device).locate_still(scan)


def segment_lge(
    scan: Scan,
    model: ModelChoice | None = None,
    *,
    steps: "LgeSteps | None" = None,
) -> LgeSegmentation:
    """Segment a late enhancement stack.

    Parameters
    ----------
    scan : Scan
        One frame.
    model : ModelChoice, optional
        The default for late enhancement if none is given.
    steps : LgeSteps, optional
        Ensemble, CRF, tidying; all by default. Not of atria.

    Raises
    ------
    ScanError
        If the scan has several frames or is blank, or the model cannot be run.
    """
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.late_enhancement import LgeSegmenter, LgeSteps, missing_structures

    model = model or default_choice("late enhancement")
    check_still(scan, model.name)
    if read_card(find_weights(model.name, model.preset)).task == _ATRIUM:
        return _segment_atrium(scan, model)
    if not scan.image.any():
        raise ScanError(
            "every pixel is 0, so there is nothing to segment",
            source=scan.source or scan.name,
            remedy="open another series",
        )
    steps = steps or LgeSteps()
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        seconds[step], clock = now - clock, now

    segmenter = load(model, LgeSegmenter)
    localiser = load_localiser(model.device)
    lap("load")
    location = localiser.locate_still(scan)
    lap("locate")
    found = segmenter.segment(scan, (location.row, location.column), steps)
    lap("segment")
    overall = {
        name.lower(): float(value)
        for name, value in zip(STRUCTURES, found.stack_confidence, strict=True)
    }
    used = (("dense-crf", steps.crf), ("morphology", steps.tidy), ("wall", steps.wall))
    return LgeSegmentation(
        labels=found.labels[None],
        uncertainty=found.uncertainty[None],
        model=model.name,
        preset=model.preset,
        device=str(segmenter.device),
        weights=segmenter.weights | dict(location.weights),
        members=min(steps.members or segmenter.n_members, segmenter.n_members),
        views=steps.views,
        post_processing=tuple(name for name, wanted in used if wanted),
        location=location._replace(row=found.centre[0], column=found.centre[1]),
        seconds=seconds,
        warnings=(
            *segmenter.notes,
            *localiser.notes,
            *still_doubts(scan, location, missing_structures(found.labels)),
            *wall_doubts(overall["myo"]),
        ),
        confidence=found.confidence[None],
        stack_confidence=overall,
    )


def _segment_atrium(scan: Scan, model: ModelChoice) -> LgeSegmentation:
    """Label the left atrium slice by slice."""
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.atrium import AtriumSegmenter

    clock = time.perf_counter()
    segmenter = load(model, AtriumSegmenter)
    loaded = time.perf_counter()
    found = segmenter.segment(np.abs(scan.image[0]), scan.spacing[1:])
    done = time.perf_counter()
    missing = () if found.labels.any() else ("left atrium",)
    return LgeSegmentation(
        labels=found.labels[None],
        uncertainty=found.uncertainty[None],
        model=model.name,
        preset=model.preset,
        device=str(segmenter.device),
        weights=segmenter.weights,
        members=1,
        views=1,
        post_processing=(),
        location=None,
        seconds={"load": loaded - clock, "segment": done - loaded},
        warnings=(*segmenter.notes, *still_doubts(scan, None, missing, of=1)),
    )


def measured_still(scan: Scan, measured: Measured) -> Scan:
    """Late enhancement stack as it is seen from what was measured of it.

    Parameters
    ----------
    scan : Scan
    measured : Measured
        Of all of its slices.

    Returns
    -------
    Scan
        The scan itself where all lines were measured without noise; else the magnitude of its
        zero-filled images.
    """
    if measured.mask.is_full and not measured.acquisition.noise:
        return scan
    image = np.stack([np.abs(one.zero_filled()) for one in measured], axis=1)
    return scan.with_(image=image)


def check_still(scan: Scan, model: str) -> None:
    """Refuse what is no still image.

    Raises
    ------
    ScanError
        If the scan has several frames.
    """
    if scan.n_frames != 1:
        raise ScanError(
            f"{scan.n_frames} frames: {model} labels a still image after gadolinium, not a cine",
            source=scan.source or scan.name,
            remedy="open the late enhancement series, or choose a model for cines",
        )


def lge_record(scan: Scan, result: LgeSegmentation) -> dict[str, Any]:
    """Measurement of the labels of a stack, JSON-ready, with what it was made from.

    Returns
    -------
    dict
        :func:`.measurement_record` (one frame: no ejection fraction) with the model, the digests of
        its weights, its members, the post-processing, the seconds by step, and the volume of the
        left atrium where the model labels that.
    """
    function = measure_scan(scan, labels=result.labels)
    segments = measure_segments(scan, function, labels=result.labels)
    # One frame is what this is about: no need to say that there is no ejection fraction.
    measured = tuple(one for one in function.warnings if one.code != Code.ONE_FRAME_LABELLED)
    content = measurement_record(
        scan, replace(function, warnings=measured), segments=segments, warnings=result.warnings
    )
    return content | {
        "model": result.model,
        "preset": result.preset,
        "weights": result.weights,
        "device": result.device,
        "members": result.members,
        "views": result.views,
        "post_processing": list(result.post_processing),
        "heart_confidence": None if result.location is None else result.location.confidence,
        "slice_confidence": _by_structure(result.confidence),
        "stack_confidence": {
            name: round(value, 2) for name, value in result.stack_confidence.items()
        },
        "left_atrium_ml": None if result.location is not None else atrium_ml(scan, result.labels),
        "seconds": {step: round(value, 4) for step, value in result.seconds.items()},
        "version": napari_cmr.__version__,
    }


def _by_structure(confidence: np.ndarray | None) -> dict[str, list[float]]:
    """Confidence in each slice of a still stack, two digits."""
    if confidence is None:
        return {}
    return {
        name.lower(): [round(float(value), 2) for value in confidence[0, :, k]]
        for k, name in enumerate(STRUCTURES)
    }


def atrium_ml(scan: Scan, labels: np.ndarray) -> float:
    """Volume in mL of the left atrium's cavity in the labels of a stack."""
    return float((labels == Label.LA).sum() * np.prod(scan.spacing) / 1000)
