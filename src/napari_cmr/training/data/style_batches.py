"""Random views of slices of two contrasts, by step number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from napari_cmr.nets.squares import sample
from napari_cmr.nets.style.munit import clip_to_unit
from napari_cmr.scan import ScanError
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.recipe import TranslationRecipe


def view(
    one: TrainingSlice, recipe: TranslationRecipe, rng: np.random.Generator | None
) -> tuple[Tensor, Tensor]:
    """A random view of a slice: image (H, W) from -1 to 1, and labels (H, W) of whole numbers.

    Without ``rng`` the plain view around the centre. Labels are zero where there are none.
    """
    angle, zoom, aspect, gamma = 0.0, 1.0, 1.0, 1.0
    row, column = one.centre
    if rng is not None:
        angle = np.deg2rad(rng.uniform(-recipe.rotation, recipe.rotation))
        zoom = 1 + rng.uniform(-recipe.zoom, recipe.zoom)
        aspect = 1 + rng.uniform(-recipe.aspect, recipe.aspect)
        gamma = recipe.gamma ** rng.uniform(-1, 1)
        row += rng.uniform(-recipe.shift_mm, recipe.shift_mm) / one.spacing[0]
        column += rng.uniform(-recipe.shift_mm, recipe.shift_mm) / one.spacing[1]
    offsets = (torch.arange(recipe.size) - (recipe.size - 1) / 2) * recipe.spacing_mm
    y, x = torch.meshgrid(offsets * zoom * aspect, offsets * zoom / aspect, indexing="ij")
    sine, cosine = float(np.sin(angle)), float(np.cos(angle))
    rows = row + (cosine * y + sine * x) / one.spacing[0]
    columns = column + (cosine * x - sine * y) / one.spacing[1]
    height, width = one.image.shape
    grid = torch.stack([2 * columns / (width - 1) - 1, 2 * rows / (height - 1) - 1], -1)[None]
    image = clip_to_unit(sample(_tensor(one.image), grid)[0])[0]
    if one.labels is None:
        return image, torch.zeros(image.shape, dtype=torch.long)
    labels = sample(_tensor(one.labels), grid, "nearest")
    # the exponent is drawn for labelled slices, those of the source, alone
    return ((image + 1) / 2) ** gamma * 2 - 1, labels[0, 0].long()


def _tensor(image: np.ndarray) -> Tensor:
    """Image (Y, X) as (1, 1, Y, X)."""
    return torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32))[None, None]


class StyleBatches:
    """Source images, their labels, and target images, as many as the judges look at.

    The network is shown the first ones.
    """

    def __init__(
        self,
        source: Sequence[TrainingSlice],
        target: Sequence[TrainingSlice],
        recipe: TranslationRecipe,
    ) -> None:
        self.source, self.target, self.recipe = source, target, recipe

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Whole batch of a step."""
        views = [
            [
                view(group[int(rng.integers(len(group)))], self.recipe, rng)
                for _ in range(max(self.recipe.batch, self.recipe.judged))
            ]
            for group in (self.source, self.target)
        ]
        (source, labels), (target, _) = (
            tuple(torch.stack(part) for part in zip(*group, strict=True)) for group in views
        )
        return source[:, None], labels, target[:, None]


@dataclass(frozen=True)
class StyleData:
    """Unpaired slices of both contrasts, the source's with labels."""

    source_slices: Sequence[TrainingSlice]
    target_slices: Sequence[TrainingSlice]

    def check(self, recipe: TranslationRecipe) -> None:
        """Raise a ScanError if a contrast is empty, or the source lacks labels that are used."""
        if not self.source_slices or not self.target_slices:
            raise ScanError("training needs slices of both contrasts")
        if recipe.anatomy and any(one.labels is None for one in self.source_slices):
            raise ScanError("slices of the source contrast need labels")

    def source(self, recipe: TranslationRecipe) -> StyleBatches:
        """Training batches."""
        return StyleBatches(self.source_slices, self.target_slices, recipe)

    def validation_source(self, recipe: TranslationRecipe) -> None:
        """No validation batches: unpaired pictures have no right answer to compare with."""
        return None

    def summary(self) -> dict[str, Any]:
        """How many slices of which subjects."""
        both = (("source", self.source_slices), ("target", self.target_slices))
        return {
            "slices": {name: len(slices) for name, slices in both},
            "subjects": {name: sorted({one.subject for one in slices}) for name, slices in both},
        }
