"""Scar by every method against EMIDEC, inside the myocardium of its readers or of a model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from napari_cmr.analysis.scar import ScarFinder, ScarSettings
from napari_cmr.analysis.volumes import MYOCARDIAL_DENSITY_G_PER_ML
from napari_cmr.scan import (
    Label,
    ScanError,
    check_outputs,
    output_folder,
    written_together,
)
from napari_cmr.scan.datasets.emidec import emidec_cases, read_emidec
from napari_cmr.scan.export import save_csv
from napari_cmr.zoo import ModelChoice

SETTINGS = (
    *(ScarSettings(method="nsd", n=n) for n in (2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6)),
    ScarSettings(method="fwhm"),
    ScarSettings(method="otsu"),
)
VALIDATION_EVERY = 5
"""Cases whose number is divisible by this are held out; thresholds were chosen on the others."""

SCAR = (Label.SCAR, Label.NO_REFLOW)


@dataclass(frozen=True)
class CaseScar:
    """One case by one method; masses in g, parts in percent of the myocardium."""

    case: str
    method: str
    is_validation: bool
    is_normal: bool
    scar_g: float
    reference_g: float
    scar_percent: float
    reference_percent: float
    no_reflow_g: float
    reference_no_reflow_g: float
    dice: float


def name_of(settings: ScarSettings) -> str:
    """Method as a reader calls it."""
    names = {"fwhm": "FWHM", "otsu": "Otsu"}
    return names.get(settings.method, f"{settings.n:g}-SD")


def evaluate(
    data: str | PathLike[str],
    output: str | PathLike[str],
    *,
    spacing: Sequence[float] | None = None,
    model: ModelChoice | None = None,
    overwrite: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Measure every case of a folder by every method and write the results.

    Parameters
    ----------
    data : path
        EMIDEC folder with ``images`` and ``labels``.
    output : path
        Folder; gets ``scar.csv`` (a row for every case and method) and ``scar.md``.
    spacing : sequence of 3 floats, optional
        ``(dz, dy, dx)`` in mm for all cases; see
        :func:`napari_cmr.scan.datasets.emidec.read_emidec`.
    model : ModelChoice, optional
        Whose cavity and myocardium are taken instead of the readers'. Percent of the LV is
        then of its own myocardium.
    overwrite : bool
        Whether results that are there may be replaced.
    report : callable
        Is told of every case in which the model found no myocardium; these are left out.

    Returns
    -------
    Path
        The Markdown page.

    Raises
    ------
    ScanError
        If the folder holds no labelled cases, or the model found no myocardium in any; or if the
        results would lie in it, or replace others.
    """
    with output_folder(output, inputs=[data]) as folder:
        table, page = folder / "scar.csv", folder / "scar.md"
        check_outputs(table, page, inputs=[data], overwrite=overwrite)
        rows = list(_measure_all(Path(data), spacing, model, report))
        if not rows:
            assert model is not None  # the readers drew some in every case
            raise ScanError(f"{model.name} found no myocardium in any case", source=data)
        with written_together(table, page, inputs=[data], overwrite=overwrite) as at:
            save_csv(at[table], [vars(row) for row in rows])
            at[page].write_text(markdown(rows), encoding="utf-8", errors="replace")
    return page


def _measure_all(
    folder: Path,
    spacing: Sequence[float] | None,
    model: ModelChoice | None,
    report: Callable[[str], None],
) -> Iterator[CaseScar]:
    for case in emidec_cases(folder):
        scan = read_emidec(folder, case, spacing=spacing)
        if scan.labels is None:
            raise ScanError(f"{case} has no labels to compare with", source=folder)
        labels = scan.labels[0]
        if model is not None:
            from napari_cmr.workflow.segment.late_enhancement import segment_lge

            labels = segment_lge(scan, model).labels[0]
            if not (labels == Label.MYO).any():
                report(f"left out {case}: {model.name} found no myocardium")
                continue
        finder = ScarFinder(scan.image[0], labels, scan.geometry)
        truth = np.isin(scan.labels[0], SCAR)
        gram = scan.geometry.voxel_volume_ml * MYOCARDIAL_DENSITY_G_PER_ML
        muscle = int(finder.muscle.sum())
        reference_muscle = int(np.isin(scan.labels[0], (Label.MYO, *SCAR)).sum())
        for settings in SETTINGS:
            measured = finder.find(settings).labels
            found = np.isin(measured, SCAR)
            size = int(found.sum() + truth.sum())
            yield CaseScar(
                case=case,
                method=name_of(settings),
                is_validation=int(case[6:]) % VALIDATION_EVERY == 0,
                is_normal=scan.subject.group == "normal",
                scar_g=found.sum() * gram,
                reference_g=truth.sum() * gram,
                scar_percent=100.0 * found.sum() / muscle,
                reference_percent=100.0 * truth.sum() / reference_muscle,
                no_reflow_g=(measured == Label.NO_REFLOW).sum() * gram,
                reference_no_reflow_g=(scan.labels == Label.NO_REFLOW).sum() * gram,
                dice=2.0 * (found & truth).sum() / size if size else float("nan"),
            )


def markdown(rows: Sequence[CaseScar]) -> str:
    """Table of correlations, bias and overlap: held-out cases and all cases."""
    lines = [
        "| method | cases | r, mass | r, % of LV | bias, points | false scar in normals, % | "
        "r, no-reflow | Dice |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for method in dict.fromkeys(row.method for row in rows):
        for held_out in (True, False):
            chosen = [r for r in rows if r.method == method and (r.is_validation or not held_out)]
            if chosen:
                lines.append(_line(method, "validation" if held_out else "all", chosen))
    return "\n".join(lines) + "\n"


def _line(method: str, which: str, rows: Sequence[CaseScar]) -> str:
    columns = {
        name: np.array([getattr(row, name) for row in rows], dtype=float)
        for name in CaseScar.__dataclass_fields__
        if name not in ("case", "method")
    }
    normal = columns["is_normal"] > 0
    ill = ~normal
    bias = columns["scar_percent"] - columns["reference_percent"]
    cells = [
        f"{_correlation(columns['scar_g'], columns['reference_g']):.2f}",
        f"{_correlation(columns['scar_percent'], columns['reference_percent']):.2f}",
        f"{bias.mean():+.1f}",
        f"{columns['scar_percent'][normal].mean():.1f}" if normal.any() else "-",
        f"{_correlation(columns['no_reflow_g'], columns['reference_no_reflow_g']):.2f}",
        f"{np.nanmean(columns['dice'][ill]):.2f}" if ill.any() else "-",
    ]
    return f"| {method} | {which}, {len(rows)} | " + " | ".join(cells) + " |"


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if first.size < 2 or first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
