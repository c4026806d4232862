"""Command that trains a network, or packs what that takes: train."""

from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    DeviceOption,
    ForceOption,
    PresetName,
    say,
)


def recipe_name(name: str) -> str:
    """Check a name against the register, which is read only when it is needed."""
    from napari_cmr.scan import ScanError
    from napari_cmr.training.register import find

    try:
        return find(name).name
    except ScanError as error:
        raise typer.BadParameter(str(error)) from error


def recipe_names(incomplete: str) -> list[str]:
    """Names in the register that begin so."""
    from napari_cmr.training.register import models

    return [name for name in models() if name.startswith(incomplete)]


def train(
    model: Annotated[
        str,
        typer.Argument(
            callback=recipe_name,
            metavar="MODEL",
            autocompletion=recipe_names,
            help="Model to train; an unknown name lists the models that there are",
        ),
    ],
    *,
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            "--source",
            "--from",
            help="Folder of subject folders with labels at ED and ES (ACDC), or a pack of them",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for checkpoints, weights and the card"),
    ] = None,
    pack: Annotated[
        Path | None,
        typer.Option(
            help="Do not train: write all that the training reads of the subjects into this one "
            "file of at most 64 MB, which --from takes on any machine"
        ),
    ] = None,
    force: ForceOption = False,
    target: Annotated[
        Path | None,
        typer.Option(
            help="Models that learn from two contrasts, and cascades for late enhancement, which "
            "then train themselves on it: folder of late enhancement (EMIDEC), whose labels are "
            "not used"
        ),
    ] = None,
    perceptual: Annotated[
        Path | None,
        typer.Option(
            help="Models that learn against a discriminator: weights of SqueezeNet 1.0 or VGG-19, "
            "by whose features images are compared; our own segmenter's if none"
        ),
    ] = None,
    preset: Annotated[PresetName, typer.Option(help="Size of the network")] = PresetName.LIVE,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Fewer or more steps than the recipe's")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, help="Time to end within: fewer steps if they take longer"),
    ] = None,
    part_mb: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="Write weights and checkpoints that take more, in MB of 1,000,000 bytes, in "
            "parts of at most that; the same command, and what loads the weights, reads the parts",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that prepare subjects and batches")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same training")] = 0,
    device: DeviceOption = "auto",
    precision: Annotated[str, typer.Option(help="bf16-mixed, 16-mixed or 32-true")] = "bf16-mixed",
    phantoms: Annotated[int, typer.Option(min=0, help="Synthetic hearts to learn from too")] = 6,
    start_from: Annotated[
        Path | None, typer.Option(help="Weights to start from (safetensors), also another model's")
    ] = None,
    style: Annotated[
        str,
        typer.Option(
            help="Models for late enhancement: preset of the style network that they learn "
            "from, or none"
        ),
    ] = "live",
    members: Annotated[
        int, typer.Option(min=1, max=8, help="Models for late enhancement: cascades of it")
    ] = 1,
) -> None:
    """Train a network; a run that was stopped goes on where it was."""
    from napari_cmr.scan import ScanError
    from napari_cmr.workflow.train import TrainingRequest, pack_subjects, train_model

    if pack is not None and output is not None:
        raise typer.BadParameter("--pack does not train: leave out --out, or --pack")
    if pack is not None:
        pack_subjects(model, data, pack, overwrite=force, report=say)
        return
    if output is None:
        raise typer.BadParameter("say where the weights go: --out, or --pack to write a pack")
    request = TrainingRequest(
        model=model,
        preset=preset.value,
        data=data,
        out=output,
        target=target,
        perceptual=perceptual,
        steps=steps,
        minutes=minutes,
        part_mb=part_mb,
        workers=workers,
        seed=seed,
        device=device,
        precision=precision,
        phantoms=phantoms,
        start_from=start_from,
        style=None if style == "none" else style,
        members=members,
    )
    try:
        weights = train_model(request, report=say)
    except ModuleNotFoundError as error:
        if error.name != "lightning":
            raise
        raise ScanError(
            "training needs Lightning", remedy="pip install 'napari-cmr[train]'"
        ) from error
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    say(f"{weights}\nUse it with NAPARI_CMR_MODELS={output}\n{RESEARCH_USE_ONLY}")
