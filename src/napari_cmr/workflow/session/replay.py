"""From a session file back to its labels, without a screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.kspace import Acquisition, line_mask, undersample
from napari_cmr.scan import Scan, ScanError, save_json, save_labels, written_together
from napari_cmr.workflow.edit.provenance import interval_fields
from napari_cmr.workflow.measure.function import measure_scan, measurement_record
from napari_cmr.workflow.session.derived_results import (
    NOTHING_DERIVED,
    DerivedResults,
    check_derived,
    derived_record,
    of_labels,
    refuse,
    styles_again,
)
from napari_cmr.workflow.session.file import SavedLabels, SessionFile, read_session
from napari_cmr.workflow.session.label_runs import apply_runs
from napari_cmr.workflow.session.record import ModelReference
from napari_cmr.workflow.session.scan_link import open_session_scan
from napari_cmr.zoo.choice import ModelChoice, default_choice

if TYPE_CHECKING:
    from napari_cmr.workflow.segment.cine import Segmentation
    from napari_cmr.workflow.segment.late_enhancement import LgeSegmentation


@dataclass(frozen=True, eq=False)
class Replay:
    """Labels of a session, made again.

    Attributes
    ----------
    path : Path
        The session file.
    session : SessionFile
    scan : Scan
    saved : SavedLabels
        Which of the session's labels these are.
    labels : ndarray of uint8, shape (T, Z, Y, X)
    segmentation : Segmentation, LgeSegmentation or None
        What the model gave this time; None where no model was run.
    derived : DerivedResults
        Scar, comparison and styles, made again.
    """

    path: Path
    session: SessionFile
    scan: Scan
    saved: SavedLabels
    labels: np.ndarray
    segmentation: "Segmentation | LgeSegmentation | None" = None
    derived: DerivedResults = NOTHING_DERIVED

    @property
    def frames(self) -> tuple[int, ...]:
        """Frames that count: those with labels, and those that a model or a reader saw empty."""
        if self.saved.origin == "model":
            return tuple(range(self.scan.n_frames))
        drawn = np.flatnonzero(self.labels.any(axis=(1, 2, 3))).tolist()
        own = self.scan.labelled_frames if self.saved.origin == "reference" else ()
        return tuple(sorted({*own, *drawn}))


def replay(
    path: str | PathLike[str],
    *,
    labels: str | None = None,
    scan: str | PathLike[str] | None = None,
    stored: bool = False,
    any_weights: bool = False,
    device: str | None = None,
) -> Replay:
    """Make the labels of a session again: run its model on its lines, then apply its edits.

    Scar, comparison and styles are made again as well.

    Parameters
    ----------
    path : path
        The session file.
    labels : str, optional
        Name of the labels; by default those that were measured, else the first.
    scan : path, optional
        Where the scan is now, if it was moved.
    stored : bool
        Take the labels as the session holds them, and run no model.
    any_weights : bool
        Take what the model gives here and now, with whatever weights.
    device : str, optional
        Where to run the model; by default where it ran then.

    Returns
    -------
    Replay
        Its labels equal the saved ones, unless ``any_weights`` let others in.

    Raises
    ------
    ScanError
        If the session, its scan or its model cannot be used; if scan or weights are not those of
        the session; or if the model gives other labels, or results that were made from labels
        other numbers, here than they did then.
    """
    path = Path(path)
    session = read_session(path)
    saved = choose_labels(session, labels, path)
    opened = open_session_scan(session.scan, path, instead=scan)
    check_on_scan(session, opened)
    base, segmentation = saved.base_labels(opened.shape), None
    if saved.origin == "reference":
        check_reference(base, opened)
    elif saved.origin == "model" and not stored:
        if not any_weights:
            for model in session.models:
                if model.name in (saved.model, default_choice("heart").name):
                    check_weights(model)
        segmentation = _run(session, saved, opened, device or saved.device or "auto")
        if not any_weights:
            _check_same(base, segmentation.labels, path)
        base = segmentation.labels
    made = apply_runs(saved.edits, base)
    derived = _derived(session, opened, path, (saved, made), (stored, any_weights))
    return Replay(path, session, opened, saved, made, segmentation, derived)


def _derived(
    session: SessionFile,
    scan: Scan,
    path: Path,
    replayed: tuple[SavedLabels, np.ndarray],
    how: tuple[bool, bool],
) -> DerivedResults:
    """Scar, comparison and styles of a session, with one of its label maps as it was replayed."""
    saved, made = replayed
    stored, any_weights = how
    maps = [made if one is saved else one.labels(scan.shape) for one in session.labels]
    results, doubts = of_labels(session, scan, maps)
    if session.styles is not None and stored:
        results = replace(results, styles=session.styles.styled())
    elif session.styles is not None:
        if not any_weights:
            for model in session.styles.models:
                check_weights(model)
        styles, others = styles_again(session.styles, scan)
        results, doubts = replace(results, styles=styles), (*doubts, *others)
    if not any_weights:
        refuse(doubts, path)
    return results


def choose_labels(session: SessionFile, name: str | None, path: Path) -> SavedLabels:
    """Labels of that name; without a name those that were measured, else the first.

    Raises
    ------
    ScanError
        If there are none.
    """
    if not session.labels:
        raise ScanError("the session holds no labels", source=path, remedy="segment, then save it")
    if name is None:
        return session.labels[session.measured or 0]
    for one in session.labels:
        if one.name == name:
            return one
    known = ", ".join(repr(one.name) for one in session.labels)
    raise ScanError(f"the session has no labels {name!r}", source=path, remedy=f"it has {known}")


def check_on_scan(session: SessionFile, scan: Scan) -> None:
    """Make sure that the lines and labels of a session fit its scan.

    Raises
    ------
    ScanError
        If an acquisition keeps lines, or labels lie, where the scan has none.
    """
    acquisitions = [one.acquisition for one in session.labels if one.acquisition is not None]
    for acquisition in (session.acquisition, *acquisitions):
        line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
    session.reading.check(scan.n_frames, scan.n_slices)
    for one in session.labels:
        one.labels(scan.shape)
        if any(t >= scan.n_frames or z >= scan.n_slices for t, z in one.accepted):
            raise ScanError(f"slices of {one.name!r} were accepted that the scan does not have")
        for kept in () if one.made_from is None else one.made_from.kept:
            if any(t >= scan.n_frames or z >= scan.n_slices for t, z in kept.slices):
                raise ScanError(f"slices of {one.name!r} were kept that the scan does not have")
    check_derived(session, scan)


def check_weights(model: ModelReference) -> None:
    """Make sure that a model has the weights that it had.

    Raises
    ------
    ScanError
        If it is not installed, damaged, or has other weights.
    """
    from napari_cmr.zoo.cards import read_card
    from napari_cmr.zoo.folders import MODELS_VARIABLE, find_models

    weights = find_models().get((model.name, model.preset))
    if weights is None:
        raise ScanError(
            f"the session's model {model.name!r} ({model.preset}) has no weights here",
            remedy=f"name their folder in {MODELS_VARIABLE}, or take the labels as they were "
            "saved: --stored",
        )
    if read_card(weights).sha256 != model.sha256:
        raise ScanError(
            f"{model.name!r} has other weights than when the session was saved",
            source=weights,
            remedy="install those, take the labels as they were saved (--stored), or let these "
            "weights make others (--any-weights)",
        )


def _run(
    session: SessionFile, saved: SavedLabels, scan: Scan, device: str
) -> "Segmentation | LgeSegmentation":
    from napari_cmr.workflow.segment.cine import segment
    from napari_cmr.workflow.segment.late_enhancement import (
        is_lge_model,
        measured_still,
        segment_lge,
    )

    assert saved.model is not None  # both are checked on reading
    assert saved.acquisition is not None
    preset = next(model.preset for model in session.models if model.name == saved.model)
    choice = ModelChoice(
        name=saved.model, preset=preset, device=device, precision=saved.precision or "auto"
    )
    measured = undersample(scan, saved.acquisition)
    with _threads(saved.threads):
        if is_lge_model(saved.model):
            return segment_lge(measured_still(scan, measured), choice)
        # Where nothing was mended there was nothing to mend, or it was not wanted.
        return segment(measured, choice, mend=bool(saved.source(session).mended))


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """As many threads as the model had: sums in another order differ in their last digit."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def check_reference(base: np.ndarray, scan: Scan) -> None:
    """Make sure that the reference labels of a scan are those of the session.

    Raises
    ------
    ScanError
    """
    there = np.zeros(scan.shape, np.uint8) if scan.labels is None else scan.labels
    if not np.array_equal(base, there):
        raise ScanError(
            "the reference labels have changed since the session was saved",
            source=scan.source,
            remedy="find the label file as it was, or make a new session",
        )


def _check_same(saved: np.ndarray, now: np.ndarray, path: Path) -> None:
    different = int(np.count_nonzero(saved != now))
    if different:
        raise ScanError(
            f"the model gives other labels here than where the session was saved "
            f"({different} of {saved.size} voxels): processors round differently",
            source=path,
            remedy="take the labels as they were saved (--stored), or those of this computer "
            "(--any-weights)",
        )


def _lines(scan: Scan, acquisition: Acquisition | None) -> dict[str, Any]:
    """Lines per frame, and how much faster they are; None where no model saw any."""
    if acquisition is None:
        return {"n_lines": None, "n_phase_encodes": scan.n_phase_encodes, "acceleration": None}
    mask = line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
    return {
        "n_lines": float(mask.n_lines.mean()),
        "n_phase_encodes": mask.n_phase_encodes,
        "acceleration": None if np.isinf(mask.acceleration) else mask.acceleration,
    }


def save_replay(
    result: Replay,
    output: str | PathLike[str] | None = None,
    record: str | PathLike[str] | None = None,
    *,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the labels of a replay as NIfTI, and the measurement of them as JSON.

    Parameters
    ----------
    result : Replay
    output, record : path, optional
        ``.nii`` or ``.nii.gz``, and JSON.
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    dict
        What the JSON holds: :func:`.measurement_record` with where
        the labels came from.

    Raises
    ------
    ScanError
        If one of the files may not be written, see :func:`~napari_cmr.scan.check_outputs`. No file
        is left then.
    """
    scan, saved = result.scan, result.saved
    output, record = (None if path is None else Path(path) for path in (output, record))
    labelled = scan.with_(labels=result.labels, labelled_frames=result.frames)
    function = measure_scan(labelled, reading=result.session.reading)
    made = saved.source(result.session)
    said = made.warnings if result.segmentation is None else result.segmentation.warnings
    content = measurement_record(scan, function, warnings=said)
    content |= {
        "labels": saved.name,
        "origin": saved.origin,
        "model_was_run": result.segmentation is not None,
        "edited_voxels": saved.n_edited,
        "accepted": [list(place) for place in saved.accepted],
        "corrected": [list(place) for place in made.corrected],
        "model": made.model,
        "weights": {one.name: one.sha256 for one in result.session.models} | made.weights,
        "acquisition": made.record()["acquisition"],
        **_lines(scan, made.acquisition),
        **interval_fields(made.intervals_of(function)),
        "reading": result.session.reading.model_dump(mode="json"),
        **derived_record(result.session, result.derived),
    }
    sources = [scan.source, result.path]
    with written_together(output, record, inputs=sources, overwrite=overwrite) as at:
        if output is not None:
            save_labels(at[output], result.labels, scan, by_model=made.model is not None)
        if record is not None:
            save_json(at[record], content)
    return content
