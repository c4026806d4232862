"""Commands for labels of late gadolinium enhancement: segment, train, and evaluate."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from napari_cmr.cli_options import RESEARCH_USE_ONLY

if TYPE_CHECKING:
    from napari_cmr.scan import Scan


def segment_stack(
    scan: "Scan",
    output: Path,
    record: Path | None,
    *,
    model: str,
    n_lines: int | None,
    device: str,
    views: int,
    crf: bool,
    ensemble: bool,
) -> None:
    """Segment a late enhancement stack and print its measurement; part of ``segment``."""
    from napari_cmr.cli_output import print_measurement
    from napari_cmr.scan import ScanError
    from napari_cmr.workflow.lge import save_lge, segment_lge
    from napari_cmr.zoo.lge_segmenter import LgeSteps

    if n_lines is not None:
        raise ScanError(
            f"{model} labels late enhancement from whole images, not from {n_lines} lines",
            remedy="leave --lines out",
        )
    steps = LgeSteps(members=None if ensemble else 1, crf=crf, views=views)
    result = segment_lge(scan, model=model, device=device, steps=steps)
    print_measurement(save_lge(scan, result, output, record))


def train_lge(
    data: Path,
    output: Path,
    *,
    preset: str,
    style: str,
    members: int,
    seed: int,
    steps: int | None,
    device: str,
    precision: str,
) -> None:
    """Train the cascade and export it; part of ``train``."""
    from napari_cmr.workflow.lge_training import train_cascade

    weights = train_cascade(
        data,
        output,
        preset=preset,
        style=None if style == "none" else style,
        members=members,
        seed=seed,
        steps=steps,
        device=device,
        precision=precision,
        report=typer.echo,
    )
    typer.echo(f"{weights}\nUse it with NAPARI_CMR_MODELS={output}\n{RESEARCH_USE_ONLY}")
