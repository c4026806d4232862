"""How far a model's probabilities can be believed, and intervals for its ejection fractions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from napari_cmr.cohort.subjects import LabelledCine, Split, find_subjects, open_cine
from napari_cmr.cohort.tables import shown_lines
from napari_cmr.experiments.certainty.calibration_runs import (
    OFFSETS,
    QUANTILE,
    Run,
    acquisition_runs,
    least_widening,
)
from napari_cmr.experiments.certainty.sizes import CavitySize, lv_size, right_offsets, rv_size
from napari_cmr.experiments.certainty.temperature import (
    calibration_error,
    fit_temperature,
    log_loss,
)
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import ScanError, Ventricle
from napari_cmr.zoo import ModelChoice
from napari_cmr.zoo.cards import ByLines

LINES: tuple[int | None, ...] = (8, 10, 20, 50, None)
#: Share of the acquisitions whose interval holds the reference.
COVERAGE = 0.9
#: Lines per frame from which on one temperature and one widening serve. From fewer, hearts that are
#: not seen contracting err by far more, and unlike those of any other number.
ENOUGH = 8
#: More than any interval needs that says something.
WIDEST = 100.0

_Found = TypeVar("_Found")


class Drawing(NamedTuple):
    """How cavities are drawn from so many lines, see :class:`~napari_cmr.zoo.cards.ModelCard`."""

    sharpening: float
    lv_offset: float
    rv_offset: float = 0.0

    def offset(self, name: Ventricle) -> float:
        """Of a ventricle."""
        return self.lv_offset if name == "LV" else self.rv_offset


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
    cavity_offset, rv_offset, sharpening : tuple of pairs of float
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
        Here and in ``coverage`` sharpening, offsets and widening were found without the subject
        itself.
    subjects, runs : int
    """

    temperature: float | ByLines[float]
    log_loss: tuple[float, float]
    calibration_error: tuple[float, float]
    cavity_offset: tuple[tuple[float, float], ...]
    rv_offset: tuple[tuple[float, float], ...]
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
        ventricle serve all of them. Each fewer number has these two of its own, offsets of both
        ventricles, and the sharpening of the fewest that is enough, if there is one.
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

    def each(work: Callable[[LabelledCine], Iterable[_Found]], done: str) -> list[_Found]:
        found: list[_Found] = []
        for name, path in find_subjects(data, split).items():
            try:
                cine = open_cine(
                    path, name, n_frames=settings.n_frames, seed=settings.subject_seed(name)
                )
                found += work(cine)
            except ScanError as error:
                report(f"left out {name}: {error}")
                continue
            report(f"{done} {name}")
        return found

    raw = each(
        lambda cine: [run for n in lines for run in acquisition_runs(cine, segmenter, n, settings)],
        "measured",
    )
    if not raw:
        raise ScanError("no subject here can be used to calibrate", source=data)
    temperatures = _temperatures(raw)
    drawings = fit_drawings([run.at(temperatures[_group(run.n_lines)]) for run in raw])
    few = {n: drawing for n, drawing in drawings.items() if _group(n) < ENOUGH}

    def sizes(cine: LabelledCine) -> Iterator[CavitySize]:
        for n, drawing in few.items():
            calibrated = {
                "temperature": temperatures[_group(n)],
                "sharpening": drawing.sharpening,
                "cavity_offset": drawing.lv_offset,
                "lv_quantile": QUANTILE,
            }
            segmenter.card = segmenter.card.model_copy(update=calibrated)
            yield rv_size(cine, segmenter, n, settings)

    return fit(raw, each(sizes, "measured the RV of") if few else ())


def _temperatures(raw: Sequence[Run]) -> dict[int, float]:
    """Of each group of line counts."""
    plain = [run for run in raw if run.sharpening == 0]
    return {
        group: fit_temperature(*_pixels([run for run in plain if _group(run.n_lines) == group]))
        for group in dict.fromkeys(_group(run.n_lines) for run in plain)
    }


def fit(raw: Sequence[Run], rv_sizes: Sequence[CavitySize] = ()) -> Calibration:
    """Calibrate from runs of the raw network, and sizes of the RV that it then draws."""
    plain = [run for run in raw if run.sharpening == 0]
    temperatures = _temperatures(raw)
    runs = [run.at(temperatures[_group(run.n_lines)]) for run in raw]
    subjects = list(dict.fromkeys(run.subject for run in runs))
    drawings = fit_drawings(runs, rv_sizes)
    held: dict[Ventricle, dict[str, list[dict[str, float]]]] = {}
    for subject in subjects:
        others = [run for run in runs if run.subject != subject] or runs
        theirs = fit_drawings(others, [one for one in rv_sizes if one.subject != subject])
        widenings = _widenings(others, theirs)
        for run in _drawn(runs, theirs):
            if run.subject == subject:
                for name in run.reference_ef:
                    widening = widenings[name][_group(run.n_lines)]
                    told = _told(run, name, theirs[run.n_lines].offset(name), widening)
                    held.setdefault(name, {}).setdefault(shown_lines(run.n_lines), []).append(told)
    chosen = _drawn(runs, drawings)
    lv_offsets = {n: one.lv_offset for n, one in drawings.items()}
    return Calibration(
        temperature=_by_group(chosen, temperatures),
        log_loss=(log_loss(*_pixels(plain)), log_loss(*_pixels(chosen))),
        calibration_error=(
            calibration_error(*_pixels(plain)),
            calibration_error(*_pixels(chosen)),
        ),
        cavity_offset=_by_beat(chosen, lv_offsets),
        rv_offset=_by_beat(chosen, {n: one.rv_offset for n, one in drawings.items()}),
        sharpening=_by_beat(chosen, {n: one.sharpening for n, one in drawings.items()}),
        widenings={
            name: _by_group(chosen, groups) for name, groups in _widenings(runs, drawings).items()
        },
        volume_error=(
            volume_error(plain, dict.fromkeys(drawings, 0.0)),
            volume_error(chosen, lv_offsets),
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


def _drawn(runs: Sequence[Run], drawings: dict[int | None, Drawing]) -> list[Run]:
    """Those with the sharpening that was chosen for their lines."""
    return [run for run in runs if run.sharpening == drawings[run.n_lines].sharpening]


def _widenings(
    runs: Sequence[Run], drawings: dict[int | None, Drawing]
) -> dict[Ventricle, dict[int, float]]:
    """Of each ventricle and group of line counts."""
    scores: dict[Ventricle, dict[int, list[float]]] = {}
    for run in _drawn(runs, drawings):
        for name in run.reference_ef:
            offset = drawings[run.n_lines].offset(name)
            groups = scores.setdefault(name, {})
            groups.setdefault(_group(run.n_lines), []).append(least_widening(run, offset, name))
    return {
        name: {group: conformal_quantile(own, COVERAGE) for group, own in groups.items()}
        for name, groups in scores.items()
    }


def _told(run: Run, name: Ventricle, offset: float, widening: float) -> dict[str, float]:
    """Whether an interval held, how wide it was, and of the LV how far off the EF was."""
    reference = run.reference_ef[name]
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


def fit_drawings(
    runs: Sequence[Run], rv_sizes: Sequence[CavitySize] = ()
) -> dict[int | None, Drawing]:
    """For each line count sharpening and offset with which the EF of the LV errs least.

    That is the mean absolute error, as long as the mean error stays within a point: more than that
    counts double. One heart that is far off would drag an offset that made the mean error vanish.
    Of equals, the least sharpening.

    Fewer lines than :data:`ENOUGH` have the sharpening of the fewest that are enough, if there are
    any, and offsets with which the cavities are as large as the reference's on average, that of the
    RV by the sizes that are given: hearts are not seen contracting there, and what their EF gains
    costs the outline more.
    """
    found: dict[int | None, Drawing] = {}
    least: dict[int | None, float] = {}
    groups: dict[tuple[int | None, float], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.n_lines, run.sharpening), []).append(run)
    for n, amount in sorted(groups, key=lambda group: group[1]):
        if _group(n) < ENOUGH:
            continue
        group = groups[n, amount]
        errors = np.array(
            [[run.ejection_fraction(o) - run.reference_ef["LV"] for o in OFFSETS] for run in group]
        )
        bias = np.abs(np.nanmean(errors, axis=0))
        costs = np.nanmean(np.abs(errors), axis=0) + 2 * np.maximum(bias - 1, 0)
        best = int(np.nanargmin(costs))
        if costs[best] < least.get(n, np.inf):
            least[n], found[n] = float(costs[best]), Drawing(amount, float(OFFSETS[best]))
    sharpening = 0.0
    if found:
        sharpening = found[min(found, key=lambda n: np.inf if n is None else n)].sharpening
    rv = right_offsets(rv_sizes)
    lv = right_offsets([lv_size(run) for run in runs if run.sharpening == sharpening])
    for n in dict.fromkeys(run.n_lines for run in runs):
        if _group(n) < ENOUGH:
            found[n] = Drawing(sharpening, lv.get(n, 0.0), rv.get(n, 0.0))
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
