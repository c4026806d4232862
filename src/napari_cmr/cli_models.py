"""Commands that run or train networks: ``models``, ``segment`` and ``train``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli_options import (
    RESEARCH_USE_ONLY,
    JsonOption,
    PatternName,
    PatternOption,
    ScanPath,
    SeriesOption,
    open_path,
    print_json,
)

ModelOption = Annotated[str, typer.Option(help="Model, as 'models' names it")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps")]


class Trainable(StrEnum):
    """Networks that have a recipe."""

    POOLED_NET = "pooled-net"
    SYN_NET = "syn-net"
    LI_NET = "li-net"
    FCN = "fcn"
    LOCALISER = "localiser"


class PresetName(StrEnum):
    """Sizes of each network."""

    LIVE = "live"
    PAPER = "paper"


def models(as_json: JsonOption = False) -> None:
    """List the trained models that can be run, and what they learned from."""
    from napari_cmr.zoo import list_models

    cards = list_models()
    if as_json:
        print_json({"models": [card.model_dump(mode="json") for card in cards]})
        return
    from napari_cmr.cli_output import print_models

    print_models(cards)


def segment(
    path: ScanPath,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Labels on the scan's own grid, .nii or .nii.gz")
    ],
    record: Annotated[
        Path | None, typer.Option("--json", help="Write the measurement and its provenance here")
    ] = None,
    model: ModelOption = "pooled-net",
    lines: Annotated[
        str, typer.Option("--lines", "-n", help="k-space lines kept in every frame, or 'full'")
    ] = "full",
    seed: Annotated[int, typer.Option(help="The same seed draws the same lines again")] = 0,
    pattern: PatternOption = PatternName.VARIABLE_DENSITY,
    device: DeviceOption = "auto",
    series: SeriesOption = None,
) -> None:
    """Segment a scan from a few k-space lines of each frame, and measure what was found."""
    from napari_cmr.scan import ScanError
    from napari_cmr.workflow.segmenting import save_segmentation, segment_lines
    from napari_cmr.workflow.undersampling import nifti_name

    nifti_name(output)  # refuse a wrong name before the work, not after it
    if lines != "full" and not lines.isdecimal():
        raise ScanError(f"--lines {lines!r} is neither a number of lines nor 'full'")
    scan = open_path(path, series=series)
    result = segment_lines(
        scan,
        None if lines == "full" else int(lines),
        seed=seed,
        pattern=pattern.value,
        model=model,
        device=device,
    )
    content = save_segmentation(scan, result, output, record)
    from napari_cmr.cli_output import print_measurement

    print_measurement(content)


def train(
    model: Annotated[Trainable, typer.Argument(help="Network")],
    *,
    data: Annotated[
        Path, typer.Option(help="Folder of subject folders with labels at ED and ES (ACDC)")
    ],
    output: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for checkpoints, weights and the card")
    ],
    preset: Annotated[PresetName, typer.Option(help="Size of the network")] = PresetName.LIVE,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Fewer or more steps than the recipe's")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same training")] = 0,
    device: DeviceOption = "auto",
    precision: Annotated[str, typer.Option(help="bf16-mixed, 16-mixed or 32-true")] = "bf16-mixed",
) -> None:
    """Train a network; a run that was stopped goes on where it was."""
    from napari_cmr.scan import ScanError

    try:
        from napari_cmr.workflow.training import train_model

        weights = train_model(
            model.value,
            preset.value,
            data,
            output,
            seed=seed,
            steps=steps,
            device=device,
            precision=precision,
            report=typer.echo,
        )
    except ModuleNotFoundError as error:
        if error.name != "lightning":
            raise
        raise ScanError(
            "training needs Lightning", remedy="pip install 'napari-cmr[train]'"
        ) from error
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    typer.echo(f"{weights}\nUse it with NAPARI_CMR_MODELS={output}\n{RESEARCH_USE_ONLY}")
