"""From two folders of scans of different contrast to a trained translation network."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.scan import ScanError
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.workflow.train.segmentation import DataDeclaration, split_subjects, write_model

_DESCRIPTION = (
    "Renders a bSSFP slice as late enhancement in any number of styles; synthetic, for training "
    "and trying out (Chen et al., STACOM 2019; Huang et al., ECCV 2018)."
)
_SAMPLING = (
    "unpaired slices at ED and ES, and of late enhancement, around the heart that the labels and "
    "the localiser gave; shifted, turned, scaled and, the source's, brightened at random"
)
ACDC_AND_EMIDEC = DataDeclaration(
    trained_on="ACDC training set: 65 patients, bSSFP at ED and ES with labels; EMIDEC: the cases "
    "whose number 5 does not divide, late enhancement without labels",
    licence="CC BY-NC-SA 4.0 (non-commercial, share alike), from the training data",
    citation="Bernard et al., IEEE Transactions on Medical Imaging 37(11):2514-2525, 2018; "
    "Lalande et al., Data 5(4):89, 2020",
)


def style_slices(
    source: Path,
    target: Path,
    *,
    held_out: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[list[TrainingSlice], list[TrainingSlice]]:
    """Slices of both contrasts, of the subjects that training may see, or of the others.

    Parameters
    ----------
    source : Path
        Folder of ACDC patient folders; only slices with some heart in their labels are taken.
    target : Path
        EMIDEC folder. Its pictures are turned as ACDC's images are: in the pictures rows and
        columns are swapped, with the chest wall below.
    held_out : bool
        The subjects that validation holds out, rather than all others.
    report : callable

    Raises
    ------
    ScanError
        If a folder does not hold what it should.
    """
    from napari_cmr.training.data.slices import cine_slices, is_held_out, lge_slices
    from napari_cmr.workflow.segment.cine import load_localiser

    cines = cine_slices(source)
    parts = split_subjects(sorted({one.subject for one in cines}))
    wanted = parts[1 if held_out else 0]
    labelled = [
        one
        for one in cines
        if one.subject in wanted and one.labels is not None and one.labels.any()
    ]
    localiser = load_localiser()

    def centre(scan: Any) -> tuple[float, float]:
        found = localiser.locate_still(scan)
        return found.row, found.column

    enhanced = [
        turned(one) for one in lge_slices(target, centre) if is_held_out(one.subject) is held_out
    ]
    if not labelled or not enhanced:
        raise ScanError(
            "no slices are left once subjects are split into training and validation",
            source=target if labelled else source,
        )
    report(f"{len(labelled)} slices with labels, {len(enhanced)} of late enhancement")
    return labelled, enhanced


def turned(one: TrainingSlice) -> TrainingSlice:
    """Mirror a slice at the diagonal that runs from lower left to upper right."""
    height, width = one.image.shape
    row, column = one.centre
    dy, dx = one.spacing
    return TrainingSlice(
        subject=one.subject,
        group=one.group,
        phase=one.phase,
        index=one.index,
        image=np.ascontiguousarray(one.image[::-1, ::-1].T),
        labels=None if one.labels is None else np.ascontiguousarray(one.labels[::-1, ::-1].T),
        spacing=(dx, dy),
        centre=(width - 1 - column, height - 1 - row),
    )


def train_style_model(
    source: Path,
    target: Path,
    out: Path,
    *,
    preset: str = "live",
    declaration: DataDeclaration | None = None,
    steps: int | None = None,
    seed: int = 0,
    device: str = "auto",
    precision: str = "bf16-mixed",
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train a translation network and export it as the zoo wants it; a stopped run goes on.

    Parameters
    ----------
    source, target : Path
        See :func:`style_slices`.
    out : Path
        Folder that ``NAPARI_CMR_MODELS`` may name afterwards.
    preset : {"live", "paper"}
    declaration : DataDeclaration, optional
        What the card says about the data.
    steps : int, optional
        Fewer or more than the recipe's.
    seed, device, precision
        See :func:`napari_cmr.training.loop.train`.
    report : callable

    Returns
    -------
    Path
        Half-precision weights, their card beside them.

    Raises
    ------
    ScanError
        If the data cannot be used.
    """
    from napari_cmr.training.recipes.translation import style_recipe
    from napari_cmr.training.tasks.translation import train_style

    recipe = style_recipe(preset)
    if steps is not None:
        recipe = recipe.model_copy(update={"steps": steps})
    run = out / f"style-{preset}"
    labelled, enhanced = style_slices(source, target, report=report)
    train_style(recipe, labelled, enhanced, run, seed=seed, device=device, precision=precision)
    return export_style(run, out, declaration=declaration or DataDeclaration())


def export_style(
    run: Path,
    out: Path,
    *,
    declaration: DataDeclaration,
    metrics: dict[str, Any] | None = None,
) -> Path:
    """Write the weights of a finished run in half precision, with their card, into ``out``."""
    summary = json.loads((run / "training.json").read_text(encoding="utf-8"))
    return write_model(
        run,
        out,
        summary,
        declaration=declaration,
        description=_DESCRIPTION,
        sampling=_SAMPLING,
        input_kind="magnitude",
        recipe=summary["recipe"],
        metrics=metrics or summary["losses"],
    )
