"""What came out of models and measurements, each with what it was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from napari_cmr.analysis import AS_LABELLED, CardiacFunction, Reading
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Notice, Ventricle
from napari_cmr.workflow.edit.provenance import (
    NO_MODEL,
    KeptSlices,
    MadeFrom,
    Provenance,
    ef_fields,
)
from napari_cmr.workflow.segment.slice_confidence import phase_confidence
from napari_cmr.zoo.cavity_bounds import CavityBounds

LIVE = "live"
"""The preset of models that run in the window."""


@dataclass(frozen=True, eq=False)
class ModelResult:
    """What one model made of one acquisition of the scan, whole stack.

    Attributes
    ----------
    model : str
    acquisition : Acquisition
    function : CardiacFunction or None
        None where there was nothing to measure.
    ef_intervals : dict of tuple of 2 floats
        90 % intervals of the EFs in percent, where the model's card says how to get them.
    device : str
    seconds : float
        Of the network, all slices together.
    labels : ndarray of uint8, shape (T, Z, Y, X), or None
        As the model gave them.
    bounds : dict of CavityBounds
        Between which pixels the cavity of a ventricle lies in every slice, for the intervals.
    confidence : ndarray of float32, shape (T, Z, 3), or None
        How much of LV, MYO and RV to rely on in each slice; None where the model does not tell.
    mended : tuple of (int, int)
        Frames and slices in which ``labels`` are not as the network gave them.
    reading : Reading
        That ``function`` was measured with.
    warnings : tuple of Notice
    threads : int or None
        On how many threads, which decides about the last digit of its sums.
    precision : {"float32"} or None
        What the user chose for its convolutions; None is the device's own.
    weights : dict of str to str
        SHA-256 of the weights that it ran with, by model.
    method_settings : dict or None
        Of the method whose image the model saw, where they are not its own.
    """

    model: str
    acquisition: Acquisition
    function: CardiacFunction | None
    ef_intervals: Mapping[Ventricle, tuple[float, float]] = field(default_factory=dict)
    device: str = "cpu"
    seconds: float = 0.0
    labels: np.ndarray | None = None
    bounds: Mapping[Ventricle, CavityBounds] = field(default_factory=dict)
    confidence: np.ndarray | None = None
    mended: tuple[tuple[int, int], ...] = ()
    reading: Reading = AS_LABELLED
    warnings: tuple[Notice, ...] = ()
    threads: int | None = None
    precision: Literal["float32"] | None = None
    weights: dict[str, str] = field(default_factory=dict)
    method_settings: dict[str, Any] | None = None

    @property
    def source(self) -> Provenance:
        """What its labels were made from, what it said, and the numbers its intervals are of."""
        return Provenance(
            model=self.model,
            preset=LIVE,
            weights=self.weights,
            acquisition=self.acquisition,
            method_settings=self.method_settings,
            **ef_fields(self.function, self.ef_intervals),
            mended=self.mended,
            warnings=self.warnings,
            slice_confidence={}
            if self.function is None
            else phase_confidence(self.confidence, self.function),
        )


def partial_source(
    model: str,
    acquisition: Acquisition,
    warnings: tuple[Notice, ...] = (),
    weights: Mapping[str, str] | None = None,
    method_settings: dict[str, Any] | None = None,
) -> Provenance:
    """What labels of some frames or slices were made from, while the rest is to come."""
    return Provenance(
        model=model,
        preset=LIVE,
        weights=dict(weights or {}),
        acquisition=acquisition,
        method_settings=method_settings,
        warnings=warnings,
        is_whole=False,
    )


def lines_text(acquisition: Acquisition, n_phase_encodes: int) -> str:
    """Say how many lines a frame keeps: ``10 of 208 lines``."""
    n_lines = acquisition.n_lines
    if n_lines is None or n_lines >= n_phase_encodes:
        text = f"all {n_phase_encodes} lines"
    else:
        text = f"{n_lines} of {n_phase_encodes} lines"
    return f"{text}, edited by hand" if acquisition.toggled else text


def made_rows(name: str, made: Provenance, n_phase_encodes: int) -> list[str]:
    """Rows of a table that is copied: what labels of this name were made from.

    Lines as they can be drawn again, weights, and the same of slices that a run has kept. No row
    for labels that were drawn, or came with the scan.
    """
    rows = []
    for one in (made, *made.kept):
        n_kept = len(one.slices) if isinstance(one, KeptSlices) else 0
        what = f" ({n_kept} slice{'s' * (n_kept > 1)} kept)" if n_kept else ""
        if one.acquisition is not None:
            lines = lines_text(one.acquisition, n_phase_encodes)
            if one.acquisition.n_lines is not None:
                lines += f", {one.acquisition.pattern}, seed {one.acquisition.seed}"
            weights = [f"{network} {digest}" for network, digest in one.weights.items()]
            rows.append("\t".join([f"made from{what}", name, lines, *weights]))
    return rows


def old_text(source: MadeFrom, now: Acquisition, n_phase_encodes: int) -> str:
    """Say what labels were made from, where it is not what is chosen now; empty where it is."""
    made = source.acquisition
    if made is None or (made == now and source.is_whole):
        return ""
    text = lines_text(made, n_phase_encodes)
    if made == now:
        return f"only in part from {text}"
    if text == lines_text(now, n_phase_encodes):
        return f"from {text} of another acquisition"
    return f"from {text}" if source.is_whole else f"partly from {text}"


def told_of_run(
    model: str,
    acquisition: Acquisition,
    kept: Sequence[KeptSlices],
    n_corrected: int,
    *,
    replaces_corrected: bool,
) -> str:
    """Say what a run of the whole stack has left as it was, or replaced; empty for nothing.

    Parameters
    ----------
    model : str
    acquisition : Acquisition
        Lines of the run.
    kept : sequence of KeptSlices
        What it has left as it was.
    n_corrected : int
        Slices that the user had corrected.
    replaces_corrected : bool
        Whether it was to replace these.
    """
    n_kept = sum(len(one.slices) for one in kept)
    if n_corrected and not replaces_corrected:
        return (
            f"{model}: {_slices(n_corrected)} that you corrected {_are(n_corrected)} kept. To have "
            "the model's labels there, tick “Replace corrected slices” under Segment, More."
        )
    if n_kept and not n_corrected:
        others = any(one.acquisition != acquisition for one in kept)
        return (
            f"{model}: {_slices(n_kept)} that you accepted {_are(n_kept)} kept"
            f"{', and not of these lines' * others}."
        )
    if n_corrected > n_kept:
        return (
            f"{model} replaced labels that you had drawn: undo (Ctrl-Z) brings them back. "
            "Slices that are accepted are kept."
        )
    return ""


def _slices(n: int) -> str:
    return f"{n} slice{'s' * (n != 1)}"


def _are(n: int) -> str:
    return "are" if n > 1 else "is"


@dataclass(frozen=True)
class SliceTiming:
    """Lines, device and time in s of the network for all frames of the slice that came last."""

    acquisition: Acquisition
    device: str
    seconds: float


@dataclass(eq=False)
class ModelRun:
    """How one model fares on the scan that is open.

    Attributes
    ----------
    result : ModelResult or None
        The last one of the whole stack, of the current acquisition or not.
    full : ModelResult or None
        The last one of all lines, to compare with.
    source : Provenance
        What its newest labels were made from, and what it says of them.
    fresh : ndarray of bool, shape (T, Z), or None
        Where its labels on screen are of these lines.
    latest : SliceTiming or None
    """

    result: ModelResult | None = None
    full: ModelResult | None = None
    source: Provenance = NO_MODEL
    fresh: np.ndarray | None = None
    latest: SliceTiming | None = None
