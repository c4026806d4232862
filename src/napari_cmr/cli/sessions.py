"""Commands over finished labels: replay a session, report, compare."""

from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    DeviceOption,
    ForceOption,
    LinesOption,
    MaskSeedOption,
    SchemeOption,
    SeriesOption,
    lines_of,
    open_path,
    say,
)

MovedOption = Annotated[
    Path | None, typer.Option(help="Where the scan of the session is now, if it was moved")
]


def replay(
    session: Annotated[Path, typer.Argument(help="Session file (.cmr-session.json)")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Labels, .nii or .nii.gz")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--json", help="Write the measurement and its provenance here")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Which labels, by name; those that were measured if none")
    ] = None,
    scan: MovedOption = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Take the labels as saved, without running the model")
    ] = False,
    any_weights: Annotated[
        bool, typer.Option("--any-weights", help="Take what the model gives here, whatever it is")
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="auto, cpu, cuda or mps; that of the session if none")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Make the labels of a session again: its model on its lines, then its edits.

    Fails if the scan has changed, or the labels would not be those that were saved.
    """
    from napari_cmr.cli.output import print_measurement
    from napari_cmr.scan import check_outputs
    from napari_cmr.workflow.acquire.undersampled_files import nifti_name
    from napari_cmr.workflow.session.replay import replay as replay_session
    from napari_cmr.workflow.session.replay import save_replay

    if output is not None:
        nifti_name(output)
    check_outputs(output, record, inputs=[session, scan], overwrite=force)
    result = replay_session(
        session, labels=labels, scan=scan, stored=stored, any_weights=any_weights, device=device
    )
    print_measurement(save_replay(result, output, record, overwrite=force))


def report(
    path: Annotated[Path, typer.Argument(help="Scan, or session file (.cmr-session.json)")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The report, .html")],
    labels: Annotated[
        Path | None, typer.Option(help="Label file on the scan's grid, instead of its own")
    ] = None,
    scheme: SchemeOption = None,
    model: Annotated[
        str | None, typer.Option(help="Report what this model finds, as 'models' names it")
    ] = None,
    lines: LinesOption = "full",
    seed: MaskSeedOption = 0,
    device: DeviceOption = "auto",
    series: SeriesOption = None,
    scan: MovedOption = None,
    force: ForceOption = False,
) -> None:
    """Write one HTML page with the numbers, curves, contours and where they came from."""
    from napari_cmr.scan import ScanError, check_outputs
    from napari_cmr.scan.label_files import labels_named
    from napari_cmr.workflow.report import sources as reporting
    from napari_cmr.workflow.report.page import check_report_name, save_report
    from napari_cmr.workflow.session.file import is_session_name
    from napari_cmr.zoo import ModelChoice

    check_report_name(output)
    check_outputs(output, inputs=[path, labels, scan], overwrite=force)
    if labels is not None and model is not None:
        raise ScanError("--labels and --model are two sources of labels: give one of them")
    if model is None and (lines != "full" or seed):
        raise ScanError("--lines and --seed are for what a model sees: name it with --model")
    if is_session_name(path):
        if labels is not None or model is not None:
            raise ScanError("a session has its own labels: leave --labels and --model out")
        content = reporting.of_session(path, scan=scan)
    elif scan is not None:
        raise ScanError("--scan is for sessions: give the scan itself instead", source=path)
    else:
        opened = open_path(path, series=series)
        if model is not None:
            choice = ModelChoice(name=model, device=device)
            content = reporting.of_model(opened, lines_of(lines), choice, seed=seed)
        else:
            content = reporting.of_labels(opened, labels or labels_named(path, opened), scheme)
    save_report(output, content, inputs=[path, labels, scan], overwrite=force)
    say(f"{output}\n{RESEARCH_USE_ONLY}")


def compare(
    first: Annotated[Path, typer.Argument(help="Label file, .nii or .nii.gz")],
    second: Annotated[Path, typer.Argument(help="Label file on the same grid")],
    *,
    scan: Annotated[Path, typer.Option(help="The scan that both lie on")],
    scheme: SchemeOption = None,
    record: Annotated[
        Path | None, typer.Option("--json", help="Write the whole comparison here")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--csv", help="Write a row for each label, slice and frame here")
    ] = None,
    series: SeriesOption = None,
    force: ForceOption = False,
) -> None:
    """Compare two label sets of a scan, such as two readers or a reader and a model.

    --scheme is the numbering of files that do not name their own, as those written here do.
    Differences are second minus first, in the frames that both label.
    """
    from napari_cmr.cli.output import print_comparison
    from napari_cmr.scan import check_outputs
    from napari_cmr.scan.label_files import labels_on, numbered_by, numbering_note
    from napari_cmr.workflow.measure.comparison import compare_labels, save_comparison

    read = [scan, first, second]
    check_outputs(record, table, inputs=read, overwrite=force)
    opened = open_path(scan, series=series)
    # A file that names its numbering is read by it: the scheme is that of the other.
    schemes = {path: numbered_by(path) or scheme for path in (first, second)}
    notes = (numbering_note(path, one) for path, one in schemes.items())
    found = compare_labels(
        opened,
        *(labels_on(path, opened, schemes[path]) for path in (first, second)),
        names=_told_apart(first, second),
        notes=tuple(note for note in notes if note is not None),
    )
    save_comparison(found, opened, record=record, table=table, inputs=read, overwrite=force)
    print_comparison(found)


def _told_apart(first: Path, second: Path) -> tuple[str, str]:
    """Names of two files, with their folders where these alone differ."""
    if first.name != second.name:
        return first.name, second.name
    return f"{first.parent.name}/{first.name}", f"{second.parent.name}/{second.name}"
