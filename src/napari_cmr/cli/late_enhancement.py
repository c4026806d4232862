"""Commands for labels of late gadolinium enhancement: part of train, and evaluate-lge."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    DeviceOption,
    command_line,
    say,
    tell,
)


class CasesName(StrEnum):
    """Parts of a late enhancement cohort."""

    VALIDATION = "validation"
    ALL = "all"


def evaluate_lge(
    data: Annotated[Path, typer.Argument(help="Folder of EMIDEC's PNG slices with labels")],
    *,
    output: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for CSV, figure and Markdown")
    ],
    atlas: Annotated[
        Path | None,
        typer.Option(
            help="ACDC patient folders to register as well (extra: registration); without, the "
            "networks alone are compared"
        ),
    ] = None,
    atlases: Annotated[int, typer.Option(min=1, help="Patients whose labels are registered")] = 3,
    split: Annotated[
        CasesName, typer.Option(help="Cases whose number 5 divides, or all")
    ] = CasesName.VALIDATION,
    device: DeviceOption = "auto",
) -> None:
    """Compare the steps of late enhancement segmentation with the labels of a cohort.

    A run that was stopped goes on.
    """
    from napari_cmr.cli.output import evaluation_progress
    from napari_cmr.experiments.lge import evaluate_lge as evaluate

    with evaluation_progress() as progress:
        page = evaluate(
            data,
            output,
            atlas=atlas,
            n_atlases=atlases,
            split=split.value,
            device=device,
            command=command_line(),
            report=tell,
            progress=progress,
        )
    say(f"{page}\n{RESEARCH_USE_ONLY}")
