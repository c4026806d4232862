"""Commands of the reading panel: make a study, read it, and summarise what was said."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CentreLinesOption,
    DeviceOption,
    ForceOption,
    JsonOption,
    NoiseOption,
    PatternName,
    PatternOption,
    listed,
    print_json,
    say,
)

if TYPE_CHECKING:
    from napari_cmr.cohort.reading.summary import PanelSummary

panel = typer.Typer(
    help="Let readers rate reconstructions without knowing what made them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
StudyPath = Annotated[Path, typer.Argument(help="Folder of the study")]


@panel.command()
def make(
    cases: Annotated[list[Path], typer.Argument(help="Scans, or folders of scans")],
    *,
    methods: Annotated[
        str,
        typer.Option(
            help="Two methods or more, separated by commas; 'full' is the image from all lines"
        ),
    ],
    lines: Annotated[
        str, typer.Option("--lines", "-n", help="Lines per frame, as 24, or an acceleration, as 8x")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the study, which is made")
    ],
    slices: Annotated[int, typer.Option(min=1, help="Slices of each case, evenly spread")] = 1,
    repeats: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of the images that readers rate twice")
    ] = 0.2,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    centre_lines: CentreLinesOption = 4,
    noise: NoiseOption = 0.0,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the first case's mask, the repeats and the orders")
    ] = 0,
    zoom: Annotated[bool, typer.Option(help="Whether readers may zoom")] = True,
    contrast: Annotated[bool, typer.Option(help="Whether readers may change the contrast")] = True,
    criteria: Annotated[
        Path | None,
        typer.Option(help="Text file with a line for each score, 1 to 4: what it means"),
    ] = None,
    sis: Annotated[
        bool, typer.Option(help="Let a segmenter read the images, for the interpretability score")
    ] = True,
    device: DeviceOption = "auto",
) -> None:
    """Reconstruct cases by several methods from the same lines, into a folder without names.

    The file key.json in it says what made which image: take it out before readers get the folder.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from napari_cmr.cohort.scans import find_scans
    from napari_cmr.workflow.reading.criteria import read_criteria
    from napari_cmr.workflow.reading.making import Source, StudySettings, make_study

    settings = StudySettings(
        methods=listed(methods),
        lines=lines.strip(),
        pattern=pattern.value,
        centre_lines=centre_lines,
        noise=noise,
        seed=seed,
        slices=slices,
        repeats=repeats,
        may_zoom=zoom,
        may_window=contrast,
        criteria=None if criteria is None else read_criteria(criteria),
        sis=sis,
        device=device,
    )
    sources = [Source(one.path, one.series) for path in cases for one in find_scans(path)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("images", total=None)
        made = make_study(
            sources,
            output,
            settings,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    n, again = len(made.study.items), len(made.study.repeats)
    say(
        f"{output}: {n} images of {len(sources)} case{'s' if len(sources) != 1 else ''}, "
        f"{again} of them twice\nkey.json says what made which: keep it from the readers\n"
        f"{RESEARCH_USE_ONLY}"
    )


@panel.command()
def read(
    study: StudyPath,
    *,
    reader: Annotated[
        str | None,
        typer.Option(help="Code of who reads, not a name; it is asked in the window if none"),
    ] = None,
) -> None:
    """Open a window to read a study in; what was rated before is kept."""
    from napari_cmr.cli.viewer import call_viewer

    call_viewer("run_reading", study, reader)


@panel.command()
def summarise(
    study: StudyPath,
    *,
    key: Annotated[
        Path | None, typer.Option(help="Where key.json is, if it is not in the study any more")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder of the summary; 'summary' in the study if none"
        ),
    ] = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Write one page with opinion scores, tests, agreement and correlations; JSON and CSV."""
    from napari_cmr.cohort.reading.summary import summarise as summarise_study
    from napari_cmr.cohort.reading.summary_files import save_summary

    found = summarise_study(study, key)
    page = save_summary(found, output, overwrite=force)
    if as_json:
        print_json(found.to_dict())
        return
    _print(found)
    say(f"{page}\n{RESEARCH_USE_ONLY}")


def _print(found: "PanelSummary") -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from napari_cmr.cli.output import Console
    from napari_cmr.cohort.reading.summary import mean_kappa

    console, table = Console(highlight=False), Table(box=box.SIMPLE_HEAD)
    table.add_column("method")
    for column in ("ratings", "mean opinion"):
        table.add_column(column, justify="right")
    for one in found.opinions:
        table.add_row(
            escape(found.titles[one.method]), str(one.n), f"{one.mean:.2f} ± {one.sd:.2f}"
        )
    console.print(table)
    for name, several in (("within", found.within), ("between", found.between)):
        kappa = mean_kappa(several)
        if kappa is not None:
            console.print(f"Weighted kappa {name} readers: {kappa:.2f}")
    if found.unfinished:
        console.print(f"Left out, still reading: {', '.join(found.unfinished)}")
