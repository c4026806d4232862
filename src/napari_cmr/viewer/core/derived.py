"""Scar, comparison and styles of the scan that is open, each with what it was made from."""

import zlib
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from psygnal import Signal

from napari_cmr.analysis import AS_LABELLED, Reading
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance

if TYPE_CHECKING:
    from napari_cmr.workflow.measure.comparison import LabelComparison
    from napari_cmr.workflow.measure.scar import ScarMeasurement
    from napari_cmr.workflow.style.rendering import Styled

Kind = Literal["scar", "comparison", "styles"]


def digest_of(labels: np.ndarray) -> int:
    """CRC-32 of labels: whether they have changed, not whether somebody changed them on purpose."""
    return zlib.crc32(np.ascontiguousarray(labels).data)


@dataclass(frozen=True, eq=False)
class LabelsUsed:
    """Labels that something was made from, as they were then.

    Attributes
    ----------
    name : str
        Of their layer.
    layer : callable
        Gives the layer, or None once it is gone.
    source : Provenance
        What they were made from themselves.
    digest : int
        See :func:`digest_of`.
    """

    name: str
    layer: Callable[[], Any] = lambda: None
    source: Provenance = NO_MODEL
    digest: int = 0


@dataclass(frozen=True, eq=False)
class ScarResult:
    """Scar in the muscle of some labels.

    Attributes
    ----------
    labels : LabelsUsed
    measurement : ScarMeasurement
        With method, n and remote muscle; its curve is empty until it has been computed.
    septum_deg : float or None
        Where the user has put the septum.
    """

    labels: LabelsUsed
    measurement: "ScarMeasurement"
    septum_deg: float | None = None


@dataclass(frozen=True, eq=False)
class ComparisonResult:
    """How two label sets differ.

    Attributes
    ----------
    labels : tuple of 2 LabelsUsed
    comparison : LabelComparison
    reading : Reading
        How both were turned into volumes.
    """

    labels: tuple[LabelsUsed, LabelsUsed]
    comparison: "LabelComparison"
    reading: Reading = AS_LABELLED


class Derived:
    """Results that are made from labels, or from a slice, rather than from lines.

    Whoever makes one says here when what it was made from has changed; until it is made again it
    counts as old. So it does while labels that it was made from are of other lines than those that
    are chosen.

    Parameters
    ----------
    lines_of : callable
        Says what labels of a :class:`Provenance` were made from, where that is not what is chosen
        now; empty where it is.
    kept_of : callable
        Says which slices among them a run has kept that are not of what is chosen now, of some
        frames or, for None, of all; empty for none.

    Attributes
    ----------
    scar : ScarResult or None
    comparison : ComparisonResult or None
    styles : Styled or None
    """

    changed = Signal(str)
    """A result of this kind has come, gone, or grown old or new."""

    def __init__(
        self,
        lines_of: Callable[[Provenance], str],
        kept_of: Callable[[Provenance, Container[int] | None], str],
    ) -> None:
        self._lines_of, self._kept_of = lines_of, kept_of
        self._why: dict[Kind, str] = {}
        self.scar: ScarResult | None = None
        self.comparison: ComparisonResult | None = None
        self.styles: Styled | None = None

    def set_scar(self, scar: ScarResult | None) -> None:
        """Take the scar that was found last."""
        self.scar = scar
        self._renewed("scar")

    def set_comparison(self, comparison: ComparisonResult | None) -> None:
        """Take the comparison that was made last."""
        self.comparison = comparison
        self._renewed("comparison")

    def set_styles(self, styles: "Styled | None") -> None:
        """Take the styles that were rendered last."""
        self.styles = styles
        self._renewed("styles")

    def clear(self) -> None:
        """Forget everything: another scan is open."""
        self.set_scar(None)
        self.set_comparison(None)
        self.set_styles(None)

    def mark(self, kind: Kind, why: str) -> None:
        """Say what a result is of, where what it was made from has changed; empty where it has not.

        Parameters
        ----------
        kind : {"scar", "comparison", "styles"}
        why : str
            Such as ``before Labels was edited``.
        """
        if getattr(self, kind) is not None and why != self._why.get(kind, ""):
            self._why[kind] = why
            self.changed.emit(kind)

    def why_changed(self, kind: Kind) -> str:
        """Say how what a result was made from has changed; empty where it has not."""
        return self._why.get(kind, "")

    def old_text(self, kind: Kind) -> str:
        """Say what a result is of, where that is not what is on screen; empty where it is."""
        if self._why.get(kind):
            return self._why[kind]
        return "; ".join(dict.fromkeys(filter(None, map(self._lines_of, self._sources(kind)))))

    def kept_text(self, kind: Kind) -> str:
        """Say which slices in a result are of other lines, as a run has kept them; empty for none.

        Nor is anything said where all of it is old.
        """
        if self.old_text(kind):
            return ""
        if kind == "scar" and self.scar is not None:
            return self._kept_of(self.scar.labels.source, None)
        if kind == "comparison" and self.comparison is not None:
            frames = self.comparison.comparison.frames
            both = [(one.name, self._kept_of(one.source, frames)) for one in self.comparison.labels]
            said = "; ".join(f"in {name}, {kept}" for name, kept in both if kept)
            return said[:1].upper() + said[1:]
        return ""

    def lines_changed(self, _acquisition: Any = None) -> None:
        """Say that other lines are chosen."""
        self.changed.emit("scar")
        self.changed.emit("comparison")

    def _sources(self, kind: Kind) -> tuple[Provenance, ...]:
        if kind == "scar" and self.scar is not None:
            return (self.scar.labels.source,)
        if kind == "comparison" and self.comparison is not None:
            return tuple(one.source for one in self.comparison.labels)
        return ()

    def _renewed(self, kind: Kind) -> None:
        self._why.pop(kind, None)
        self.changed.emit(kind)
