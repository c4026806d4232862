"""What a report is made of, from each place that labels come from."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from napari_cmr.scan import Scan, ScanError, labels_on
from napari_cmr.scan.label_files import with_note_of
from napari_cmr.workflow.edit.annotation_files import known_of_labels
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.report.content import ReportContent
from napari_cmr.workflow.report.facts import labels_text
from napari_cmr.workflow.session.record import ModelReference
from napari_cmr.workflow.session.replay import replay
from napari_cmr.zoo import ModelChoice, find_weights, read_card


def of_labels(
    scan: Scan, labels: str | PathLike[str] | None = None, scheme: str | None = None
) -> ReportContent:
    """Report a label file with what is known of it, or the labels that came with the scan.

    Raises
    ------
    ScanError
        If there are none, or they do not fit.
    """
    if labels is not None:
        drawn = labels_on(labels, scan, scheme)
        scan = with_note_of(scan, labels, scheme)
        frames = tuple(np.flatnonzero(drawn.any(axis=(1, 2, 3))).tolist())
        known = known_of_labels(labels, drawn)
        if known is None:
            return ReportContent(scan, drawn, f"file {Path(labels).name}", frames)
        return ReportContent(
            scan,
            drawn,
            f"file {Path(labels).name}",
            frames,
            made_from=known.made,
            accepted=tuple((int(t), int(z)) for t, z in np.argwhere(known.accepted)),
            reading=known.reading,
        )
    if scan.labels is None:
        raise ScanError(
            "there are no labels to report",
            source=scan.source or scan.name,
            remedy="name a label file with --labels, or a model with --model",
        )
    return ReportContent(scan, scan.labels, "reference labels of the scan", scan.labelled_frames)


def of_model(
    scan: Scan, n_lines: int | None, model: ModelChoice, *, seed: int = 0
) -> ReportContent:
    """Segment from ``n_lines`` lines per frame (None: all of them), and report what was found.

    Raises
    ------
    ScanError
        If the model cannot be run, or the lines do not fit the scan.
    """
    from napari_cmr.kspace import Acquisition, undersample
    from napari_cmr.workflow.segment.cine import provenance_of, segment

    acquisition = Acquisition(n_lines=n_lines, seed=seed)
    result = segment(undersample(scan, acquisition), model)
    return ReportContent(
        scan,
        result.labels,
        f"{model.name}, run on {result.device}",
        tuple(range(scan.n_frames)),
        made_from=provenance_of(scan, result),
        edited_voxels=0,
    )


def of_session(
    path: str | PathLike[str], *, scan: str | PathLike[str] | None = None
) -> ReportContent:
    """Report the labels that a session measured, as they were saved.

    Parameters
    ----------
    path : path
        The session file.
    scan : path, optional
        Where its scan is now, if it was moved.

    Raises
    ------
    ScanError
        See :func:`napari_cmr.workflow.session.replay.replay`.
    """
    result = replay(path, scan=scan, stored=True)
    saved, session = result.saved, result.session
    return ReportContent(
        result.scan,
        result.labels,
        f"{saved.name}, from the session {Path(path).name}",
        result.frames,
        made_from=saved.source(session),
        accepted=saved.accepted,
        edited_voxels=None if saved.model is None else saved.n_edited,
        reading=session.reading,
        derived=result.derived,
        scar_labels="" if session.scar is None else session.labels[session.scar.labels].name,
        sources=label_sources(
            {one.name: (one.source(session), one.origin) for one in session.labels},
            result.scan,
        ),
    )


def label_sources(made: Mapping[str, tuple[Provenance, str]], scan: Scan) -> dict[str, str]:
    """What label maps were made from, in words, by name.

    Parameters
    ----------
    made : dict of str to (Provenance, str)
        With ``empty``, ``reference`` or ``model`` as what they began from.
    scan : Scan
    """
    return {
        name: labels_text(provenance, origin, scan.n_phase_encodes)
        for name, (provenance, origin) in made.items()
    }


def model_reference(name: str, preset: str = "live") -> ModelReference:
    """Name a model with the SHA-256 of the weights that are installed.

    Raises
    ------
    ScanError
        If there are none, or their card is damaged.
    """
    card = read_card(find_weights(name, preset))
    return ModelReference(name=name, preset=preset, sha256=card.sha256)
