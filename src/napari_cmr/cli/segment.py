"""The command that segments: one scan into files, or a folder of scans into a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cmr.cli.models import ModelOption
from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CoilsOption,
    CsvOption,
    DeviceOption,
    ForceOption,
    LinesOption,
    MaskSeedOption,
    PatternName,
    PatternOption,
    SeriesOption,
    lines_of,
    open_path,
    say,
    tell,
)

if TYPE_CHECKING:
    from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings


def segment(
    path: Annotated[
        Path, typer.Argument(help="Scan, as for other commands; with --out a folder of any number")
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Labels on the scan's own grid, .nii or .nii.gz"),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--json", help="Write the measurement and its provenance here")
    ] = None,
    table: CsvOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Segment every scan below PATH: folder for labels, JSON and function.csv"
        ),
    ] = None,
    model: ModelOption = None,
    lines: LinesOption = "full",
    seed: MaskSeedOption = 0,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    coils: CoilsOption = 1,
    device: DeviceOption = "auto",
    views: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=8,
            help="Mirror images that are averaged: steadier, but slower; 1 if none is given, of "
            "late enhancement 4",
        ),
    ] = None,
    mend: Annotated[
        bool,
        typer.Option(
            help="Of a cine: drop pieces that no slice beside has, and swap LV and RV back where "
            "the slices beside leave no doubt"
        ),
    ] = True,
    reconstruct: Annotated[
        str | None,
        typer.Option(help="Reconstruct first: method whose image is segmented, see 'methods'"),
    ] = None,
    crf: Annotated[
        bool, typer.Option(help="Late enhancement: let a dense CRF refine each slice")
    ] = True,
    ensemble: Annotated[
        bool, typer.Option(help="Late enhancement: average all cascades, or ask one")
    ] = True,
    series: SeriesOption = None,
    workers: Annotated[
        int, typer.Option(min=1, help="With --out: processes on this machine (extra: cluster)")
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(help="With --out: address of a dask scheduler, as tcp://host:8786"),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Segment a scan from a few k-space lines of each frame, and measure what was found.

    With --out, every scan below a folder, into one table; a run that was stopped goes on. Of a
    DICOM study, late enhancement is taken where a --model for it is named.
    """
    from napari_cmr.scan import ScanError
    from napari_cmr.workflow.reconstruct.methods import find_method
    from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings
    from napari_cmr.zoo import ModelChoice

    if reconstruct is not None:
        find_method(reconstruct)  # a wrong name is said before anything is read
    settings = SegmentationSettings(
        model=None if model is None else ModelChoice(name=model, device=device),
        device=device,
        n_lines=lines_of(lines),
        seed=seed,
        pattern=pattern.value,
        coils=coils,
        reconstruct=reconstruct,
        views=views,
        mend=mend,
        crf=crf,
        ensemble=ensemble,
    )
    if out is not None:
        if any(one is not None for one in (output, record, table, series)):
            raise ScanError(
                "--out writes a folder, and takes the stack of each study that opens by itself",
                remedy="leave out --output, --json, --csv and --series",
            )
        _segment_folder(path, out, settings, workers=workers, scheduler=scheduler, force=force)
        return
    if workers > 1 or scheduler is not None:
        raise ScanError(
            "--workers and --scheduler are for a folder of scans",
            remedy="leave them out, or name a folder for the results with --out",
        )
    if output is None:
        raise ScanError(
            "nothing says where the labels go",
            remedy="give --output FILE for one scan, or --out FOLDER for all below a folder",
        )
    _segment_one(path, output, record, table, settings, series=series, force=force)


def _segment_one(
    path: Path,
    output: Path,
    record: Path | None,
    table: Path | None,
    settings: "SegmentationSettings",
    **options: Any,
) -> None:
    from napari_cmr.cli.output import print_measurement, print_still
    from napari_cmr.scan import ScanError, check_outputs
    from napari_cmr.workflow.acquire.undersampled_files import nifti_name
    from napari_cmr.workflow.segment.late_enhancement import is_lge_model
    from napari_cmr.workflow.segment.result_files import ResultFiles, save_result
    from napari_cmr.workflow.segment.segmentation_settings import segment_as_set

    nifti_name(output)
    files = ResultFiles(output, record, table)
    force = options["force"]
    check_outputs(*files, inputs=[path], overwrite=force)
    scan = open_path(path, series=options["series"])
    if not (settings.crf and settings.ensemble) and not is_lge_model(settings.choice(scan).name):
        raise ScanError(
            "--no-crf and --no-ensemble are of late enhancement, and the model is for cines",
            source=path,
            remedy="leave them out",
        )
    labels, content = segment_as_set(scan, settings)
    save_result(scan, labels, content, files, inputs=[path], overwrite=force)
    (print_measurement if "acquisition" in content else print_still)(content)


def _segment_folder(
    path: Path, out: Path, settings: "SegmentationSettings", **options: Any
) -> None:
    from napari_cmr.cli.output import evaluation_progress
    from napari_cmr.cohort.segmentation import segment_folder

    try:
        with evaluation_progress() as progress:
            done = segment_folder(path, out, settings, report=tell, progress=progress, **options)
    except KeyboardInterrupt:
        tell("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    n_done = done.n_scans - len(done.failures)
    before = f", {done.n_kept} of them before" if done.n_kept else ""
    say(f"{n_done} of {done.n_scans} scans segmented{before}: {done.path}\n{RESEARCH_USE_ONLY}")
    if done.failures:
        raise typer.Exit(1)
