"""Scar, comparison and styles of a window as a session file and a report keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from napari_cmr.viewer.core.derived import Derived, Kind, LabelsUsed
from napari_cmr.workflow.session.derived_results import NOTHING_DERIVED, DerivedResults
from napari_cmr.workflow.session.saved_results import SavedComparison, SavedScar, SavedStyles


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
    places = {id(layer): place for place, layer in enumerate(on_grid)}
    left_out = []

    def places_of(kind: Kind, labels: tuple[LabelsUsed, ...]) -> list[int]:
        """Which of the layers a result is of; empty where it is of what is no more."""
        found = [places.get(id(one.layer())) for one in labels]
        gone = "" if None not in found else "of labels that are gone"
        if why := derived.why_changed(kind) or gone:
            left_out.append(f"{kind} {why}")
            return []
        return [place for place in found if place is not None]

    scar = comparison = None
    found, both = derived.scar, derived.comparison
    if found is not None and (at := places_of("scar", (found.labels,))):
        scar = SavedScar.of(at[0], found.measurement, found.septum_deg)
    if both is not None and (at := places_of("comparison", both.labels)):
        comparison = SavedComparison.of(at[0], at[1], both.comparison, both.reading)
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
