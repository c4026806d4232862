"""How far labels and numbers wander when a scan is acquired again with other random lines.

Memory stays small however many repetitions there are. Mean shapes and the frequency of each label
at each pixel are running sums over the part of the plane that the network sees; of a repetition's
label maps only a compressed copy is kept (about a fiftieth of their size), from which its
distances to the final mean shape are measured once that is known.
"""

import zlib
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.analysis import cardiac_function
from napari_cmr.analysis.contours import LABELS, label_distances
from napari_cmr.analysis.interpretation import AS_LABELLED, Reading
from napari_cmr.analysis.shapes import ShapeSum
from napari_cmr.kspace import Acquisition, line_mask, undersample
from napari_cmr.scan import Code, Notice, Scan, ScanError, joined
from napari_cmr.workflow.segment.cine import locate_heart
from napari_cmr.workflow.segment.steps import segment_stepwise
from napari_cmr.workflow.trials.consistency_result import Consistency, Repetition
from napari_cmr.zoo import ModelCard, ModelChoice, default_choice, find_weights, read_card

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

DEFAULT_REPEATS, MAX_REPEATS = 20, 100


def n_steps(scan: Scan, repeats: int) -> int:
    """How many times :func:`repeat_acquisition` yields."""
    return repeats * (scan.n_slices + 1)


def repeat_acquisition(
    scan: Scan,
    acquisition: Acquisition,
    model: ModelChoice | None = None,
    *,
    repeats: int = DEFAULT_REPEATS,
    location: "HeartLocation | None" = None,
    reading: Reading = AS_LABELLED,
) -> Generator[Consistency | None, None, None]:
    """Acquire and segment a scan again and again, each time with the next seed.

    New lines, new synthetic phase and new noise; of a fully sampled scan only phase and noise.
    Lines that were edited by hand are left out, as they belong to the lines of one seed. The heart
    is located once, on the lines of the first repetition, so that what wanders is the labels, not
    the field of view (:mod:`napari_cmr.experiments.consistency` locates it again each time).

    Parameters
    ----------
    scan : Scan
    acquisition : Acquisition
        Of the first repetition; the seed counts up from it.
    model : ModelChoice, optional
    repeats : int
        1 to 100.
    location : HeartLocation, optional
        Where the heart is, if it is known.
    reading : Reading
        How the user reads the labels: ED and ES, slices that count, papillary muscles.

    Yields
    ------
    Consistency or None
        All repetitions so far, whenever one is whole; None in between, after each slice, so that
        whoever waits can stop. Then None for each repetition whose distances are measured again to
        the final mean shape, and the settled result last.

    Raises
    ------
    ScanError
        If the acquisition does not fit the scan, or the model cannot be run.
    """
    scan.check_volumes()
    if not 1 <= repeats <= MAX_REPEATS:
        raise ScanError(
            f"{repeats} repetitions were asked for", remedy=f"ask for 1 to {MAX_REPEATS}"
        )
    base = acquisition.model_copy(update={"toggled": frozenset()})
    first = undersample(scan, base)
    model = model or default_choice("cine")
    where = location or locate_heart(first, device=model.device)
    card = read_card(find_weights(model.name, model.preset))
    rows, columns = _field_of_view(scan, where, card)
    spacing = scan.spacing[1], scan.spacing[2]
    shape = (*scan.shape[:2], rows.stop - rows.start, columns.stop - columns.start)
    shapes = ShapeSum(shape, spacing, repeats)
    counts = np.zeros((len(LABELS), *shape), np.uint8)  # up to MAX_REPEATS
    packed: list[bytes] = []
    warnings: tuple[Notice, ...] = ()
    if acquisition.toggled:
        text = "Lines edited by hand are left out: every repetition draws its own."
        warnings = (Notice(Code.EDITED_LINES_LEFT_OUT, text, "lines"),)
    if base.n_lines in (None, scan.n_phase_encodes):
        text = (
            "Every repetition measures every line, so that they hardly differ: take fewer lines to "
            "see how far the numbers wander."
        )
        warnings = (*warnings, Notice(Code.EVERY_LINE_REPEATED, text, "lines"))
    result: Consistency | None = None
    for number in range(repeats):
        one = base.model_copy(update={"seed": base.seed + number})
        measured = undersample(scan, one) if number else first
        whole, said = yield from segment_stepwise(measured, model, location=where)
        warnings = joined(warnings, said)
        labels = np.ascontiguousarray(whole[:, :, rows, columns])
        shapes.add(labels)
        for place, label in enumerate(LABELS):
            counts[place] += labels == label
        packed.append(zlib.compress(labels.data, level=1))
        mean = shapes.mean()
        function = cardiac_function(
            labels,
            scan.geometry,
            cycle_ms=scan.cycle_ms,
            subject=scan.subject,
            marked_ed=scan.ed_frame,
            marked_es=scan.es_frame,
            reading=reading,
        )
        before = () if result is None else result.repetitions
        result = Consistency(
            acquisition=acquisition,
            model=model.name,
            preset=model.preset,
            wanted=repeats,
            repetitions=(*before, Repetition(one.seed, function, *_apart(labels, mean, spacing))),
            shape=scan.shape,
            rows=rows,
            columns=columns,
            mean=mean,
            disagreement=_disagreement(counts, number + 1),
            is_settled=False,
            location=where,
            warnings=warnings,
        )
        yield result
    assert result is not None
    settled: list[Repetition] = []
    for one_before, content in zip(result.repetitions, packed, strict=True):
        if settled:
            yield None
        labels = np.frombuffer(zlib.decompress(content), np.uint8).reshape(shape)
        distances = _apart(labels, result.mean, spacing)
        settled.append(Repetition(one_before.seed, one_before.function, *distances))
    if not result.mean.any():
        text = "Most repetitions found no heart at all."
        warnings = joined(warnings, (Notice(Code.NOTHING_SEGMENTED, text, "heart"),))
    yield replace(result, repetitions=tuple(settled), is_settled=True, warnings=warnings)


def consistency_of(
    scan: Scan, acquisition: Acquisition, model: ModelChoice | None = None, **options: Any
) -> Consistency:
    """Return the settled result of :func:`repeat_acquisition`, whose options these are."""
    *_, last = repeat_acquisition(scan, acquisition, model, **options)
    assert last is not None
    return last


def consistency_record(scan: Scan, result: Consistency) -> dict[str, Any]:
    """Put a result and what it was made from into one JSON-ready dictionary."""
    mask = line_mask(
        result.acquisition.model_copy(update={"toggled": frozenset()}),
        scan.n_frames,
        scan.n_phase_encodes,
    )
    return {
        "scan": scan.name,
        "synthetic": scan.synthetic,
        "n_lines": int(mask.n_lines[0]),
        "n_phase_encodes": scan.n_phase_encodes,
        "acceleration": mask.acceleration,
        **result.to_dict(),
        "use": "research only",
    }


def _field_of_view(scan: Scan, location: "HeartLocation", card: ModelCard) -> tuple[slice, slice]:
    """Rows and columns that a model can label around a heart: no others need to be kept."""
    half = card.size * card.spacing_mm / 2
    parts = []
    for middle, step, length in zip(location[:2], scan.spacing[1:], scan.shape[2:], strict=True):
        first = int(np.clip(np.floor(middle - half / step), 0, length - 1))
        last = int(np.clip(np.ceil(middle + half / step), first, length - 1))
        parts.append(slice(first, last + 1))
    return parts[0], parts[1]


def _apart(
    labels: np.ndarray, mean: np.ndarray, spacing: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean contour and Hausdorff distance of each slice."""
    distances = label_distances(labels, mean, spacing)
    return distances.mean_contour.astype(np.float32), distances.hausdorff.astype(np.float32)


def _disagreement(counts: np.ndarray, n: int) -> np.ndarray:
    """Percent of ``n`` label maps that do not have the most frequent label of each pixel."""
    background = np.uint8(n) - counts.sum(axis=0, dtype=np.uint8)
    most = np.maximum(counts.max(axis=0), background)
    percent = np.rint(100.0 * (n - np.arange(n + 1)) / n).astype(np.uint8)
    found: np.ndarray = percent[most]
    return found
