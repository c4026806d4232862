"""The command that cross-validates variants of a recipe."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    DeviceOption,
    PresetName,
    command_line,
    say,
    tell,
)
from napari_cmr.cli.training import recipe_name, recipe_names


class SearchName(StrEnum):
    """Ways to combine values."""

    GRID = "grid"
    RANDOM = "random"
    ABLATION = "ablation"


def tune(
    model: Annotated[
        str,
        typer.Argument(
            callback=recipe_name,
            metavar="MODEL",
            autocompletion=recipe_names,
            help="Model whose recipe is varied; an unknown name lists the models that there are",
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the table and each training's result")
    ],
    choose: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="FIELD=VALUES",
            help="Field of the recipe and what it may be, as steps=1000,4000 or "
            "architecture.features=[16,24],[32,48]; for a random search also a range, as "
            "learning_rate=1e-4..1e-2",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of subject folders with labels at ED and ES (ACDC); synthetic hearts "
            "alone if none"
        ),
    ] = None,
    search: Annotated[
        SearchName,
        typer.Option(
            help="All combinations, random ones, or the recipe as it is and each value alone"
        ),
    ] = SearchName.GRID,
    draws: Annotated[int, typer.Option(min=1, help="Variants of a random search")] = 10,
    folds: Annotated[
        int, typer.Option(min=2, help="Parts of the patients, each held out once")
    ] = 5,
    preset: Annotated[PresetName, typer.Option(help="Recipe that is varied")] = PresetName.LIVE,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Fewer or more steps than the recipe's")
    ] = None,
    phantoms: Annotated[
        int,
        typer.Option(
            min=0, help="Synthetic hearts to learn from too; without --data those that are dealt"
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of folds, variants and every training")] = 0,
    device: DeviceOption = "auto",
    precision: Annotated[str, typer.Option(help="bf16-mixed, 16-mixed or 32-true")] = "32-true",
    workers: Annotated[
        int, typer.Option(min=1, help="Processes on this machine (extra: cluster)")
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a dask scheduler, as tcp://host:8786")
    ] = None,
) -> None:
    """Cross-validate variants of a recipe, by patient; a run that was stopped goes on."""
    from napari_cmr.cli.output import evaluation_progress
    from napari_cmr.experiments.tuning.cross_validation import TuningSettings
    from napari_cmr.experiments.tuning.cross_validation import tune as tune_model
    from napari_cmr.experiments.tuning.search import Choice
    from napari_cmr.experiments.tuning.tuning_page import shown_changes

    settings = TuningSettings(
        model=model,
        preset=preset.value,
        search=search.value,
        choices=tuple(Choice.parse(one) for one in choose),
        draws=draws,
        folds=folds,
        seed=seed,
        steps=steps,
        phantoms=phantoms,
        precision=precision,
    )
    try:
        with evaluation_progress("trainings") as progress:
            done = tune_model(
                data,
                output,
                settings,
                device=device,
                workers=workers,
                scheduler=scheduler,
                command=command_line(),
                report=tell,
                progress=progress,
            )
    except KeyboardInterrupt:
        tell("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    say(f"best: {shown_changes(done.best['changes'])}\n{output / 'tuning.md'}\n{RESEARCH_USE_ONLY}")
    if done.failures:
        raise typer.Exit(1)
