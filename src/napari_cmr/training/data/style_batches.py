"""Random views of slices of two contrasts, by step number."""

from collections.abc import Sequence
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from napari_cmr.nets.squares import sample
from napari_cmr.nets.style.munit import clip_to_unit
from napari_cmr.training.data.slices import TrainingSlice
from napari_cmr.training.recipes.translation import StyleRecipe

STEPS_PER_EPOCH = 200


def view(
    one: TrainingSlice, recipe: StyleRecipe, rng: np.random.Generator | None
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


class StyleBatches(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Source images, their labels, and target images: step ``i`` is the same in every run.

    As many as the judges look at; the network is shown the first ones.
    """

    def __init__(
        self,
        source: Sequence[TrainingSlice],
        target: Sequence[TrainingSlice],
        recipe: StyleRecipe,
        seed: int,
        *,
        first: int = 0,
    ) -> None:
        self.source, self.target = source, target
        self.recipe, self.seed, self.first = recipe, seed, first

    def __len__(self) -> int:
        return STEPS_PER_EPOCH

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        rng = np.random.default_rng((self.seed, self.first + index))
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


class StyleData(pl.LightningDataModule):
    """Feeds the steps that come next, also in a run that was stopped."""

    def __init__(
        self,
        source: Sequence[TrainingSlice],
        target: Sequence[TrainingSlice],
        recipe: StyleRecipe,
        *,
        seed: int,
        workers: int = 0,
    ) -> None:
        super().__init__()
        self.source, self.target = source, target
        self.recipe, self.seed, self.workers = recipe, seed, workers

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches from the current step on; two optimisers count each step twice."""
        first = self.trainer.global_step // 2 if self.trainer else 0
        data = StyleBatches(self.source, self.target, self.recipe, self.seed, first=first)
        return DataLoader(data, batch_size=None, num_workers=self.workers)
