"""Batches of lines of labelled cines, in random views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from napari_cmr.scan import ScanError
from napari_cmr.training.batches import BatchSource
from napari_cmr.training.data.acquisitions import (
    ViewSettings,
    label_batch,
    localiser_batch,
    segmentation_batch,
)
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.data.reconstruction_batches import ReconstructionBatches
from napari_cmr.training.recipe import CineRecipe, Recipe, ReconstructionRecipe


class CineBatches:
    """Batches of a recipe; without augmentation views stand straight, and labels are measured."""

    def __init__(
        self, cines: Sequence[TrainingCine], recipe: CineRecipe, *, augment: bool = True
    ) -> None:
        self.cines, self.recipe, self.augment = cines, recipe, augment
        self.view = (
            ViewSettings(
                recipe.size,
                recipe.spacing_mm,
                recipe.shift_mm,
                recipe.rotation,
                stretch=recipe.stretch,
                elastic_mm=recipe.elastic_mm,
            )
            if augment
            else ViewSettings(recipe.size, recipe.spacing_mm, 0.0, 0.0, 0.0)
        )

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Whole batch of a step: images and targets, or what the stage of the recipe takes."""
        recipe = self.recipe
        first = recipe.autoencoder_steps
        progress = min(1.0, max(0, step - first) / max(1, recipe.steps - first))
        if recipe.loss == "binary":
            count = recipe.sequences
            return localiser_batch(
                self.cines, self.view, batch_size=count, progress=progress, rng=rng
            )
        if self.augment and step < recipe.autoencoder_steps:
            return label_batch(self.cines, recipe, self.view, rng=rng)
        return segmentation_batch(self.cines, recipe, self.view, progress=progress, rng=rng)


@dataclass(frozen=True)
class CineData:
    """Cines to learn from, and those of other subjects to validate on."""

    training: Sequence[TrainingCine]
    validation: Sequence[TrainingCine]

    def check(self, recipe: Recipe) -> None:
        """Raise a ScanError if a part is empty."""
        if not self.training or not self.validation:
            raise ScanError("training needs at least one training and one validation subject")

    def source(self, recipe: Recipe) -> BatchSource:
        """Training batches: labels to learn, or images."""
        return _batches(self.training, recipe, augment=True)

    def validation_source(self, recipe: Recipe) -> BatchSource:
        """Validation batches."""
        return _batches(self.validation, recipe, augment=False)

    def summary(self) -> dict[str, Any]:
        """Longest cine, and the names of the subjects."""
        return {
            "cine_frames": max(len(cine.image) for cine in self.training),
            "training_subjects": [cine.name for cine in self.training],
            "validation_subjects": [cine.name for cine in self.validation],
        }


def _batches(cines: Sequence[TrainingCine], recipe: Recipe, *, augment: bool) -> BatchSource:
    if isinstance(recipe, ReconstructionRecipe):
        return ReconstructionBatches(cines, recipe, augment=augment)
    assert isinstance(recipe, CineRecipe)  # what else learns from cines
    return CineBatches(cines, recipe, augment=augment)
