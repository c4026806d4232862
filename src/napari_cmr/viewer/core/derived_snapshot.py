"""Scar, comparison and styles of a window as a session file and a report keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from napari_cmr.viewer.core.derived import Derived, Kind
from napari_cmr.workflow.session.derived_results import NOTHING_DERIVED, DerivedResults
from napari_cmr.workflow.session.saved_results import SavedComparison, SavedScar, SavedStyles

_WORDS: dict[Kind, str] = {"scar": "scar", "comparison": "comparison", "styles": "styles"}


@dataclass(frozen=True, eq=False)
class DerivedSnapshot:
    """What was made from labels, or from a slice, and belongs to the labels that are saved.

    Attributes
    ----------
    results : DerivedResults
        For a report.
    scar, comparison, styles : SavedScar, SavedComparison, SavedStyles or None
        For a session file.
    left_out : tuple of str
        What was left out, and what it is of: it was made from something that is no more.
    """

    results: DerivedResults = NOTHING_DERIVED
    scar: SavedScar | None = None
    comparison: SavedComparison | None = None
    styles: SavedStyles | None = None
    left_out: tuple[str, ...] = ()


def derived_snapshot(derived: Derived, on_grid: Sequence[Any]) -> DerivedSnapshot:
    """Take down what was derived.

    Parameters
    ----------
    derived : Derived
    on_grid : sequence of Labels
        Layers that are saved, in the order in which they are.
    """
    left_out = [
        f"{_WORDS[kind]} {derived.why_changed(kind)}"
        for kind in _WORDS
        if getattr(derived, kind) is not None and derived.why_changed(kind) and kind != "styles"
    ]
    scar = comparison = None
    found = derived.scar
    if found is not None and not derived.why_changed("scar"):
        scar = SavedScar.of(
            on_grid.index(found.labels.layer()), found.measurement, found.septum_deg
        )
    both = derived.comparison
    if both is not None and not derived.why_changed("comparison"):
        first, second = (on_grid.index(one.layer()) for one in both.labels)
        comparison = SavedComparison.of(first, second, both.comparison, both.reading)
    styled = derived.styles  # of a slice that it names, wherever the user looks now
    return DerivedSnapshot(
        DerivedResults(
            None if scar is None or found is None else found.measurement,
            None if comparison is None or both is None else both.comparison,
            styled,
        ),
        scar,
        comparison,
        None if styled is None else SavedStyles.of(styled),
        tuple(left_out),
    )
