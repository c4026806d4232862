"""Commands that acquire one scan many times: consistency and trade-off."""

from collections.abc import Generator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from napari_cmr.cli.models import ModelOption, cine_choice
from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    CoilsOption,
    DeviceOption,
    ForceOption,
    LinesOption,
    PatternName,
    PatternOption,
    ScanPath,
    SeriesOption,
    line_counts,
    lines_of,
    open_path,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from napari_cmr.workflow.segment.chain import Way

Result = TypeVar("Result")
SeedOption = Annotated[int, typer.Option(min=0, help="First seed; others count up from it")]


class AgainstName(StrEnum):
    """What a trade-off can be compared with."""

    LABELS = "labels"
    FULL = "full"


def consistency(
    path: ScanPath,
    *,
    record: Annotated[
        Path | None, typer.Option("--json", help="Write all repetitions and distances here")
    ] = None,
    model: ModelOption = None,
    lines: LinesOption = "full",
    repeats: Annotated[
        int, typer.Option(min=2, max=100, help="How often the scan is acquired")
    ] = 20,
    seed: SeedOption = 0,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    coils: CoilsOption = 1,
    device: DeviceOption = "auto",
    series: SeriesOption = None,
    force: ForceOption = False,
) -> None:
    """Acquire a scan again and again with other lines, to see how far its numbers wander."""
    from napari_cmr.kspace import Acquisition
    from napari_cmr.scan import check_outputs, save_json, written_together
    from napari_cmr.workflow.trials.consistency import (
        consistency_record,
        n_steps,
        repeat_acquisition,
    )

    acquisition = Acquisition(
        n_lines=lines_of(lines), seed=seed, pattern=pattern.value, coils=coils
    )
    check_outputs(record, inputs=[path], overwrite=force)
    scan = open_path(path, series=series)
    choice = cine_choice(model, scan, device=device)
    found = _watched(
        repeat_acquisition(scan, acquisition, choice, repeats=repeats),
        n_steps(scan, repeats),
        "repeating",
    )
    content = consistency_record(scan, found)
    with written_together(record, inputs=[path, scan.source], overwrite=force) as at:
        if record is not None:
            save_json(at[record], content)
    _print_consistency(content)


def trade_off(
    path: ScanPath,
    *,
    record: Annotated[
        Path | None, typer.Option("--json", help="Write all trials and the answer here")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write one row for each trial here")
    ] = None,
    models: Annotated[
        str | None, typer.Option(help="Models, separated by commas; the default for cines if none")
    ] = None,
    reconstruct: Annotated[
        str | None,
        typer.Option(
            help="Also reconstruct first, by these methods, and segment the images by each model"
        ),
    ] = None,
    lines: Annotated[
        str, typer.Option("--lines", "-n", help="Lines per frame, separated by commas; or 'full'")
    ] = "1,2,4,6,8,10,15,20,30,full",
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Acquisitions of each line count")] = 3,
    refine: Annotated[
        bool,
        typer.Option(help="Also try counts between the last that will do and the first that fails"),
    ] = True,
    seed: SeedOption = 0,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    coils: CoilsOption = 1,
    against: Annotated[
        AgainstName | None,
        typer.Option(help="Compare with reference labels, or with the model's own full result"),
    ] = None,
    map_lines: Annotated[
        str | None,
        typer.Option("--map", help="Also map which line matters when so many are kept"),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(min=1, help="Changes of single lines that the map tries, 64 if none"),
    ] = None,
    device: DeviceOption = "auto",
    series: SeriesOption = None,
    force: ForceOption = False,
) -> None:
    """Sweep the lines per frame, to see how few will do for this heart."""
    from napari_cmr.cohort.tables import write_csv
    from napari_cmr.kspace import Acquisition
    from napari_cmr.scan import ScanError, check_outputs, save_json, written_together
    from napari_cmr.workflow.segment.chain import Chain
    from napari_cmr.workflow.trials.trade_off import n_steps, sweep, trade_off_record

    if budget is not None and map_lines is None:
        raise ScanError("--budget belongs to --map", remedy="say how many lines the map keeps")
    counts = line_counts(lines)
    names = [None] if models is None else [one.strip() for one in models.split(",") if one.strip()]
    base = Acquisition(seed=seed, pattern=pattern.value, coils=coils)
    mapped = None if map_lines is None else base.model_copy(update={"n_lines": lines_of(map_lines)})
    methods = _methods(reconstruct)
    check_outputs(record, csv, inputs=[path], overwrite=force)
    scan = open_path(path, series=series)
    choices = tuple(cine_choice(name, scan, device=device) for name in dict.fromkeys(names))
    ways: tuple[Way, ...] = (*choices, *(Chain(one, model) for one in methods for model in choices))
    found = _watched(
        sweep(
            scan,
            models=ways,
            lines=counts,
            n_seeds=seeds,
            acquisition=base,
            against=None if against is None else against.value,
            refine=refine,
        ),
        n_steps(scan, counts, seeds, len(ways), refine=refine),
        "sweeping",
    )
    content = trade_off_record(scan, found)
    if mapped is not None:
        from napari_cmr.workflow.trials.line_map import DEFAULT_BUDGET
        from napari_cmr.workflow.trials.line_map import map_lines as try_lines

        steps = try_lines(scan, mapped, choices[0], budget=budget or DEFAULT_BUDGET)
        content["line_map"] = _watched(steps, None, "mapping lines").to_dict()
    with written_together(record, csv, inputs=[path, scan.source], overwrite=force) as at:
        if csv is not None:
            write_csv(at[csv], content["trials"])
        if record is not None:
            save_json(at[record], content)
    _print_trade_off(content)


def _methods(named: str | None) -> list[str]:
    """Names of methods, separated by commas; a wrong one is said before anything is read."""
    from napari_cmr.workflow.reconstruct.methods import find_method

    names = (one.strip() for one in (named or "").split(","))
    return [find_method(name).name for name in dict.fromkeys(names) if name]


def _watched(steps: Generator[Result | None, None, None], total: int | None, what: str) -> Result:
    """Last result of some work, with a bar on standard error while it goes on."""
    from rich.console import Console
    from rich.progress import Progress

    last: Result | None = None
    first = next(steps)  # what is wrong with the input is said before there is a bar
    with Progress(console=Console(stderr=True), transient=True) as bar:
        for result in bar.track(chain([first], steps), total=total, description=what):
            last = result if result is not None else last
    assert last is not None
    return last


def _print_consistency(content: dict[str, Any]) -> None:
    console, table = _table(
        "ventricle", "EF %, median", "90 % range", "SD", "two repetitions differ by"
    )
    for name in ("lv", "rv"):
        ef = content[name]["ef"]
        cells = (
            ("-",) * 4
            if ef is None
            else (
                f"{ef['median']:.1f}",
                f"{ef['low']:.1f} to {ef['high']:.1f}",
                _number(ef["sd"]),
                _number(ef["mean_difference_percent"], " %"),
            )
        )
        table.add_row(name.upper(), *cells)
    console.print(table)
    readers = content["readers"]
    console.print(
        f"Two readers differ by {readers['low_percent']} to {readers['high_percent']} % of the "
        f"LV EF on average: {readers['source']}",
        soft_wrap=True,
        markup=False,
    )
    mean, largest = content["mean_contour_mm"], content["hausdorff_mm"]
    for label in mean:
        console.print(
            f"{label} contours: {_number(mean[label]['mean'], ' mm')} from the mean contour on "
            f"average, {_number(largest[label]['mean'], ' mm')} at most (mean of the slices)"
        )
    _print_end(console, content)


def _print_trade_off(content: dict[str, Any]) -> None:
    console, table = _table("model", "lines", "trials", "Dice", "LV EF error", "LV EF SD")
    n_full = content["n_phase_encodes"]
    for model, found in content["models"].items():
        for point in found["points"]:
            table.add_row(
                model,
                "full" if point["n_lines"] == n_full else str(point["n_lines"]),
                str(point["n"]),
                "-" if point["dice"] is None else f"{point['dice']:.3f}",
                "-" if point["ef_error"] is None else f"{point['ef_error']:+.1f}",
                _number(point["ef_spread"]),
            )
    console.print(table)
    named = {"labels": "the reference labels", "full": "the model's own result from all lines"}
    console.print(
        f"Dice against {named[content['dice_against']]}, EF in points against "
        f"{named[content['ef_against']]}.",
        soft_wrap=True,
    )
    for model, found in content["models"].items():
        console.print(f"{model}: {found['sentence']}", soft_wrap=True, markup=False)
    _print_end(console, content)


def _table(*columns: str) -> "tuple[Console, Table]":
    from rich import box
    from rich.table import Table

    from napari_cmr.cli.output import Console

    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column)
    return Console(highlight=False), table


def _print_end(console: "Console", content: dict[str, Any]) -> None:
    for text in content["warnings"]:
        console.print(f"Warning: {text}", soft_wrap=True, markup=False)
    console.print(RESEARCH_USE_ONLY)


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:.1f}{unit}"
