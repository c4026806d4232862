"""How few lines will do for one heart: accuracy of each model against the lines per frame."""

import zlib
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from napari_cmr.analysis import cardiac_function
from napari_cmr.analysis.contours import LABELS
from napari_cmr.analysis.interpretation import AS_LABELLED, Reading
from napari_cmr.analysis.overlap import dice
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Label, Scan, ScanError, joined
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.segment.chain import Way
from napari_cmr.workflow.segment.cine import locate_heart
from napari_cmr.workflow.segment.steps import segment_stepwise
from napari_cmr.workflow.trials.trade_off_result import Against, TradeOff, Trial
from napari_cmr.zoo import default_choice

#: Lines per frame; None is every line.
DEFAULT_LINES: tuple[int | None, ...] = (1, 2, 4, 6, 8, 10, 15, 20, 30, None)
DEFAULT_SEEDS, MAX_SEEDS = 3, 100
#: Line counts that are tried between those of the sweep, for each model. Four halve the ratio of
#: 224 to 30 lines down to 1.13.
REFINEMENTS = 4


def line_counts(lines: Sequence[int | None], n_phase_encodes: int) -> tuple[int, ...]:
    """Distinct line counts that a scan has, all of its lines among them, from many to few.

    Raises
    ------
    ScanError
        If a count is below 1.
    """
    if any(n is not None and n < 1 for n in lines):
        raise ScanError("a frame needs at least one line", remedy="ask for 1 line or more")
    fitting = {n for n in lines if n is not None and n < n_phase_encodes}
    return (n_phase_encodes, *sorted(fitting, reverse=True))


def n_steps(
    scan: Scan, lines: Sequence[int | None], n_seeds: int, n_models: int, *, refine: bool = True
) -> int:
    """How many times :func:`sweep` yields, at most."""
    few = len(line_counts(lines, scan.n_phase_encodes)) - 1
    between = REFINEMENTS * n_models if refine and few else 0
    return (1 + (few + between) * n_seeds) * n_models * scan.n_slices


def sweep(
    scan: Scan,
    *,
    models: Sequence[Way] | None = None,
    lines: Sequence[int | None] = DEFAULT_LINES,
    n_seeds: int = DEFAULT_SEEDS,
    acquisition: Acquisition | None = None,
    against: Against | None = None,
    reading: Reading = AS_LABELLED,
    refine: bool = True,
) -> Generator[TradeOff | None, None, None]:
    """Acquire a scan with ever fewer lines, several times each, and segment what is left.

    Each acquisition is the one that its lines and its seed give: the heart is
    located again on what was measured. All models see the same acquisitions. The fully sampled scan
    comes first, and once, as there is one way only to keep all lines. Then one seed of every line
    count from many to few, then the next seed. At last, up to :data:`REFINEMENTS` times for each
    model, the count halfway between the last that will do and the first that will not
    (:meth:`TradeOff.between`).

    Parameters
    ----------
    scan : Scan
    models : sequence of ModelChoice or Chain, optional
        The default for cines if none is given. A chain has a curve of its own beside its model's.
    lines : sequence of int or None
        Lines per frame. Counts that the scan does not have are left out; full sampling is added.
    n_seeds : int
        1 to 100.
    acquisition : Acquisition, optional
        Pattern, central lines, phase, noise and first seed; lines edited by hand are left out.
    against : {"labels", "full"}, optional
        What to compare with, see :class:`TradeOff`. By default the reference labels where there
        are any. An EF is compared with theirs only if they are at ED and at ES.
    reading : Reading
        How the user reads the labels, reference and model's alike.
    refine : bool
        Whether to try line counts between those that were asked for.

    Yields
    ------
    TradeOff or None
        All trials so far, after each; None in between, after each slice.

    Raises
    ------
    ScanError
        If there are no labels to compare with although they were asked for, or a model cannot be
        run.
    """
    scan.check_volumes()
    choices: tuple[Way, ...] = (
        (default_choice("cine"),) if models is None else tuple(dict.fromkeys(models))
    )
    if not 1 <= n_seeds <= MAX_SEEDS or not choices:
        raise ScanError(
            f"{n_seeds} seeds of {len(choices)} models were asked for",
            remedy=f"ask for a model, and for 1 to {MAX_SEEDS} seeds",
        )
    counts = line_counts(lines, scan.n_phase_encodes)
    base = (acquisition or Acquisition()).model_copy(update={"toggled": frozenset()})
    reference = _Reference(scan, against, reading)
    result = TradeOff(
        acquisition=base,
        models=tuple(one.name for one in choices),
        lines=counts,
        n_seeds=n_seeds,
        n_phase_encodes=scan.n_phase_encodes,
        dice_against=reference.of_dice,
        ef_against=reference.of_ef,
        labels_ef_percent=reference.ef_percent,
    )
    wanted = deque([(counts[0], 0), *((n, s) for s in range(n_seeds) for n in counts[1:])])
    left = dict.fromkeys(result.models, REFINEMENTS if refine else 0)
    while wanted:
        n_lines, number = wanted.popleft()
        n = None if n_lines == scan.n_phase_encodes else n_lines
        one = base.model_copy(update={"n_lines": n, "seed": base.seed + number})
        measured = undersample(scan, one)  # once, for all models
        location = locate_heart(measured, device=choices[0].device)
        for choice in choices:
            model = choice.name
            labels, said = yield from segment_stepwise(measured, choice, location=location)
            if n is None:
                reference.keep_full(model, labels)
            function = cardiac_function(labels, scan.geometry, reading=reading)
            trial = Trial(
                model=model,
                n_lines=n_lines,
                seed=one.seed,
                acceleration=scan.n_phase_encodes / n_lines,
                lv_ef_percent=function.lv.ef_percent,
                rv_ef_percent=function.rv.ef_percent,
                dice=reference.dice(model, labels),
                heart_confidence=location.confidence,
            )
            result = replace(
                result,
                trials=(*result.trials, trial),
                lines=tuple(sorted({*result.lines, n_lines}, reverse=True)),
                warnings=joined(result.warnings, said if n is None else ()),
            )
            if not wanted and choice is choices[-1]:
                wanted.extend(_refined(result, left))
                result = replace(result, is_whole=not wanted)
            yield result


def _refined(result: TradeOff, left: dict[str, int]) -> list[tuple[int, int]]:
    """Line count and number of the seed of what to acquire next, of all that was tried."""
    counts: dict[int, None] = {}
    for model in result.models:
        between = result.between(model) if left[model] else None
        if between is not None:
            left[model] -= 1
            counts[between] = None
    return [(n_lines, number) for n_lines in counts for number in range(result.n_seeds)]


def trade_off_of(scan: Scan, **options: Any) -> TradeOff:
    """Return the last result of :func:`sweep`, whose options these are."""
    *_, last = sweep(scan, **options)
    assert last is not None
    return last


def trade_off_record(scan: Scan, result: TradeOff) -> dict[str, Any]:
    """Put a result and what it was made from into one JSON-ready dictionary."""
    return {
        "scan": scan.name,
        "synthetic": scan.synthetic,
        **result.to_dict(),
        "use": "research only",
    }


class _Reference:
    """What labels are compared with; full results are kept compressed."""

    def __init__(self, scan: Scan, against: Against | None, reading: Reading) -> None:
        has_labels = scan.labels is not None and bool(scan.labels.any())
        if against == "labels" and not has_labels:
            raise ScanError(
                "there are no reference labels to compare with",
                source=scan.source or scan.name,
                remedy="compare with the fully sampled result",
            )
        self.ef_percent: float | None = None
        self.of_dice: Against = "full"
        self.of_ef: Against = "full"
        self._frames = list(range(scan.n_frames))
        self._labels: np.ndarray | None = None
        self._full: dict[str, bytes] = {}
        self._shape = scan.shape
        if has_labels and against != "full":
            assert scan.labels is not None
            self.of_dice = "labels"
            self._frames = list(scan.labelled_frames)
            chosen = scan.labels[self._frames]
            self._labels = np.where(chosen > Label.RV, np.uint8(Label.MYO), chosen)
            self.ef_percent = measure_scan(scan, reading=reading).lv.ef_percent
            if self.ef_percent is not None:
                self.of_ef = "labels"

    def keep_full(self, model: str, labels: np.ndarray) -> None:
        if self._labels is None:
            self._full[model] = zlib.compress(np.ascontiguousarray(labels).data, level=1)

    def dice(self, model: str, labels: np.ndarray) -> dict[str, float | None]:
        if self._labels is None:
            content = zlib.decompress(self._full[model])
            reference = np.frombuffer(content, np.uint8).reshape(self._shape)
        else:
            reference = self._labels
        scores = dice(labels[self._frames], reference)
        found: dict[str, float | None] = {}
        for i, label in enumerate(LABELS):
            known = scores[:, i][np.isfinite(scores[:, i])]
            found[label.name] = float(known.mean()) if known.size else None
        return found
