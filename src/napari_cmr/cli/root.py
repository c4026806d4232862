"""The ``napari-cmr`` command: what makes sense of the workspace without a screen.

One function for each command. Everything heavy is imported inside the commands, so that ``--help``
answers at once.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from napari_cmr.cli import (
    interpretability,
    late_enhancement,
    models,
    propagation,
    reading_panel,
    reconstruction,
    scar,
    segment,
    sessions,
    style,
    synthesis,
    training,
    trials,
    tuning,
)
from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CentreLinesOption,
    CoilsOption,
    CsvOption,
    ForceOption,
    JsonOption,
    LinesOption,
    MaskSeedOption,
    NoiseOption,
    PatternName,
    PatternOption,
    ScanPath,
    SchemeOption,
    SeriesOption,
    lines_of,
    open_path,
    print_json,
    say,
    tell,
)
from napari_cmr.cli.viewer import call_viewer

BAD_INPUT = 2
_LONGEST = 2000  # characters of an error: file names can be long, and so can what is in files


class _Commands(TyperGroup):
    """Turns errors that the user can act on into one line and exit status 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except (OSError, ValueError, MemoryError) as error:
            message = _message(error)
            if message is None:
                raise
            tell(f"napari-cmr: {message}")
            raise typer.Exit(BAD_INPUT) from None


def _message(error: OSError | ValueError | MemoryError) -> str | None:
    """One line about an error of the input; None if it is an error of the program."""
    from pydantic import ValidationError

    from napari_cmr.scan import ScanError

    if isinstance(error, ValidationError):
        found = (_fault(one["loc"], one["msg"]) for one in error.errors())
        text = "; ".join(found)
    elif isinstance(error, ScanError):
        text = str(error)
    elif isinstance(error, MemoryError):
        text = "there is not enough memory (close other programs, or take a smaller scan)"
    elif isinstance(error, OSError):
        text = f"{error.filename}: {error.strerror}" if error.strerror else str(error)
    else:
        return None
    return " ".join(text.split())[:_LONGEST]


def _fault(location: tuple[int | str, ...], said: str) -> str:
    said = said.removeprefix("Value error, ")
    return f"{_option(location)}: {said[:1].lower()}{said[1:]}"


def _option(location: tuple[int | str, ...]) -> str:
    """Name of the option behind a field of the acquisition."""
    name = ".".join(map(str, location))
    return "--lines" if name == "n_lines" else "--" + name.replace("_", "-")


app = typer.Typer(
    name="napari-cmr",
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich doubles the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=RESEARCH_USE_ONLY,
)


class SexName(StrEnum):
    """Sexes for which normal values are published."""

    FEMALE = "female"
    MALE = "male"


def _show_version(wanted: bool) -> None:
    if wanted:
        from napari_cmr import __version__

        say(f"napari-cmr {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Find out how little of k-space it takes to measure a heart."""


@app.command()
def info(path: ScanPath, series: SeriesOption = None, as_json: JsonOption = False) -> None:
    """Say what a scan or a folder of scans holds."""
    from napari_cmr.workflow.inventory import describe

    description = describe(path, series=series)
    if as_json:
        print_json(description.to_dict())
    else:
        from napari_cmr.cli.output import print_info

        print_info(description)


@app.command()
def undersample(
    path: ScanPath,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Zero-filled magnitude images, .nii or .nii.gz")
    ],
    lines: LinesOption,
    seed: MaskSeedOption = 0,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    centre_lines: CentreLinesOption = 0,
    phase: Annotated[
        bool,
        typer.Option(
            help="Give magnitude images a smooth synthetic phase, as real ones have; without it "
            "half of k-space mirrors the other half"
        ),
    ] = True,
    noise: NoiseOption = 0.0,
    coils: CoilsOption = 1,
    average: Annotated[
        bool, typer.Option("--average", help="Write the temporal average too, as NAME_average")
    ] = False,
    series: SeriesOption = None,
    force: ForceOption = False,
) -> None:
    """Keep a few k-space lines of each frame; write the images and a JSON record beside them."""
    from napari_cmr.kspace.acquisition import Acquisition
    from napari_cmr.scan import check_outputs
    from napari_cmr.workflow.acquire.undersampled_files import (
        save_undersampled,
        undersampled_paths,
    )

    acquisition = Acquisition(
        n_lines=lines_of(lines),
        seed=seed,
        pattern=pattern.value,
        centre_lines=centre_lines,
        phase=phase,
        noise=noise,
        coils=coils,
    )
    wanted = undersampled_paths(output, temporal_average=average)
    check_outputs(wanted.image, wanted.record, wanted.average, inputs=[path], overwrite=force)
    scan = open_path(path, series=series)
    saved, record = save_undersampled(
        scan, acquisition, output, temporal_average=average, inputs=[path], overwrite=force
    )
    files = ", ".join(str(file) for file in (saved.image, saved.average, saved.record) if file)
    n_lines = acquisition.n_lines
    kept = "all" if n_lines is None else f"{n_lines} of"
    say(
        f"{kept} {record['n_phase_encodes']} lines per frame "
        f"({record['acceleration']:.1f}x): {files}\n{RESEARCH_USE_ONLY}"
    )


@app.command()
def measure(
    path: ScanPath,
    *,
    labels: Annotated[
        Path | None, typer.Option(help="Label file on the scan's grid, instead of its own")
    ] = None,
    scheme: SchemeOption = None,
    sex: Annotated[
        SexName | None, typer.Option(help="Compare with normal values of this sex")
    ] = None,
    series: SeriesOption = None,
    as_json: JsonOption = False,
    table: CsvOption = None,
    force: ForceOption = False,
) -> None:
    """Measure both ventricles in a scan's labels: EDV, ESV, SV, EF and LV mass.

    With --labels, by the choices of ED, ES, slices and blood that were saved with them. Frames
    count from 0 in the JSON and from 1 in the table.
    """
    from napari_cmr.analysis import AS_LABELLED
    from napari_cmr.scan import check_outputs, save_csv, written_together
    from napari_cmr.scan.label_files import labels_named, labels_on, with_note_of
    from napari_cmr.workflow.edit.annotation_files import known_of_labels
    from napari_cmr.workflow.measure.function import (
        measure_scan,
        measure_segments,
        measurement_record,
    )
    from napari_cmr.workflow.measure.table import function_row

    check_outputs(table, inputs=[path, labels], overwrite=force)
    if labels is None:
        scan = open_path(path, label_scheme=scheme, series=series)
        labels = labels_named(path, scan)
    else:
        scan = open_path(path, series=series)
    values, reading = None, AS_LABELLED
    if labels is not None:
        values = labels_on(labels, scan, scheme)
        scan = with_note_of(scan, labels, scheme)
        known = known_of_labels(labels, values)
        reading = reading if known is None else known.reading
    scan.check_volumes()
    function = measure_scan(scan, labels=values, reading=reading)
    segments = measure_segments(scan, function, labels=values) if as_json else None
    record = measurement_record(scan, function, sex=sex.value if sex else None, segments=segments)
    record["reading"] = reading.model_dump(mode="json")
    if table is not None:
        sources = [path, labels, scan.source]
        with written_together(table, inputs=sources, overwrite=force) as at:
            save_csv(at[table], [function_row(record)])
    if as_json:
        print_json(record)
    else:
        from napari_cmr.cli.output import print_measurement
        from napari_cmr.workflow.report.facts import reading_facts

        print_measurement(record)
        for name, text in reading_facts(reading):
            say(f"{name}: {text} (saved with the labels)")


@app.command()
def view(
    path: Annotated[
        Path | None,
        typer.Argument(help="Scan or session file to open; an empty workspace if none"),
    ] = None,
) -> None:
    """Open a scan in the napari workspace."""
    call_viewer("run_viewer", path)


REAL_SCANS = (
    "This heart is computed. For a real one, download a public cine (ACDC, or Sunnybrook at "
    "cardiacatlas.org), then: napari-cmr demo PATH/TO/patient001"
)


@app.command()
def demo(
    path: Annotated[
        Path | None, typer.Argument(help="A scan of your own; an embedded synthetic heart if none")
    ] = None,
    screenshots: Annotated[
        Path | None,
        typer.Option(help="Write pictures of the workspace into this folder, then leave"),
    ] = None,
) -> None:
    """Open the workspace on a beating heart."""
    if path is None:
        say(REAL_SCANS)
    call_viewer("run_demo", screenshots, path)


for command in (
    synthesis.phantom,
    synthesis.animate,
    models.models,
    segment.segment,
    reconstruction.methods,
    reconstruction.reconstruct,
    reconstruction.import_weights,
    training.train,
    models.calibrate,
    models.evaluate,
    tuning.tune,
    reconstruction.evaluate_reconstruction,
    interpretability.evaluate_refinement,
    interpretability.evaluate_lesions,
    sessions.replay,
    sessions.report,
    sessions.compare,
    trials.consistency,
    propagation.propagate,
    scar.scar,
    scar.evaluate_scar,
    late_enhancement.evaluate_lge,
    style.translate,
    style.evaluate_style,
):
    app.command()(command)
app.command("trade-off")(trials.trade_off)
app.add_typer(reading_panel.panel, name="reading-panel")
