"""How far a model's probabilities can be believed, and an interval for its ejection fraction."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_cmr.analysis import cardiac_function
from napari_cmr.cohort.subjects import LabelledCine, Split, find_subjects, open_cine
from napari_cmr.cohort.tables import shown_lines
from napari_cmr.experiments.accuracy import clinical_parameters
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Label, ScanError
from napari_cmr.workflow.segment.cine import ef_interval
from napari_cmr.zoo import ModelCard, ModelChoice, find_weights, read_card
from napari_cmr.zoo.cards import write_card

LINES: tuple[int | None, ...] = (1, 4, 10, 20, None)
COVERAGE = 0.9
#: Offsets of the cavity's log-probability that are tried.
OFFSETS = np.linspace(0.0, 1.0, 21)
#: Quantiles that are tried, narrow intervals first.
QUANTILES = np.array([0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01])
PIXELS_OF_A_SLICE = 500
BINS = 15


@dataclass(frozen=True, eq=False)
class Run:
    """What one acquisition of one subject tells.

    Attributes
    ----------
    subject : str
    n_lines : int or None
    reference_ef : float
        In percent.
    cavity : tuple of two lists of ndarray, (4, rows, columns)
        Log-probabilities of the slices at the model's own ED and ES frames.
    labelled : tuple of lists of ndarray, (4, rows, columns)
        The same at the reference's ED and ES frames.
    reference_pixels : tuple of int
        Pixels in the LV cavity there.
    pixels : ndarray, shape (N, 4)
        Log-probabilities of pixels drawn at the reference's ED and ES frames.
    truth : ndarray of int, shape (N,)
        Reference labels of these pixels.
    """

    subject: str
    n_lines: int | None
    reference_ef: float
    cavity: tuple[list[np.ndarray], list[np.ndarray]]
    labelled: tuple[list[np.ndarray], ...]
    reference_pixels: tuple[int, ...]
    pixels: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """Result of :func:`calibrate`.

    Attributes
    ----------
    temperature : float
        Divides the logits (Guo et al., ICML 2017).
    log_loss, calibration_error : tuple of 2 floats
        Mean negative log-likelihood and expected calibration error of the pixels of the heart,
        before and after.
    cavity_offset, lv_quantile : float
        See :class:`~napari_cmr.zoo.cards.ModelCard`.
    volume_error : tuple of 2 floats
        Mean error of EDV and ESV in percent of the reference, at its own frames, without the
        offset and with it.
    coverage : float
        Part of the runs whose interval holds the reference EF, the quantile being found without
        the subject itself.
    coverage_by_lines, width_by_lines : dict
        The same for each line count (``full``, ``20``, ...), and the median width in points of EF.
    subjects, runs : int
    """

    temperature: float
    log_loss: tuple[float, float]
    calibration_error: tuple[float, float]
    cavity_offset: float
    lv_quantile: float
    volume_error: tuple[float, float]
    coverage: float
    coverage_by_lines: dict[str, float]
    width_by_lines: dict[str, float]
    subjects: int
    runs: int


def calibrate(
    data: Path,
    model: ModelChoice,
    *,
    split: Split = "validation",
    lines: tuple[int | None, ...] = LINES,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> Calibration:
    """Fit temperature, cavity offset and EF interval of a model on subjects that it has not seen.

    Parameters
    ----------
    data : Path
        Cohort, see :func:`~napari_cmr.cohort.subjects.find_subjects`.
    model : ModelChoice
    split : {"validation", "training", "all"}
    lines : tuple of int or None
        Lines per frame; one temperature, offset and quantile serve all of them that the model is
        meant for, the others are left out.
    seed : int
    report : callable
        Is told of every subject.

    Raises
    ------
    ScanError
        If no subject can be used, or the model is meant for none of the line counts.
    """
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.segmentation import Segmenter

    settings = EvaluationSettings(models=(model.name,), lines=lines, seed=seed)
    # The raw network, in a copy: an old calibration must not be calibrated again.
    segmenter = copy(load(model, Segmenter))
    segmenter.card = segmenter.card.model_copy(
        update={"temperature": 1.0, "cavity_offset": 0.0, "lv_quantile": None}
    )
    for n in lines:
        if not segmenter.card.takes(n):
            report(f"left out {shown_lines(n)} lines: {model.name} did not learn from these")
    lines = tuple(n for n in lines if segmenter.card.takes(n))
    if not lines:
        raise ScanError(f"{model.name} learned from none of these lines per frame")
    runs: list[Run] = []
    for name, path in find_subjects(data, split).items():
        try:
            cine = open_cine(
                path, name, n_frames=settings.n_frames, seed=settings.subject_seed(name)
            )
            runs += [_run(cine, segmenter, n, settings) for n in lines]
        except ScanError as error:
            report(f"left out {name}: {error}")
            continue
        report(f"measured {name}")
    if not runs:
        raise ScanError("no subject here can be used to calibrate", source=data)
    pixels = np.concatenate([run.pixels for run in runs])
    truth = np.concatenate([run.truth for run in runs])
    temperature = fit_temperature(pixels, truth)
    errors = volume_errors(runs, temperature)
    best = int(errors.argmin())
    scores = np.array([widest_quantile(run, temperature) for run in runs])
    subjects = np.array([run.subject for run in runs])
    held = np.zeros(len(runs), dtype=bool)
    for subject in np.unique(subjects):
        own = subjects == subject
        held[own] = scores[own] >= conformal_quantile(scores[~own]) if (~own).any() else False
    quantile = conformal_quantile(scores)
    names = np.array([shown_lines(run.n_lines) for run in runs])
    widths = np.array([_width(run, temperature, quantile) for run in runs])
    return Calibration(
        temperature=temperature,
        log_loss=(log_loss(pixels, truth), log_loss(_tempered(pixels, temperature), truth)),
        calibration_error=(
            calibration_error(pixels, truth),
            calibration_error(_tempered(pixels, temperature), truth),
        ),
        cavity_offset=float(OFFSETS[best]),
        lv_quantile=quantile,
        volume_error=(float(errors[0]), float(errors[best])),
        coverage=float(held.mean()),
        coverage_by_lines={n: float(held[names == n].mean()) for n in dict.fromkeys(names)},
        width_by_lines={n: float(np.median(widths[names == n])) for n in dict.fromkeys(names)},
        subjects=len(np.unique(subjects)),
        runs=len(runs),
    )


def write_calibration(model: ModelChoice, found: Calibration) -> Path:
    """Write a calibration into the card of a model; its path."""
    path = find_weights(model.name, model.preset)
    card = read_card(path)
    metrics = card.metrics | {
        "calibration": {
            "what": f"{found.subjects} subjects, {found.runs} acquisitions; coverage of the 90 % "
            "interval of the LV EF without the subject itself, median width in points of EF",
            "pixel_log_loss_before_after": [round(v, 4) for v in found.log_loss],
            "volume_error_percent_before_after": [round(v, 2) for v in found.volume_error],
            "pixel_calibration_error_before_after": [round(v, 4) for v in found.calibration_error],
            "ef_interval_coverage": round(found.coverage, 3),
            "ef_interval_coverage_by_lines": _rounded(found.coverage_by_lines, 3),
            "ef_interval_width_by_lines": _rounded(found.width_by_lines, 1),
        }
    }
    changed = card.model_dump() | {
        "temperature": round(found.temperature, 3),
        "cavity_offset": round(found.cavity_offset, 3),
        "lv_quantile": found.lv_quantile,
        "metrics": metrics,
    }
    return write_card(path, ModelCard.model_validate(changed))


def _rounded(values: dict[str, float], digits: int) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}


def _run(cine: LabelledCine, segmenter, n_lines: int | None, settings: EvaluationSettings) -> Run:  # type: ignore[no-untyped-def]
    """Segment one acquisition and keep what calibration needs of it."""
    scan = cine.scan
    acquisition = settings.acquisition(cine.name, n_lines)
    location = cine.locate(acquisition, str(segmenter.device))
    measured = cine.measured(acquisition)
    rng = np.random.default_rng(acquisition.seed)
    labels = np.zeros(scan.shape, dtype=np.uint8)
    logs, pixels, truth = [], [], []
    for z in range(scan.n_slices):
        values, rows, columns = segmenter.probabilities(measured, z, location)
        labels[:, z, rows, columns] = segmenter.decide(values, scan.geometry).numpy()
        log = values.clamp(min=1e-9).log().numpy()
        logs.append(log.astype(np.float16))
        for frame, reference in zip(cine.frames, cine.reference, strict=True):
            flat = log[frame].reshape(len(log[frame]), -1).T
            wanted = reference[z, rows, columns].ravel()
            heart = np.flatnonzero((wanted > 0) | (flat.argmax(1) > 0))
            chosen = rng.choice(heart, min(PIXELS_OF_A_SLICE, len(heart)), replace=False)
            pixels.append(flat[chosen])
            truth.append(wanted[chosen].astype(np.int64))
    function = cardiac_function(labels, scan.geometry)
    ed, es = function.lv.ed_frame or 0, function.lv.es_frame or 0
    reference_ef = clinical_parameters(cine.reference, scan.geometry)["EF"]
    assert reference_ef is not None  # open_cine has seen an LV at ED
    return Run(
        cine.name,
        n_lines,
        reference_ef,
        ([log[ed] for log in logs], [log[es] for log in logs]),
        tuple([log[frame] for log in logs] for frame in cine.frames),
        tuple(int((one == int(Label.LV)).sum()) for one in cine.reference),
        np.concatenate(pixels),
        np.concatenate(truth),
    )


def _tempered(logs: np.ndarray, temperature: float, axis: int = -1) -> np.ndarray:
    """Log-probabilities at another temperature."""
    scaled = logs.astype(np.float64) / temperature
    scaled -= scaled.max(axis=axis, keepdims=True)
    tempered: np.ndarray = scaled - np.log(np.exp(scaled).sum(axis=axis, keepdims=True))
    return tempered


def fit_temperature(logs: np.ndarray, truth: np.ndarray) -> float:
    """Temperature of the smallest log-loss (Guo et al., ICML 2017, section 4.2).

    Parameters
    ----------
    logs : ndarray, shape (N, classes)
        Log-probabilities, or logits.
    truth : ndarray of int, shape (N,)
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda t: log_loss(_tempered(logs, float(np.exp(t))), truth),
        bounds=(np.log(0.2), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def volume_errors(runs: Sequence[Run], temperature: float) -> np.ndarray:
    """Mean error of EDV and ESV for each of :data:`OFFSETS`, in percent of the reference.

    A phase without a cavity in the reference does not count.
    """
    cavity = int(Label.LV)
    errors = []
    for run in runs:
        for slices, reference in zip(run.labelled, run.reference_pixels, strict=True):
            if not reference:
                continue
            counts = np.zeros(len(OFFSETS))
            for logs in slices:
                scaled = logs.astype(np.float64) / temperature
                others = np.delete(scaled, cavity, axis=0).max(axis=0)
                # in the cavity from the offset on that makes up for the lead of the others
                lead = np.sort((others - scaled[cavity]).ravel())
                counts += np.searchsorted(lead, OFFSETS, side="left")
            errors.append(np.abs(counts / reference - 1))
    return 100 * np.mean(errors, axis=0)


def log_loss(logs: np.ndarray, truth: np.ndarray) -> float:
    """Mean negative log-likelihood of the true labels."""
    return float(-logs[np.arange(len(truth)), truth].mean())


def calibration_error(logs: np.ndarray, truth: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, over equal bins.

    Naeini et al., AAAI 2015.
    """
    confidence = np.exp(logs.max(axis=1))
    right = logs.argmax(axis=1) == truth
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.zeros(bins)
    np.add.at(gaps, index, confidence - right)
    return float(np.abs(gaps).sum() / len(truth))


def _interval(run: Run, temperature: float, quantile: float) -> tuple[float, float] | None:
    bounds = np.zeros((2, len(run.cavity[0]), 2))
    for phase, slices in enumerate(run.cavity):
        for z, logs in enumerate(slices):
            cavity = np.exp(_tempered(logs, temperature, axis=0)[int(Label.LV)])
            bounds[phase, z] = (cavity >= 1 - quantile).sum(), (cavity >= quantile).sum()
    return ef_interval(bounds, 0, 1)


def widest_quantile(run: Run, temperature: float) -> float:
    """Quantile of the narrowest interval that holds the reference EF; 0 if none does."""
    for quantile in QUANTILES:
        interval = _interval(run, temperature, float(quantile))
        if interval is not None and interval[0] <= run.reference_ef <= interval[1]:
            return float(quantile)
    return 0.0


def conformal_quantile(scores: np.ndarray, coverage: float = COVERAGE) -> float:
    """Quantile that held in at least ``coverage`` of the runs, corrected for how many there are.

    Where even the smallest one does not do, that is taken: the coverage that was measured says so.
    """
    allowed = int(np.floor((1 - coverage) * (len(scores) + 1)))
    chosen = np.sort(scores)[max(allowed - 1, 0)] if allowed else scores.min()
    return float(max(chosen, QUANTILES[-1]))


def _width(run: Run, temperature: float, quantile: float) -> float:
    interval = _interval(run, temperature, quantile)
    return 100.0 if interval is None else interval[1] - interval[0]
