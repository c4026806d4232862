"""Training of networks that label frames of a cine, or find its heart."""

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.training.losses import cross_entropy, hard_dice
from napari_cmr.training.tasks.task import TrainingTask, dice_by_name


class SegmentationTask(TrainingTask):
    """Cross-entropy of labels, or of heart against the rest, under a ``CineRecipe``."""

    @property
    def finds_heart(self) -> bool:
        """Whether there is one map of heart rather than a class for each label."""
        return bool(self.recipe.loss == "binary")

    def logits(self, images: Tensor) -> Tensor:
        """What the network says of neighbouring frames: (B, C, H, W), of hearts (B, H, W)."""
        images = images.contiguous(memory_format=torch.channels_last)
        if self.finds_heart:
            logits: Tensor = self.network(images)[:, 0]
        else:
            logits = self.network(images, self.recipe.frames, periodic=False)
        return logits

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of one training batch."""
        images, targets = batch[:2]
        return self._distance(self.logits(images), targets)

    def judged(self, images: Tensor, targets: Tensor) -> Tensor:
        """Logits that are judged at validation."""
        return self.logits(images)

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """Loss and Dice of one validation batch."""
        images, targets = batch[:2]
        logits = self.judged(images, targets)
        loss = float(self._distance(logits, targets))
        if self.finds_heart:
            logits, targets = torch.stack([-logits, logits], 1), targets.long()
        return {"val_loss": loss, **dice_by_name(hard_dice(logits, targets))}

    def _distance(self, logits: Tensor, targets: Tensor) -> Tensor:
        if self.finds_heart:
            return F.binary_cross_entropy_with_logits(logits.float(), targets)
        return cross_entropy(logits, targets)
