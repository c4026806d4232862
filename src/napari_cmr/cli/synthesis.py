"""Commands that make hearts: synthetic ones, and whole cines of two frames."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_cmr.cli.options import (
    RESEARCH_USE_ONLY,
    ForceOption,
    ScanPath,
    SchemeOption,
    open_path,
    say,
)


class DiseaseName(StrEnum):
    """Diseases of :mod:`napari_cmr.phantom`."""

    NORMAL = "normal"
    DILATED = "dilated"
    HYPERTROPHIC = "hypertrophic"
    INFARCT = "infarct"
    RV = "rv"


def phantom(
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the files, made if need be")
    ],
    disease: Annotated[DiseaseName, typer.Option(help="Kind of heart")] = DiseaseName.NORMAL,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Frames of the heart cycle, 30 if none")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another person")] = 0,
    lge: Annotated[
        bool, typer.Option("--lge", help="Late gadolinium enhancement, a still stack")
    ] = False,
    force: ForceOption = False,
) -> None:
    """Make a synthetic heart: image, labels, and the true volumes as JSON."""
    from napari_cmr.scan import ScanError
    from napari_cmr.workflow.synthesis.phantoms import save_phantom

    if lge and frames is not None:
        raise ScanError("--lge is a still stack, without --frames", remedy="leave one of them out")
    files = save_phantom(
        output, disease.value, n_frames=frames or 30, seed=seed, lge=lge, overwrite=force
    )
    say("\n".join([*(str(file) for file in files), RESEARCH_USE_ONLY]))


def animate(
    path: ScanPath,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Cine, .nii or .nii.gz; labels and JSON come beside"),
    ],
    frames: Annotated[int, typer.Option(min=3, help="Frames of the heart cycle")] = 25,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another timing")] = 0,
    scheme: SchemeOption = None,
    force: ForceOption = False,
) -> None:
    """Make a whole labelled cine from a scan with labels at ED and ES."""
    from napari_cmr.scan import check_outputs
    from napari_cmr.workflow.synthesis.animation import cine_paths, save_animation

    check_outputs(*cine_paths(output), inputs=[path], overwrite=force)
    scan = open_path(path, label_scheme=scheme)
    files = save_animation(scan, output, n_frames=frames, seed=seed, inputs=[path], overwrite=force)
    say("\n".join([*(str(file) for file in files), RESEARCH_USE_ONLY]))
