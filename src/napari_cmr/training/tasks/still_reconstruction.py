"""Training of networks that give back still images of few lines, by their squared error."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from napari_cmr.training.tasks.task import TrainingTask

#: Of Adam, in all trainings of seitzer2018.
BETAS = (0.5, 0.999)


class StillReconstructionTask(TrainingTask):
    """Mean squared error of complex images, each in its unit (the MSE of seitzer2018)."""

    betas = BETAS

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of some slices."""
        hybrid, mask, image, unit = batch
        answer, _ = self.network(hybrid, mask, unit=unit)
        return squared_error(answer, image, unit)

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """PSNR of magnitudes."""
        return {"psnr": psnr(self.network, batch)}

    def configure_optimizers(self) -> Any:
        """Adam with the recipe's schedule."""
        learning = [one for one in self.parameters() if one.requires_grad]
        recipe = self.recipe
        optimiser = torch.optim.Adam(learning, lr=recipe.learning_rate, betas=self.betas)
        return scheduled(optimiser, recipe)


def squared_error(answer: Tensor, image: Tensor, unit: Tensor) -> Tensor:
    """Mean squared error of images (B, N, X), each in its unit (B, 1, 1)."""
    return ((answer - image) / unit).abs().square().mean()


def psnr(network: torch.nn.Module, batch: tuple[Tensor, ...]) -> float:
    """PSNR in dB of magnitudes, mean over slices; the peak is the maximum of each slice."""
    hybrid, mask, image, unit = batch
    answer, _ = network(hybrid, mask, unit=unit)
    squared = (answer.abs() - image.abs()).square().mean((1, 2))
    peak = image.abs().amax((1, 2)).square()
    return float(10 * (peak / squared).log10().mean())


def scheduled(optimiser: torch.optim.Optimizer, recipe: Any) -> Any:
    """An optimiser with the schedule of a recipe, step by step, as Lightning takes it."""
    schedule: torch.optim.lr_scheduler.LRScheduler
    if recipe.schedule == "one-cycle":
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser,
            max_lr=[group["lr"] for group in optimiser.param_groups],
            total_steps=recipe.steps,
            pct_start=0.1,
            cycle_momentum=False,
        )
    elif recipe.schedule == "linear":
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: float(np.clip(3 * (1 - step / recipe.steps), 0, 1))
        )
    else:
        return {"optimizer": optimiser}
    return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
