"""How far a model's probabilities can be believed, and intervals for its ejection fractions."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from napari_cmr.cohort.subjects import Split, find_subjects, open_cine
from napari_cmr.cohort.tables import shown_lines
from napari_cmr.experiments.certainty.calibration_runs import (
    QUANTILE,
    Run,
    acquisition_runs,
    least_widening,
)
from napari_cmr.experiments.certainty.temperature import (
    calibration_error,
    fit_temperature,
    log_loss,
)
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import ScanError, Ventricle
from napari_cmr.zoo import ModelCard, ModelChoice, find_weights, read_card
from napari_cmr.zoo.cards import ByLines, write_card

LINES: tuple[int | None, ...] = (8, 10, 20, 50, None)
#: Share of the acquisitions whose interval holds the reference.
COVERAGE = 0.9
#: Lines per frame from which on one temperature and one widening serve. From fewer, hearts that are
#: not seen contracting err by far more, and unlike those of any other number.
ENOUGH = 8
#: More than any interval needs that says something.
WIDEST = 100.0
#: Offsets of the cavity's log-probability that are tried.
OFFSETS = np.linspace(-0.6, 1.2, 37)


class Cavity(NamedTuple):
    """How a cavity is drawn from so many lines, see :class:`~napari_cmr.zoo.cards.ModelCard`."""

    sharpening: float
    offset: float


@dataclass(frozen=True)
class Calibration:
    """Result of :func:`calibrate`.

    Attributes
    ----------
    temperature : float or tuple of pairs of float
        Divides the logits (Guo et al., ICML 2017); by lines where fewer than :data:`ENOUGH` were
        asked for beside more.
    log_loss, calibration_error : tuple of 2 floats
        Mean negative log-likelihood and expected calibration error of the pixels of the heart,
        before and after.
    cavity_offset, sharpening : tuple of pairs of float
    widenings : dict of float or of tuples of pairs of float
        Of each ventricle, by lines as the temperature, see ``lv_widening`` of
        :class:`~napari_cmr.zoo.cards.ModelCard`; none of a ventricle that no reference has.
    volume_error : tuple of 2 floats
        Mean error of EDV and ESV in percent of the reference, at its own frames, without offset
        and sharpening, and with them.
    coverage : dict of float
        For each ventricle the part of the runs whose interval holds the reference EF.
    by_lines : dict
        For each ventricle and line count (``full``, ``20``, ...) the ``coverage`` and the median
        ``width``; of the LV the ``bias`` and the mean absolute ``error`` of the EF in points, too.
        Here and in ``coverage`` sharpening, offset and widening were found without the subject
        itself.
    subjects, runs : int
    """

    temperature: float | ByLines[float]
    log_loss: tuple[float, float]
    calibration_error: tuple[float, float]
    cavity_offset: tuple[tuple[float, float], ...]
    sharpening: tuple[tuple[float, float], ...]
    widenings: dict[Ventricle, float | ByLines[float]]
    volume_error: tuple[float, float]
    coverage: dict[Ventricle, float]
    by_lines: dict[Ventricle, dict[str, dict[str, float]]]
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
    """Fit temperature, sharpening, cavity offsets and EF intervals on subjects not seen before.

    Parameters
    ----------
    data : Path
        Cohort, see :func:`~napari_cmr.cohort.subjects.find_subjects`.
    model : ModelChoice
    split : {"validation", "training", "all"}
    lines : tuple of int or None
        Lines per frame; those that the model is not meant for are left out. From :data:`ENOUGH` on
        each has sharpening and offset of its own, and one temperature and one widening of each
        ventricle serve all of them. Each fewer number has these two of its own, and sharpening and
        offset of the fewest that is enough, if there is one.
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
    segmenter.card = segmenter.card.model_copy(update={"temperature": 1.0, "sharpening": 0.0})
    for n in lines:
        if not segmenter.card.takes(n):
            report(f"left out {shown_lines(n)} lines: {model.name} did not learn from these")
    lines = tuple(n for n in lines if segmenter.card.takes(n))
    if not lines:
        raise ScanError(f"{model.name} learned from none of these lines per frame")
    raw: list[Run] = []
    for name, path in find_subjects(data, split).items():
        try:
            cine = open_cine(
                path, name, n_frames=settings.n_frames, seed=settings.subject_seed(name)
            )
            raw += [run for n in lines for run in acquisition_runs(cine, segmenter, n, settings)]
        except ScanError as error:
            report(f"left out {name}: {error}")
            continue
        report(f"measured {name}")
    if not raw:
        raise ScanError("no subject here can be used to calibrate", source=data)
    return fit(raw)


def fit(raw: Sequence[Run]) -> Calibration:
    """Calibrate from runs of the raw network."""
    plain = [run for run in raw if run.sharpening == 0]
    temperatures = {
        group: fit_temperature(*_pixels([run for run in plain if _group(run.n_lines) == group]))
        for group in dict.fromkeys(_group(run.n_lines) for run in plain)
    }
    runs = [run.at(temperatures[_group(run.n_lines)]) for run in raw]
    subjects = list(dict.fromkeys(run.subject for run in runs))
    cavities = fit_cavities(runs)
    held: dict[Ventricle, dict[str, list[dict[str, float]]]] = {}
    for subject in subjects:
        others = [run for run in runs if run.subject != subject] or runs
        theirs = fit_cavities(others)
        widenings = _widenings(others, theirs)
        for run in _drawn(runs, theirs):
            if run.subject == subject:
                for name in run.reference_ef:
                    widening = widenings[name][_group(run.n_lines)]
                    told = _told(run, name, theirs[run.n_lines].offset, widening)
                    held.setdefault(name, {}).setdefault(shown_lines(run.n_lines), []).append(told)
    chosen = _drawn(runs, cavities)
    return Calibration(
        temperature=_by_group(chosen, temperatures),
        log_loss=(log_loss(*_pixels(plain)), log_loss(*_pixels(chosen))),
        calibration_error=(
            calibration_error(*_pixels(plain)),
            calibration_error(*_pixels(chosen)),
        ),
        cavity_offset=_by_beat(chosen, {n: one.offset for n, one in cavities.items()}),
        sharpening=_by_beat(chosen, {n: one.sharpening for n, one in cavities.items()}),
        widenings={
            name: _by_group(chosen, groups) for name, groups in _widenings(runs, cavities).items()
        },
        volume_error=(
            volume_error(plain, dict.fromkeys(cavities, 0.0)),
            volume_error(chosen, {n: one.offset for n, one in cavities.items()}),
        ),
        coverage={
            name: float(np.mean([one["coverage"] for told in by.values() for one in told]))
            for name, by in held.items()
        },
        by_lines={
            name: {lines: _summary(told) for lines, told in by.items()} for name, by in held.items()
        },
        subjects=len(subjects),
        runs=len(chosen),
    )


def _group(n_lines: int | None) -> int:
    """Lines per frame, all that are enough as :data:`ENOUGH`."""
    return ENOUGH if n_lines is None else min(n_lines, ENOUGH)


def _pixels(runs: Sequence[Run]) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities (N, 4) and reference labels (N,) of all of them."""
    return np.concatenate([r.pixels for r in runs]), np.concatenate([r.truth for r in runs])


def _drawn(runs: Sequence[Run], cavities: dict[int | None, Cavity]) -> list[Run]:
    """Those with the sharpening that was chosen for their lines."""
    return [run for run in runs if run.sharpening == cavities[run.n_lines].sharpening]


def _widenings(
    runs: Sequence[Run], cavities: dict[int | None, Cavity]
) -> dict[Ventricle, dict[int, float]]:
    """Of each ventricle and group of line counts."""
    scores: dict[Ventricle, dict[int, list[float]]] = {}
    for run in _drawn(runs, cavities):
        for name in run.reference_ef:
            offset = cavities[run.n_lines].offset if name == "LV" else 0.0
            groups = scores.setdefault(name, {})
            groups.setdefault(_group(run.n_lines), []).append(least_widening(run, offset, name))
    return {
        name: {group: conformal_quantile(own, COVERAGE) for group, own in groups.items()}
        for name, groups in scores.items()
    }


def _told(run: Run, name: Ventricle, offset: float, widening: float) -> dict[str, float]:
    """Whether an interval held, how wide it was, and of the LV how far off the EF was."""
    reference = run.reference_ef[name]
    offset = offset if name == "LV" else 0.0
    ef, doubt = run.ejection_fraction(offset, name), run.doubt(offset, name)
    low, high = (0.0, 100.0) if doubt is None else doubt.interval(ef, widening)
    told = {"coverage": float(low <= reference <= high), "width": high - low}
    return told | ({"error": ef - reference} if name == "LV" else {})


def _summary(told: Sequence[dict[str, float]]) -> dict[str, float]:
    each = {key: np.array([one[key] for one in told]) for key in told[0]}
    summary = {
        "coverage": float(each["coverage"].mean()),
        "width": float(np.median(each["width"])),
    }
    if "error" in each:
        summary["bias"] = float(np.nanmean(each["error"]))
        summary["error"] = float(np.nanmean(np.abs(each["error"])))
    return summary


def _by_beat(
    runs: Sequence[Run], values: dict[int | None, float]
) -> tuple[tuple[float, float], ...]:
    """Pairs of lines of a whole beat and value, fewest lines first."""
    pairs = [
        (float(np.mean([run.beat_lines for run in runs if run.n_lines == n])), value)
        for n, value in values.items()
    ]
    return tuple(sorted((round(lines, 1), round(value, 3)) for lines, value in pairs))


def _by_group(runs: Sequence[Run], values: dict[int, float]) -> float | ByLines[float]:
    """The number of the only group, or pairs of lines of a whole beat and number."""
    if len(values) == 1:
        return next(iter(values.values()))
    counts = dict.fromkeys(run.n_lines for run in runs)
    return _by_beat(runs, {n: values[_group(n)] for n in counts if _group(n) in values})


def _rounded(value: float | ByLines[float]) -> float | ByLines[float]:
    if isinstance(value, float):
        return round(value, 3)
    return value  # pairs are


def write_calibration(model: ModelChoice, found: Calibration) -> Path:
    """Write a calibration into the card of a model; its path."""
    path = find_weights(model.name, model.preset)
    card = read_card(path)
    metrics = card.metrics | {
        "calibration": {
            "what": f"{found.subjects} subjects, {found.runs} acquisitions; coverage and median "
            "width of the 90 % interval of the EF, of the LV also its bias and mean absolute error "
            "in points at the model's own ED and ES, each without the subject itself",
            "pixel_log_loss_before_after": [round(v, 4) for v in found.log_loss],
            "volume_error_percent_before_after": [round(v, 2) for v in found.volume_error],
            "pixel_calibration_error_before_after": [round(v, 4) for v in found.calibration_error],
            "ef_interval_coverage": {
                side: round(coverage, 3) for side, coverage in found.coverage.items()
            },
            "ef_by_lines": {
                side: {
                    lines: {name: round(value, 2) for name, value in told.items()}
                    for lines, told in by.items()
                }
                for side, by in found.by_lines.items()
            },
        }
    }
    changed = card.model_dump() | {
        "temperature": _rounded(found.temperature),
        "cavity_offset": found.cavity_offset,
        "sharpening": found.sharpening,
        **{f"{side.lower()}_quantile": QUANTILE for side in found.widenings},
        **{f"{side.lower()}_widening": _rounded(one) for side, one in found.widenings.items()},
        "metrics": metrics,
    }
    return write_card(path, ModelCard.model_validate(changed))


def fit_cavities(runs: Sequence[Run]) -> dict[int | None, Cavity]:
    """Sharpening and offset for each line count for which the EF errs least.

    That is the mean absolute error, as long as the mean error stays within a point: more than that
    counts double. One heart that is far off would drag an offset that made the mean error vanish.
    Of equals, the least sharpening.
    """
    found: dict[int | None, Cavity] = {}
    least: dict[int | None, float] = {}
    groups: dict[tuple[int | None, float], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.n_lines, run.sharpening), []).append(run)
    for n, amount in sorted(groups, key=lambda group: group[1]):
        group = groups[n, amount]
        errors = np.array(
            [[run.ejection_fraction(o) - run.reference_ef["LV"] for o in OFFSETS] for run in group]
        )
        bias = np.abs(np.nanmean(errors, axis=0))
        costs = np.nanmean(np.abs(errors), axis=0) + 2 * np.maximum(bias - 1, 0)
        best = int(np.nanargmin(costs))
        if costs[best] < least.get(n, np.inf):
            least[n], found[n] = float(costs[best]), Cavity(amount, float(OFFSETS[best]))
    enough = [n for n in found if _group(n) == ENOUGH]
    if enough:
        fewest = found[min(enough, key=lambda n: float("inf") if n is None else n)]
        found = {n: one if n in enough else fewest for n, one in found.items()}
    return found


def volume_error(runs: Sequence[Run], offsets: dict[int | None, float]) -> float:
    """Mean error of EDV and ESV in percent of the reference, at its own frames.

    A phase without a cavity in the reference does not count.
    """
    errors = [
        abs(run.volumes(offsets[run.n_lines])[frame].sum() / reference - 1)
        for run in runs
        for frame, reference in zip(run.frames, run.reference_pixels, strict=True)
        if reference
    ]
    return float(100 * np.mean(errors))


def conformal_quantile(scores: Sequence[float], coverage: float) -> float:
    """Score that at least ``coverage`` of the runs stay within, corrected for how many there are.

    Where even the largest one does not do, that is taken: the coverage that was measured says so.
    """
    allowed = int(np.floor((1 - coverage) * (len(scores) + 1)))
    chosen = sorted(scores, reverse=True)[max(allowed - 1, 0)]
    return float(min(chosen, WIDEST))
