"""The session file: which scan, which lines, which models, which edits, and what was looked at.

It is JSON and nothing but data: reading one runs no code and opens no other file. Where its scan
lies is checked by :func:`scan_path` before anything is opened.
"""

import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from napari_cmr.analysis.interpretation import AS_LABELLED, Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import ScanError, written_together
from napari_cmr.workflow.edit.provenance import Provenance, with_ordered_lines
from napari_cmr.workflow.session.label_runs import apply_runs, encode_runs
from napari_cmr.workflow.session.record import (
    FileKind,
    ModelReference,
    Name,
    Record,
    Runs,
    Sha256,
    Whole,
    read_record,
)
from napari_cmr.workflow.session.saved_results import SavedComparison, SavedScar, SavedStyles

ENDING = ".cmr-session.json"
FORMAT: Literal["napari-cmr session"] = "napari-cmr session"
VERSION: Literal[2] = 2
"""Of files that are written; 1, without scar, comparison and styles, is read as well."""
MAX_BYTES = 32 * 1024 * 1024
"""Larger files are refused unread; thirty frames of twelve slices take about 2 MB a label map."""

_KIND = FileKind(
    "session",
    choose=f"choose a *{ENDING} file",
    mend="save the session again; it was damaged or changed by hand",
    max_bytes=MAX_BYTES,
    version=VERSION,
)
_DEVICE = Annotated[str, Field(pattern=r"^(cpu|mps|cuda(:[0-9]{1,3})?)$")]


class ScanReference(Record):
    """Which scan a session is about.

    Attributes
    ----------
    path : str or None
        Absolute, or below the folder of the session file with ``/`` between its parts.
    sample : str or None
        Name of a sample heart; a session has a path or a sample.
    series : str or None
        Key of the series or stack in a DICOM folder.
    name : str
    shape : tuple of 4 ints
        ``(T, Z, Y, X)``.
    sha256 : str
        See :func:`scan_digest`.
    """

    path: str | None = Field(default=None, min_length=1, max_length=4096)
    sample: str | None = Field(default=None, min_length=1, max_length=100)
    series: str | None = Field(default=None, min_length=1, max_length=200)
    name: str = Field(max_length=1000)
    shape: tuple[Whole, Whole, Whole, Whole]
    sha256: Sha256

    @model_validator(mode="after")
    def _one_place(self) -> "ScanReference":
        if (self.path is None) == (self.sample is None):
            raise ValueError("needs either a path or the name of a sample")
        return self


class SavedLabels(Record):
    """One label map: what it started as, and what the user changed in it.

    Attributes
    ----------
    name : str
        Of the layer.
    origin : {"empty", "reference", "model"}
        Nothing, the labels that came with the scan, or what a model gave.
    model : str or None
        Name of the model.
    acquisition : Acquisition or None
        The lines that the model saw.
    device : str or None
        Where the model ran.
    threads : int or None
        On how many threads, which decides about the last digit of its sums.
    precision : {"float32"} or None
        What the user chose for its convolutions; None is the device's own.
    base : tuple of int
        Labels at the start, as runs; see :mod:`napari_cmr.workflow.session.label_runs`.
    edits : tuple of int
        Runs that differ now.
    accepted : tuple of (int, int)
        Frames and slices, from 0, that the user has accepted.
    made_from : Provenance or None
        What they were made from, what was said of them, and what was corrected; None in files of
        older versions.
    """

    name: Name
    origin: Literal["empty", "reference", "model"]
    model: str | None = Field(default=None, max_length=200)
    acquisition: Acquisition | None = None
    device: _DEVICE | None = None
    threads: int | None = Field(default=None, ge=1, le=1024)
    precision: Literal["float32"] | None = None
    base: Runs = ()
    edits: Runs = ()
    accepted: tuple[tuple[Whole, Whole], ...] = Field(default=(), max_length=100_000)
    made_from: Provenance | None = None

    @model_validator(mode="after")
    def _knows_its_model(self) -> "SavedLabels":
        of_model = self.origin == "model"
        if of_model != (self.model is not None) or of_model != (self.acquisition is not None):
            raise ValueError("a model and its acquisition belong to labels of a model, and only so")
        if self.origin == "empty" and self.base:
            raise ValueError("labels that started empty have no base")
        return self

    @classmethod
    def of(
        cls,
        name: str,
        labels: np.ndarray,
        base: np.ndarray | None = None,
        *,
        model: str | None = None,
        acquisition: Acquisition | None = None,
        device: str | None = None,
        threads: int | None = None,
        precision: Literal["float32"] | None = None,
        accepted: np.ndarray | None = None,
        made_from: Provenance | None = None,
    ) -> "SavedLabels":
        """Put a label map ``(T, Z, Y, X)`` on record; without a base it was drawn from nothing."""
        return cls(
            name=name,
            origin="empty" if base is None else "reference" if model is None else "model",
            model=model,
            acquisition=acquisition,
            base=() if base is None else encode_runs(base),
            device=device,
            threads=threads,
            precision=precision,
            edits=encode_runs(labels, base),
            accepted=()
            if accepted is None
            else tuple((int(t), int(z)) for t, z in np.argwhere(accepted)),
            made_from=made_from,
        )

    def base_labels(self, shape: tuple[int, ...]) -> np.ndarray:
        """Labels ``(T, Z, Y, X)`` at the start."""
        return apply_runs(self.base, np.zeros(shape, dtype=np.uint8))

    def labels(self, shape: tuple[int, ...]) -> np.ndarray:
        """Labels ``(T, Z, Y, X)`` as they were saved."""
        return apply_runs(self.edits, self.base_labels(shape))

    def source(self, session: "SessionFile") -> Provenance:
        """What the labels were made from, as far as their session knows."""
        if self.made_from is not None:
            return self.made_from
        weights = {one.name: one.sha256 for one in session.models if one.name == self.model}
        return Provenance(model=self.model, weights=weights, acquisition=self.acquisition)

    @property
    def n_edited(self) -> int:
        """Number of voxels that the user changed."""
        return sum(self.edits[1::3])


class LayerView(Record):
    """How a layer was shown; found again by its part in the session and its name."""

    role: Name
    name: Name
    visible: bool = True
    opacity: float = Field(default=1.0, ge=0.0, le=1.0)
    contrast_limits: tuple[float, float] | None = None


class SavedView(Record):
    """What was looked at, frame and slice from 0, and which models and methods were chosen.

    Reconstructed images are not kept: the method, its settings and the lines make them again.
    """

    frame: Whole = 0
    slice: Whole = 0
    picture: Literal["image", "zero_filled", "temporal_average", "reconstructed"] = "image"
    zoom: float | None = Field(default=None, gt=0.0, le=1e6)
    centre: tuple[float, float] | None = None
    layers: tuple[LayerView, ...] = Field(default=(), max_length=256)
    models: tuple[Name, ...] = Field(default=(), max_length=64)
    methods: tuple[Name, ...] = Field(default=(), max_length=64)
    settings: dict[Name, dict[Name, bool | int | float | str | None]] = Field(
        default_factory=dict, max_length=64
    )
    side_by_side: bool = True
    overlay: Literal["none", "error", "uncertainty", "added", "motion"] = "none"


class SessionFile(Record):
    """A session as it lies on disk.

    Attributes
    ----------
    format, version
        Tell a session from other JSON, and its schema.
    written_by : str
        Version of napari-cmr.
    use : str
    scan : ScanReference
    acquisition : Acquisition
        Lines that are kept, edits by hand included.
    models : tuple of ModelReference
        Models whose labels are here, and the localiser that found the heart for them.
    labels : tuple of SavedLabels
    measured : int or None
        Which of the labels the numbers are of.
    reading : Reading
        How the labels are turned into numbers: ED and ES, slices that count, papillary muscles.
    scar : SavedScar or None
    comparison : SavedComparison or None
    styles : SavedStyles or None
    view : SavedView
    """

    format: Literal["napari-cmr session"]
    version: Literal[1, 2]
    written_by: str = Field(default="", max_length=100)
    use: str = Field(default="research only", max_length=100)
    scan: ScanReference
    acquisition: Acquisition = Acquisition()
    models: tuple[ModelReference, ...] = Field(default=(), max_length=64)
    labels: tuple[SavedLabels, ...] = Field(default=(), max_length=64)
    measured: int | None = Field(default=None, ge=0)
    reading: Reading = AS_LABELLED
    scar: SavedScar | None = None
    comparison: SavedComparison | None = None
    styles: SavedStyles | None = None
    view: SavedView = SavedView()

    @model_validator(mode="after")
    def _hangs_together(self) -> "SessionFile":
        names = {model.name for model in self.models}
        for one in self.labels:
            if one.model is not None and one.model not in names:
                raise ValueError(f"labels of {one.model!r}, which is not among the models")
        if self.measured is not None and self.measured >= len(self.labels):
            raise ValueError("the labels that are measured are not there")
        used = [] if self.scar is None else [self.scar.labels]
        if self.comparison is not None:
            used += [self.comparison.first, self.comparison.second]
        if max(used, default=-1) >= len(self.labels):
            raise ValueError("labels that something was made from are not there")
        return self


def is_session_name(path: str | PathLike[str]) -> bool:
    """Whether a path is a session file by its name; no scan ends in ``.json``."""
    return Path(path).suffix.lower() == ".json"


def read_session(path: str | PathLike[str]) -> SessionFile:
    """Read and check a session file. The scan is not opened.

    Raises
    ------
    ScanError
        If it is missing, larger than :data:`MAX_BYTES`, not a session, or of another version.
    """
    path = Path(path)
    session = read_record(path, SessionFile, _KIND)
    voxels = int(np.prod([float(n) for n in session.scan.shape]))
    for one in session.labels:
        for runs in (one.base, one.edits):
            _check_runs(runs, voxels, f"the labels {one.name!r}", path)
    if session.scar is not None and session.scar.remote is not None:
        _check_runs(session.scar.remote, voxels, "remote muscle", path)
    return session


def _check_runs(runs: Sequence[int], voxels: int, what: str, path: Path) -> None:
    """Look for runs outside of the scan, without the memory that a label map would take."""
    if len(runs) % 3 or (runs and runs[-3] + runs[-2] > voxels):
        raise ScanError(
            f"the runs of {what} do not fit a scan of {voxels} voxels",
            source=path,
            remedy=_KIND.mend,
        )


def write_session(
    path: str | PathLike[str],
    session: SessionFile,
    *,
    inputs: Sequence[str | PathLike[str] | None] = (),
    overwrite: bool = False,
) -> None:
    """Write a session file in one step: a line for each part; equal sessions make equal files.

    Parameters
    ----------
    path : path
    session : SessionFile
    inputs : sequence of path
        Files and folders that it is about, which it must not replace.
    overwrite : bool
        Whether a file that exists may be replaced.

    Raises
    ------
    ScanError
        If the file may not be written (see :func:`~napari_cmr.scan.check_outputs`), or is too
        large to be read again.
    """
    path = Path(path)
    record: dict[str, Any] = session.model_dump(mode="json")
    sources = [one["made_from"] for one in record["labels"] if one["made_from"] is not None]
    for one in (record, *record["labels"], *sources):
        with_ordered_lines(one)
    lines = (f'"{key}": {json.dumps(value, allow_nan=False)}' for key, value in record.items())
    content = ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")
    if len(content) > MAX_BYTES:
        raise ScanError(
            f"the session would be larger than {MAX_BYTES // 2**20} MB",
            source=path,
            remedy="remove labels layers that you do not need, and save again",
        )
    with written_together(path, inputs=inputs, overwrite=overwrite) as at:
        at[path].write_bytes(content)
