"""Scar, comparison and styles of a session, made again and held against what was saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.scan import Scan, ScanError
from napari_cmr.workflow.session.file import SessionFile
from napari_cmr.workflow.session.saved_results import SavedComparison, SavedScar, SavedStyles

if TYPE_CHECKING:
    from napari_cmr.workflow.measure.comparison import LabelComparison
    from napari_cmr.workflow.measure.scar import ScarMeasurement
    from napari_cmr.workflow.style.rendering import Styled

SCAR_G, DICE = 0.05, 0.005
"""Differences that are taken for rounding."""


@dataclass(frozen=True, eq=False)
class DerivedResults:
    """What was made from labels, or from a slice; None where the session has none.

    Attributes
    ----------
    scar : ScarMeasurement or None
    comparison : LabelComparison or None
    styles : Styled or None
    """

    scar: "ScarMeasurement | None" = None
    comparison: "LabelComparison | None" = None
    styles: "Styled | None" = None


NOTHING_DERIVED = DerivedResults()


def of_labels(
    session: SessionFile, scan: Scan, maps: Sequence[np.ndarray]
) -> tuple[DerivedResults, tuple[str, ...]]:
    """Make scar and comparison of a session again; no model is run.

    Parameters
    ----------
    session : SessionFile
    scan : Scan
    maps : sequence of ndarray, shape (T, Z, Y, X)
        The session's labels, in their order.

    Returns
    -------
    DerivedResults
    tuple of str
        How they differ from what was saved.

    Raises
    ------
    ScanError
        If one of them cannot be made from these labels.
    """
    scar = comparison = None
    doubts = []
    if session.scar is not None:
        scar = session.scar.measure(scan, maps[session.scar.labels])
        doubts += _other_scar(session.scar, scar)
    if session.comparison is not None:
        saved = session.comparison
        names = session.labels[saved.first].name, session.labels[saved.second].name
        comparison = saved.compare(scan, maps[saved.first], maps[saved.second], names)
        doubts += _other_comparison(saved, comparison)
    return DerivedResults(scar, comparison), tuple(doubts)


def styles_again(saved: SavedStyles, scan: Scan) -> tuple["Styled", tuple[str, ...]]:
    """Render styles again, and label them where they were labelled.

    Returns
    -------
    Styled
    tuple of str
        How they differ from what was saved.

    Raises
    ------
    ScanError
        If a model is missing.
    """
    from napari_cmr.workflow.style.rendering import render_again

    styled = render_again(scan, saved.styled())
    before, now = saved.spread, styled.spread
    if before is None:
        return styled, ()
    if now is None:
        return styled, ("styles were labelled then, and no model labels them here",)
    return styled, tuple(
        f"{name} Dice between styles is {_text(b)} here, {_text(a)} when it was saved"
        for name, a, b in (
            ("LV", before.lv_dice, now.lv_dice),
            ("MYO", before.myo_dice, now.myo_dice),
        )
        if _apart(a, b, DICE)
    )


def check_derived(session: SessionFile, scan: Scan) -> None:
    """Make sure that what was derived lies inside the scan.

    Raises
    ------
    ScanError
    """
    if session.scar is not None:
        session.scar.remote_mask(scan.shape[1:])
    if session.comparison is not None:
        session.comparison.reading.check(scan.n_frames, scan.n_slices)
    styles = session.styles
    if styles is not None and (styles.frame >= scan.n_frames or styles.slice >= scan.n_slices):
        raise ScanError("styles are of a slice that the scan does not have")


def refuse(doubts: Sequence[str], path: Path) -> None:
    """Refuse a replay that gave something else.

    Raises
    ------
    ScanError
    """
    if doubts:
        raise ScanError(
            f"results differ from those that were saved: {'; '.join(doubts)}",
            source=path,
            remedy="take those of this computer with 'napari-cmr replay --any-weights', or open "
            "the session in the window and save it again",
        )


def derived_record(session: SessionFile, results: DerivedResults) -> dict[str, Any]:
    """Results and what they were made from, JSON-ready; only those that there are."""
    content: dict[str, Any] = {}
    if results.scar is not None and session.scar is not None:
        content["scar"] = {
            "labels": session.labels[session.scar.labels].name,
            "septum_deg": session.scar.septum_deg,
            **results.scar.to_dict(),
        }
    if results.comparison is not None:
        content["comparison"] = results.comparison.to_dict()
    if results.styles is not None:
        content["styles"] = SavedStyles.of(results.styles).model_dump(mode="json")
    return content


def _other_scar(saved: SavedScar, now: "ScarMeasurement") -> list[str]:
    grams = now.extent.scar_g
    if not _apart(saved.scar_g, grams, SCAR_G):
        return []
    return [f"scar is {grams:.2f} g here, {saved.scar_g:.2f} g when it was saved"]


def _other_comparison(saved: SavedComparison, now: "LabelComparison") -> list[str]:
    again = SavedComparison.of(saved.first, saved.second, now, saved.reading)
    return [
        f"{name.upper()} Dice is {_text(again.dice.get(name))} here, {_text(value)} when it was "
        "saved"
        for name, value in saved.dice.items()
        if _apart(value, again.dice.get(name), DICE)
    ]


def _apart(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > tolerance


def _text(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
