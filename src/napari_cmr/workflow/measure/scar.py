"""From a late gadolinium enhancement scan and labels of its muscle to the scar."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from napari_cmr.analysis.scar import Method, Scar, ScarFinder, ScarSettings
from napari_cmr.analysis.scar_extent import (
    ScarExtent,
    mass_by_others,
    scar_extent,
    scar_mass_g,
    sensitivity,
)
from napari_cmr.scan import (
    Code,
    Label,
    Notice,
    Scan,
    ScanError,
    joined,
    save_csv,
    save_json,
    save_labels,
    texts_and_details,
    written_together,
)
from napari_cmr.workflow.measure.table import scar_row

#: Values of n that are in use: scar of a mass that half of is gone between them is doubted, if that
#: is more than readers differ by.
USUAL_N, CLIFF_PART, CLIFF_G = (2.5, 5.0), 0.5, 5.0


@dataclass(frozen=True, eq=False)
class ScarMeasurement:
    """Scar of one scan, and how it was found.

    Attributes
    ----------
    scar : Scar
    extent : ScarExtent
    curve : list of dict
        Scar mass against n of n-SD; empty where it was not computed.
    others : dict of str to float
        Scar mass in g by FWHM and by Otsu, with the same settings; computed with the curve.
    reference : ScarExtent or None
        Of the labels that came in, where these hold scar themselves.
    warnings : tuple of Notice
    automatic_g : float or None
        Scar mass in g with automatic remote muscle, where the user has drawn it.
    """

    scar: Scar
    extent: ScarExtent
    curve: list[dict[str, float]]
    reference: ScarExtent | None
    warnings: tuple[Notice, ...]
    others: dict[Method, float] = field(default_factory=dict)
    automatic_g: float | None = None

    @property
    def range_g(self) -> tuple[float, float] | None:
        """Least and most scar, in g, for n of n-SD within :data:`USUAL_N`; None without a curve."""
        grams = [one["scar_g"] for one in self.curve if USUAL_N[0] <= one["n"] <= USUAL_N[1]]
        return (min(grams), max(grams)) if grams else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary; slices count from 0, unknown numbers are None."""
        remote, settings = self.scar.remote, self.scar.settings
        return {
            **settings.model_dump(),
            "remote_from": "given" if remote.given else "automatic",
            "remote_mean": _known(remote.mean),
            "remote_sd": round(remote.sd, 4),
            "threshold": _known(self.scar.threshold),
            **self.extent.to_dict(),
            "sensitivity": self.curve,
            "scar_g_range": None if self.range_g is None else list(self.range_g),
            "scar_g_by_other_methods": self.others,
            "scar_g_by_automatic_remote": self.automatic_g,
            "reference": None if self.reference is None else self.reference.to_dict(),
            **texts_and_details(self.warnings),
        }


def scar_finder(
    scan: Scan, labels: np.ndarray | None = None, *, remote: np.ndarray | None = None
) -> ScarFinder:
    """Prepare the search for scar in a scan.

    Parameters
    ----------
    scan : Scan
        A still LGE stack.
    labels : ndarray of whole numbers, shape (1, Z, Y, X), optional
        With LV cavity and muscle; the scan's own reference labels by default.
    remote : ndarray of bool, shape (Z, Y, X), optional
        Healthy muscle drawn by the user.

    Raises
    ------
    ScanError
        If the scan has several frames, or there is no muscle to search.
    """
    where = scan.source or scan.name
    if scan.n_frames != 1:
        raise ScanError(
            f"{scan.n_frames} frames: scar is looked for in a still image after gadolinium, not "
            "in a cine",
            source=where,
            remedy="open the late enhancement series",
        )
    labels = scan.labels if labels is None else np.asarray(labels)
    if labels is None:
        raise ScanError(
            "there are no labels of the myocardium to look for scar in",
            source=where,
            remedy="segment the scan, draw the LV cavity (1) and the myocardium (2), or pass a "
            "label file",
        )
    if labels.shape != scan.shape:
        raise ScanError(
            f"labels of shape {labels.shape} on an image of shape {scan.shape}",
            source=where,
            remedy="labels must lie on the image's own grid",
        )
    return ScarFinder(scan.image[0], labels[0], scan.geometry, remote=remote)


def measure_scar(
    scan: Scan,
    settings: ScarSettings | None = None,
    *,
    labels: np.ndarray | None = None,
    remote: np.ndarray | None = None,
    septum_deg: float | None = None,
) -> ScarMeasurement:
    """Find the scar of a scan and measure it; see :func:`scar_finder` for parameters and errors."""
    finder = scar_finder(scan, labels, remote=remote)
    found = measure_found(scan, finder, settings, septum_deg=septum_deg)
    return with_curve(found, sensitivity(finder, settings), mass_by_others(finder, settings))


def with_curve(
    found: ScarMeasurement, curve: list[dict[str, float]], others: dict[Method, float]
) -> ScarMeasurement:
    """Add what other thresholds find, and a doubt where the mass hangs on them."""
    found = replace(found, curve=curve, others=others)
    low, high = found.range_g or (0.0, 0.0)
    if high - low <= max(CLIFF_G, CLIFF_PART * high):
        return found
    text = (
        f"Scar is {high:.1f} g or {low:.1f} g as n goes from {USUAL_N[0]:g} to {USUAL_N[1]:g}, "
        f"{others['fwhm']:.1f} g by FWHM and {others['otsu']:.1f} g by Otsu: the number depends on "
        "the threshold. Look at the outlines before using it."
    )
    doubt = Notice(Code.SCAR_HANGS_ON_THRESHOLD, text, "scar")
    return replace(found, warnings=joined(found.warnings, (doubt,)))


def measure_found(
    scan: Scan,
    finder: ScarFinder,
    settings: ScarSettings | None = None,
    *,
    septum_deg: float | None = None,
) -> ScarMeasurement:
    """Find and measure scar with a finder that is there already; its curve is left empty.

    Raises
    ------
    ScanError
        See :func:`~napari_cmr.analysis.scar_extent.scar_extent`.
    """
    scar = finder.find(settings)
    extent = scar_extent(scar.labels, scan.geometry, septum_deg=septum_deg)
    reference = None
    if np.isin(finder.labels, (Label.SCAR, Label.NO_REFLOW)).any():
        reference = scar_extent(finder.labels, scan.geometry, septum_deg=septum_deg)
    warnings = joined(_doubts(scan), scar.warnings, extent.warnings)
    automatic = None
    if scar.remote.given:
        automatic = round(scar_mass_g(finder.by_automatic_remote, settings), 3)
    return ScarMeasurement(scar, extent, [], reference, warnings, automatic_g=automatic)


def how_text(scar: Scar) -> str:
    """How scar was found, in words: method, n where it has one, and remote muscle."""
    n = scar.settings.n
    method = {"nsd": f"n-SD with n = {n:g}", "fwhm": "FWHM", "otsu": "Otsu"}[scar.settings.method]
    return f"{method}, remote muscle {'drawn by hand' if scar.remote.given else 'found by itself'}"


def scar_record(scan: Scan, found: ScarMeasurement) -> dict[str, Any]:
    """Put a measurement and what it was made from into one JSON-ready dictionary."""
    return {
        "scan": scan.name,
        "synthetic": scan.synthetic,
        "spacing_mm": [round(value, 4) for value in scan.spacing],
        **found.to_dict(),
        **texts_and_details(scan.notes, "notes"),
        "use": "research only",
    }


class ScarFiles(NamedTuple):
    """Where to write the labels (``.nii`` or ``.nii.gz``), the JSON and the CSV of a scar."""

    labels: Path | None = None
    record: Path | None = None
    table: Path | None = None


def save_scar(
    scan: Scan,
    found: ScarMeasurement,
    files: ScarFiles,
    *,
    inputs: Sequence[str | PathLike[str] | None] = (),
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write labels with the scar as NIfTI, the numbers as JSON and as one row of CSV.

    Parameters
    ----------
    scan : Scan
    found : ScarMeasurement
    files : ScarFiles
        Which of them, and where.
    inputs : sequence of path
        Other files that were read for it, such as labels and a mask of healthy muscle.
    overwrite : bool
        Whether files that exist may be replaced.

    Returns
    -------
    dict
        What the JSON holds.

    Raises
    ------
    ScanError
        If one of the files may not be written, see :func:`~napari_cmr.scan.check_outputs`. No file
        is left then.
    """
    content = scar_record(scan, found)
    sources = [scan.source, *inputs]
    with written_together(*files, inputs=sources, overwrite=overwrite) as at:
        if files.labels is not None:
            save_labels(at[files.labels], found.scar.labels[None], scan)
        if files.record is not None:
            save_json(at[files.record], content)
        if files.table is not None:
            save_csv(at[files.table], [scar_row(content)])
    return content


def _doubts(scan: Scan) -> list[Notice]:
    if scan.kind == "cine":
        text = "This was read as a cine: only late enhancement shows scar bright."
        return [Notice(Code.NOT_LATE_ENHANCEMENT, text)]
    return []


def _known(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 4) for value in values]
