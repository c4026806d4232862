"""Training of the cascade for late enhancement, one stage at a time."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from napari_cmr.nets.segmentation.lge_cascade import Cascade
from napari_cmr.training.losses import composite_loss, hard_dice
from napari_cmr.training.recipe import TrainingSettings
from napari_cmr.training.register import Model
from napari_cmr.training.tasks.task import TrainingTask, dice_by_name


class StageTask(TrainingTask):
    """One U-net of a cascade under the recipe of a stage; the other one does not change."""

    def __init__(self, model: Model, recipe: TrainingSettings) -> None:
        super().__init__(model, recipe)
        self.trains_first = self.recipe.name.startswith("unet")
        fixed = self.cascade.second if self.trains_first else self.cascade.first
        if fixed is not None:
            fixed.requires_grad_(False)

    def build(self, model: Model, recipe: TrainingSettings) -> nn.Module:
        """One cascade; the members of an ensemble are put together afterwards."""
        return Cascade(**recipe.architecture)

    @property
    def cascade(self) -> Cascade:
        """Both U-nets."""
        return cast(Cascade, self.network)

    def on_train_batch_start(self, *_: Any) -> None:
        """Keep dropout and statistics of the fixed U-net out of it."""
        if not self.trains_first:
            self.cascade.first.eval()

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Composite loss of one batch."""
        images, labels = batch
        return composite_loss(self._logits(images), labels, self.recipe.class_weights)

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """Dice of one validation batch."""
        images, labels = batch
        return dice_by_name(hard_dice(self._logits(images), labels))

    def _logits(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        logits: Tensor = (self.cascade.first if self.trains_first else self.cascade)(images)
        return logits
