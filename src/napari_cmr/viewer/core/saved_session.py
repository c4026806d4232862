"""A session file read back: its scan, its labels, and what its models measured."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from napari_cmr.analysis import CardiacFunction
from napari_cmr.scan import Scan, ScanError
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.workflow.session.derived_results import DerivedResults
from napari_cmr.workflow.session.file import SavedLabels, SessionFile

_NAMED = "to 'napari-cmr replay SESSION -o LABELS.nii.gz --scan PATH', and open what it writes"
"""How labels are had where a session does not find its scan."""


@dataclass(frozen=True, eq=False)
class RestoredLabels:
    """Labels of a session as arrays, and for those of a model what it measured."""

    saved: SavedLabels
    base: np.ndarray
    labels: np.ndarray
    result: ModelResult | None = None


@dataclass(frozen=True, eq=False)
class LoadedSession:
    """All that is needed to show a session, read and checked.

    Attributes
    ----------
    path : Path
    session : SessionFile
    scan : Scan
    labels : tuple of RestoredLabels
    reference : CardiacFunction or None
        Of the labels that came with the scan.
    derived : DerivedResults
        Scar and comparison made again; styles as they were saved, without pictures.
    doubts : tuple of str
        Why new runs of its models would not give the same.
    """

    path: Path
    session: SessionFile
    scan: Scan
    labels: tuple[RestoredLabels, ...]
    reference: CardiacFunction | None
    derived: DerivedResults
    doubts: tuple[str, ...]


def load(path: Path) -> Generator[LoadedSession, None, None]:
    """Read a session, its scan and its labels; no model is run.

    Raises
    ------
    ScanError
        If the session, its scan or its reference labels are not what they were.
    """
    from napari_cmr.workflow.measure.function import measure_scan
    from napari_cmr.workflow.session.derived_results import of_labels
    from napari_cmr.workflow.session.file import read_session
    from napari_cmr.workflow.session.replay import check_on_scan, check_reference, check_weights
    from napari_cmr.workflow.session.scan_link import open_session_scan

    session = read_session(path)
    scan = open_session_scan(
        session.scan, path, named=_NAMED
    ).with_()  # another one: a sample may be open
    check_on_scan(session, scan)
    restored = []
    for one in session.labels:
        base = one.base_labels(scan.shape)
        if one.origin == "reference":
            check_reference(base, scan)
        result = None
        if one.model is not None and one.acquisition is not None:
            source = one.source(session)
            measured = measure_scan(scan, labels=base, reading=session.reading)
            result = ModelResult(
                one.model,
                one.acquisition,
                measured,
                device=one.device or "cpu",
                labels=base,
                reading=session.reading,
                threads=one.threads,
                precision=one.precision,
                mended=source.mended,
                ef_intervals=source.intervals_of(measured),
                weights=source.weights,
                warnings=source.warnings,
            )
        restored.append(RestoredLabels(one, base, one.labels(scan.shape), result))
    derived, others = of_labels(session, scan, [one.labels for one in restored])
    doubts = list(others)
    styles = session.styles
    if styles is not None:
        derived = replace(derived, styles=styles.styled())
    for model in (*session.models, *(() if styles is None else styles.models)):
        try:
            check_weights(model)
        except ScanError as error:
            doubts.append(error.problem)
    reference = None
    if scan.labels is not None:
        reference = measure_scan(scan, reading=session.reading)
    yield LoadedSession(
        path, session, scan, tuple(restored), reference, derived, tuple(dict.fromkeys(doubts))
    )
