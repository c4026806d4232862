"""Training of networks that label the left atrium."""

import torch
from torch import Tensor

from napari_cmr.training.losses import hard_dice, segmentation_loss
from napari_cmr.training.tasks.task import TrainingTask


class AtriumTask(TrainingTask):
    """Cross-entropy and soft Dice of atrium against the rest, under an ``AtriumRecipe``."""

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of one training batch."""
        images, labels = batch
        return segmentation_loss(self._logits(images), labels)

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """Dice of one validation batch."""
        images, labels = batch
        return {"dice_la": float(hard_dice(self._logits(images), labels))}

    def _logits(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(images.contiguous(memory_format=torch.channels_last))
        return logits
