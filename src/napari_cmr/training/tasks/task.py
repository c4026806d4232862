"""What the trainings of all kinds of network have in common, as a Lightning module."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import lightning.pytorch as pl
import torch
from torch import Tensor, nn

from napari_cmr.training.recipe import TrainingSettings
from napari_cmr.training.register import Model


class NetworkTask(pl.LightningModule):
    """A network under its recipe.

    Parameters
    ----------
    model : Model
    recipe : TrainingSettings

    Attributes
    ----------
    steps_a_batch : int
        Optimiser steps that Lightning counts for each batch.
    gradient_clip : float or None
        Norm to which gradients are clipped.
    is_validated : bool
        Whether it measures validation batches.
    """

    steps_a_batch: ClassVar[int] = 1
    gradient_clip: ClassVar[float | None] = 1.0
    is_validated: ClassVar[bool] = False

    def __init__(self, model: Model, recipe: TrainingSettings) -> None:
        super().__init__()
        self.recipe: Any = recipe
        self.network = self.build(model, recipe)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def build(self, model: Model, recipe: TrainingSettings) -> nn.Module:
        """Network with freshly initialised weights."""
        return model.build(recipe.architecture)


class TrainingTask(NetworkTask, ABC):
    """One loss, one Adam with a schedule, and means over validation batches.

    A subclass says what the loss of a batch is (:meth:`loss`) and what is measured in a validation
    batch (:meth:`measure`).

    Attributes
    ----------
    betas : tuple of float
        Adam's.
    cycle_momentum : bool
        Whether one cycle of the learning rate moves the first of them too.
    """

    betas: ClassVar[tuple[float, float]] = (0.9, 0.999)
    cycle_momentum: ClassVar[bool] = True
    is_validated = True

    def __init__(self, model: Model, recipe: TrainingSettings) -> None:
        super().__init__(model, recipe)
        self._measured: list[dict[str, float]] = []

    @abstractmethod
    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of one training batch."""

    @abstractmethod
    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """Numbers by name of one validation batch; NaN where there is none."""

    def training_step(self, batch: tuple[Tensor, ...], _: int) -> Tensor | None:
        """Loss of one batch, logged."""
        loss = self.loss(batch)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, ...], _: int) -> None:
        """Collect what is measured in one validation batch."""
        self._measured.append(self.measure(batch))

    def on_validation_epoch_end(self) -> None:
        """Log the means over the validation batches."""
        measured, self._measured = self._measured, []
        for name in measured[0]:
            values = torch.tensor([one[name] for one in measured])
            self.log(name, float(values.nanmean()), prog_bar=name.startswith("dice"))

    def configure_optimizers(self) -> Any:
        """Adam for what may learn, with the recipe's schedule."""
        learning = [one for one in self.parameters() if one.requires_grad]
        optimiser = torch.optim.Adam(learning, lr=self.recipe.learning_rate, betas=self.betas)
        return scheduled(optimiser, self.recipe, cycle_momentum=self.cycle_momentum)


def scheduled(
    optimiser: torch.optim.Optimizer, recipe: Any, *, cycle_momentum: bool = False
) -> Any:
    """An optimiser with the schedule of a recipe, step by step, as Lightning takes it."""
    steps = recipe.steps
    schedule: torch.optim.lr_scheduler.LRScheduler
    if recipe.schedule == "one-cycle":
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser,
            max_lr=[group["lr"] for group in optimiser.param_groups],
            total_steps=steps,
            pct_start=0.1 if steps > 10 else 0.3,  # a tenth of 10 steps would divide by zero
            cycle_momentum=cycle_momentum,
        )
    elif recipe.schedule == "step":
        schedule = torch.optim.lr_scheduler.StepLR(
            optimiser, step_size=max(1, steps // 25), gamma=0.8
        )
    elif recipe.schedule == "linear":
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, max(0.0, 3 * (1 - step / steps)))
        )
    else:
        return {"optimizer": optimiser}
    return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def dice_by_name(scores: Tensor) -> dict[str, float]:
    """Dice of each foreground class under the names that are logged."""
    names = ("heart",) if len(scores) == 1 else ("lv", "myo", "rv")
    return {f"dice_{name}": float(score) for name, score in zip(names, scores.cpu(), strict=True)}
