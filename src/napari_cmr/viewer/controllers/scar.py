"""The search for scar behind the dock: what it needs, what it gives, and its table."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_cmr.analysis.scar import Scar, ScarFinder, ScarSettings
from napari_cmr.analysis.scar_extent import ScarExtent, scar_extent, sensitivity
from napari_cmr.scan import Label, Scan, ScanError


@dataclass(frozen=True, eq=False)
class Found:
    """What came back from the search; the finder is kept for the next threshold."""

    finder: ScarFinder
    scar: Scar
    extent: ScarExtent
    labelled_g: float | None
    curve: list[dict[str, float]] | None


@dataclass(frozen=True, eq=False)
class Refused:
    """Why there can be no search."""

    problem: str


def what_is_missing(scan: Scan | None, layer: Any) -> str:
    """What the user has to do before scar can be looked for; empty if nothing."""
    if scan is None:
        return "Open a late enhancement scan to look for scar in it."
    if scan.n_frames > 1:
        return (
            "This is a cine. Scar is looked for in a still image after gadolinium: open the late "
            "enhancement series."
        )
    if layer is None:
        return (
            "Scar is looked for inside the myocardium. Segment the scan, draw the LV cavity and "
            "the myocardium under Edit, or open a file with its labels."
        )
    return ""


def table_text(found: Found, curve: list[dict[str, float]] | None) -> str:
    """Numbers, segments and curve as tab-separated text."""
    record = found.extent.to_dict()
    settings = found.scar.settings
    lines = ["measurement\tvalue", f"method\t{settings.method}", f"n\t{settings.n:g}"]
    for key in ("myocardium_g", "scar_g", "scar_percent", "no_reflow_g", "no_reflow_percent"):
        lines.append(f"{key}\t{record[key]:.2f}")
    lines += ["", "segment\tname\tscar (%)\ttransmurality (%)"]
    for one in record["segments"]:
        values = (one["scar_percent"], one["transmurality_percent"])
        cells = ["" if value is None else f"{value:.1f}" for value in values]
        lines.append("\t".join([str(one["segment"]), one["name"], *cells]))
    if curve:
        lines += ["", "n\tscar (g)"]
        lines += [f"{point['n']:g}\t{point['scar_g']:.2f}" for point in curve]
    return "\n".join([*lines, "", "Research use only"])


def search(
    scan: Scan,
    labels: np.ndarray,
    remote: np.ndarray | None,
    finder: ScarFinder | None,
    how: tuple[ScarSettings, float | None, bool],
) -> Generator[Found | Refused, None, None]:
    """Find scar at these settings, then the curve over n if it is asked for."""
    settings, septum_deg, with_curve = how
    try:
        if finder is None:
            finder = ScarFinder(scan.image[0], labels, scan.geometry, remote=remote)
        scar = finder.find(settings)
        extent = scar_extent(scar.labels, scan.geometry, septum_deg=septum_deg)
    except ScanError as error:
        yield Refused(str(error))
        return
    labelled = np.isin(finder.labels, (Label.SCAR, Label.NO_REFLOW))
    labelled_g = None
    if labelled.any():
        labelled_g = scar_extent(finder.labels, scan.geometry, septum_deg=septum_deg).scar_g
    yield Found(finder, scar, extent, labelled_g, None)
    if with_curve:
        yield Found(finder, scar, extent, labelled_g, sensitivity(finder, settings))
