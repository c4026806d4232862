"""What a trained network answers of subjects that it has not seen, in the numbers of its task."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from napari_cmr.scan.file_parts import whole
from napari_cmr.training.batches import StepBatches
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.recipe import Recipe
from napari_cmr.training.register import Model, resolve
from napari_cmr.training.tasks.task import TrainingTask

BATCHES = 8
"""Of each subject: other slices, lines and noise, the same for every network."""
_SEED, _FIRST = 2**20 + 1, 10**9


@torch.no_grad()
def measure_subjects(
    model: Model, recipe: Recipe, weights: Path, cines: Sequence[TrainingCine]
) -> dict[str, dict[str, float]]:
    """Numbers of each cine: the mean over :data:`BATCHES` validation batches, on the CPU.

    Parameters
    ----------
    model : Model
        One that learns from cines.
    recipe : Recipe
        That it was trained by.
    weights : Path
        Of :func:`napari_cmr.training.loop.train`.
    cines : sequence of TrainingCine

    Returns
    -------
    dict of str to dict
        By subject, what the task measures by name; NaN where no batch has a number.
    """
    kind: type[TrainingTask] = resolve(model.training)
    task = kind(model, recipe)
    with whole(weights) as file:
        task.network.load_state_dict(load_file(file), strict=False)
    task.eval()
    found = {}
    for cine in cines:
        source = CineData([], [cine]).validation_source(recipe)
        batches = StepBatches(source, _SEED, first=_FIRST, length=BATCHES)
        found[cine.name] = mean_numbers([task.measure(batches[i]) for i in range(BATCHES)])
    return found


def mean_numbers(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of each number over those that have it; NaN where none has."""
    means = {}
    for name in several[0]:
        values = np.array([one[name] for one in several], dtype=float)
        values = values[np.isfinite(values)]
        means[name] = float(values.mean()) if values.size else float("nan")
    return means
