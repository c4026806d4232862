"""Commands for late gadolinium enhancement: the scar of one scan, and of a cohort."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CsvOption,
    DeviceOption,
    ForceOption,
    ScanPath,
    SchemeOption,
    SeriesOption,
    open_path,
    say,
    tell,
)

if TYPE_CHECKING:
    import numpy as np

    from napari_cmr.scan import Scan


class MethodName(StrEnum):
    """Methods of :class:`napari_cmr.analysis.scar.ScarSettings`."""

    FWHM = "fwhm"
    NSD = "nsd"
    OTSU = "otsu"


SpacingOption = Annotated[
    tuple[float, float, float] | None,
    typer.Option(
        metavar="DZ DY DX",
        help="Between slices, rows and columns in mm, for pictures that have lost it",
    ),
]


def scar(
    path: ScanPath,
    *,
    labels: Annotated[
        Path | None,
        typer.Option(help="LV cavity and myocardium on the scan's grid, instead of its own labels"),
    ] = None,
    scheme: SchemeOption = None,
    method: Annotated[
        MethodName | None,
        typer.Option(help="How the threshold is found; fwhm, or nsd where --n is given"),
    ] = None,
    n: Annotated[
        float | None,
        typer.Option(min=1, max=10, help="Standard deviations above remote muscle, for nsd; 5"),
    ] = None,
    remote: Annotated[
        Path | None,
        typer.Option(help="Mask of healthy muscle on the scan's grid; found by itself if none"),
    ] = None,
    septum: Annotated[
        float | None,
        typer.Option(
            min=-360,
            max=360,
            help="Where the septum is, in degrees clockwise from the right of the image, for "
            "labels without a right ventricle",
        ),
    ] = None,
    series: SeriesOption = None,
    spacing: SpacingOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Labels with the scar, .nii or .nii.gz")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write the numbers into this file")
    ] = None,
    table: CsvOption = None,
    force: ForceOption = False,
) -> None:
    """Find scar and no-reflow in the myocardium of a late enhancement scan."""
    from napari_cmr.analysis.scar import ScarSettings
    from napari_cmr.cli.output import print_scar
    from napari_cmr.scan import ScanError, check_outputs
    from napari_cmr.scan.label_files import labels_named, with_note_of
    from napari_cmr.workflow.acquire.undersampled_files import nifti_name
    from napari_cmr.workflow.measure.scar import ScarFiles, measure_scar, save_scar

    if output is not None:
        nifti_name(output)
    if n is not None and method not in (None, MethodName.NSD):
        raise ScanError(
            f"--n {n:g} goes with --method nsd, not with {method}",
            remedy="leave one of them out",
        )
    read = [path, labels, remote]
    check_outputs(output, as_json, table, inputs=read, overwrite=force)
    scan = open_path(path, label_scheme=scheme if labels is None else None, series=series)
    labels = labels or labels_named(path, scan)
    opened = scan
    if spacing is not None:
        scan = _with_spacing(scan, spacing)
    drawn = None if labels is None else _read_on(labels, scheme, opened, scan)
    healthy = None if remote is None else _read_on(remote, None, opened, scan)[0] > 0
    if labels is not None:
        scan = with_note_of(scan, labels, scheme)
    settings = ScarSettings() if n is None else ScarSettings(method="nsd", n=n)
    if method is not None:
        settings = settings.model_copy(update={"method": method.value})
    found = measure_scar(
        scan,
        settings,
        labels=drawn,
        remote=healthy,
        septum_deg=septum,
    )
    files = ScarFiles(output, as_json, table)
    print_scar(save_scar(scan, found, files, inputs=read, overwrite=force))


def _with_spacing(scan: "Scan", spacing: tuple[float, float, float]) -> "Scan":
    """Scan with the spacing that its pictures have lost, and without what was assumed of it.

    Raises
    ------
    ScanError
        If the scan knows its own, or it cannot be one.
    """
    from napari_cmr.scan import Code, Geometry, ScanError

    if not any(one.code == Code.SPACING_ASSUMED for one in scan.notes):
        known = " x ".join(f"{one:.4g}" for one in scan.spacing)
        raise ScanError(
            f"--spacing is for pictures that have lost it, and this scan has {known} mm",
            source=scan.source or scan.name,
            remedy="leave it out",
        )
    assumed = (Code.SPACING_ASSUMED, Code.PICTURES_STRETCHED)
    return scan.with_(
        geometry=Geometry.regular(spacing, scan.n_slices),
        notes=tuple(one for one in scan.notes if one.code not in assumed),
    )


def _read_on(path: Path, scheme: str | None, opened: "Scan", scan: "Scan") -> "np.ndarray":
    """Labels on the scan, or on what it was opened as: other commands write with that spacing."""
    from napari_cmr.scan import ScanError, read_labels

    try:
        return read_labels(path, scheme, scan)
    except ScanError:
        if opened is scan:
            raise
        return read_labels(path, scheme, opened)


def evaluate_scar(
    data: Annotated[Path, typer.Argument(help="Folder of EMIDEC's PNG slices with labels")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for CSV and Markdown")],
    spacing: SpacingOption = None,
    model: Annotated[
        str | None,
        typer.Option(help="Look inside the myocardium of this model, instead of the labelled one"),
    ] = None,
    device: DeviceOption = "auto",
    force: ForceOption = False,
) -> None:
    """Compare scar by every method with the labels of a cohort, inside known myocardium."""
    from napari_cmr.experiments.scar import evaluate
    from napari_cmr.zoo import ModelChoice

    page = evaluate(
        data,
        output,
        spacing=spacing,
        model=None if model is None else ModelChoice(name=model, device=device),
        overwrite=force,
        report=tell,
    )
    say(f"{page}\n{RESEARCH_USE_ONLY}")
