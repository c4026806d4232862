"""Lightning's view of a recipe: batches by step, loss, schedule, and a fixed validation batch."""

from collections.abc import Sequence
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from napari_cmr.training.data.acquisitions import (
    ViewSettings,
    label_batch,
    localiser_batch,
    segmentation_batch,
)
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.losses import cross_entropy, hard_dice, segmentation_loss
from napari_cmr.training.recipes.segmentation import Recipe

STEPS_PER_EPOCH = 200


class BatchDataset(Dataset[tuple[Tensor, ...]]):
    """Whole batches by step number: step ``i`` is the same batch in every run of a seed.

    Of several devices each has a ``rank``, and batches of its own.
    """

    def __init__(
        self,
        cines: Sequence[TrainingCine],
        recipe: Recipe,
        seed: int,
        *,
        first: int = 0,
        length: int = STEPS_PER_EPOCH,
        augment: bool = True,
        rank: int = 0,
    ) -> None:
        self.rank = rank
        self.cines, self.recipe, self.seed = cines, recipe, seed
        self.first, self.length, self.augment = first, length, augment
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

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        step = self.first + index
        rng = np.random.default_rng((self.seed, step, self.rank))
        progress = min(1.0, step / self.recipe.steps)
        if self.recipe.task == "localisation":
            return localiser_batch(
                self.cines,
                self.view,
                batch_size=self.recipe.sequences,
                progress=progress,
                rng=rng,
            )
        if self.augment and step < self.recipe.autoencoder_steps:
            return label_batch(self.cines, self.recipe, self.view, rng=rng)
        return segmentation_batch(
            self.cines,
            self.recipe,
            self.view,
            progress=progress,
            rng=rng,
        )


class BatchModule(pl.LightningDataModule):
    """Feeds training batches by epoch, and the same validation batches every time."""

    def __init__(
        self,
        training: Sequence[TrainingCine],
        validation: Sequence[TrainingCine],
        recipe: Recipe,
        *,
        seed: int,
        workers: int,
    ) -> None:
        super().__init__()
        self.training, self.validation = training, validation
        self.recipe, self.seed, self.workers = recipe, seed, workers

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches from the current step on, so that a resumed run sees the ones it missed."""
        first, rank = (
            (self.trainer.global_step, self.trainer.global_rank) if self.trainer else (0, 0)
        )
        data = BatchDataset(self.training, self.recipe, self.seed, first=first, rank=rank)
        return DataLoader(data, batch_size=None, num_workers=self.workers)

    def val_dataloader(self) -> DataLoader[Any]:
        """Batches far beyond any training step, without augmentation of the view."""
        data = BatchDataset(
            self.validation, self.recipe, 2**20, first=10**9, length=12, augment=False
        )
        return DataLoader(data, batch_size=None)


class RecipeModule(pl.LightningModule):
    """A network under its recipe."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.network = recipe.build()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._validation: list[tuple[float, Tensor]] = []

    def _training_loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        images, targets = batch[:2]
        return self._loss(self._logits(images), targets)

    def _logits(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        if self.recipe.task == "localisation":
            logits: Tensor = self.network(images)[:, 0]
        else:
            logits = self.network(images, self.recipe.frames, periodic=False)
        return logits

    def _logits_of(self, images: Tensor, targets: Tensor) -> Tensor:
        """What is judged at validation; the auto-encoder of LI-net sees the labels themselves."""
        return self._logits(images)

    def _loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        if self.recipe.loss == "binary":
            return F.binary_cross_entropy_with_logits(logits.float(), targets)
        return cross_entropy(logits, targets)

    def training_step(self, batch: tuple[Tensor, ...], _: int) -> Tensor:
        """Loss of one batch."""
        loss = self._training_loss(batch)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, ...], _: int) -> None:
        """Collect loss and Dice of one validation batch."""
        images, targets = batch[:2]
        logits = self._logits_of(images, targets)
        if self.recipe.task == "localisation":
            dice = hard_dice(torch.stack([-logits, logits], 1), targets.long())
        else:
            dice = hard_dice(logits, targets)
        self._validation.append((float(self._loss(logits, targets)), dice.cpu()))

    def on_validation_epoch_end(self) -> None:
        """Log the means over the validation batches."""
        losses, dices = zip(*self._validation, strict=True)
        self._validation = []
        self.log("val_loss", float(np.mean(losses)))
        mean = torch.stack(list(dices)).nanmean(0)
        names = ("heart",) if len(mean) == 1 else ("lv", "myo", "rv")
        for name, value in zip(names, mean, strict=True):
            self.log(f"dice_{name}", float(value), prog_bar=True)

    def configure_optimizers(self) -> Any:
        """Adam with the recipe's schedule."""
        rate, steps = self.recipe.learning_rate, self.recipe.steps
        optimiser = torch.optim.Adam(self.parameters(), lr=rate)
        schedule: torch.optim.lr_scheduler.LRScheduler
        if self.recipe.schedule == "one-cycle":
            schedule = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, max_lr=rate, total_steps=steps, pct_start=0.1
            )
        else:
            schedule = torch.optim.lr_scheduler.StepLR(
                optimiser, step_size=max(1, steps // 25), gamma=0.8
            )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


class LatentModule(RecipeModule):
    """LI-net in its two stages (schlemper2018): the auto-encoder of labels, then eq. 2.

    ``lambda1`` = 1, ``lambda2`` = 1e-4 and ``lambda3`` = 10 as published. The distances are root
    mean squares over the code, so that they do not grow with its length. In stage 2 the
    auto-encoder is frozen, its batch norms included.
    """

    LAMBDAS = (1.0, 1e-4, 10.0)

    def _logits_of(self, images: Tensor, targets: Tensor) -> Tensor:
        if self._stage_two:
            return super()._logits_of(images, targets)
        network: Any = self.network
        logits: Tensor = network.decoder(network.encode_labels(targets))
        return logits

    @property
    def _stage_two(self) -> bool:
        return self.global_step >= self.recipe.autoencoder_steps

    def on_train_batch_start(self, *_: Any) -> None:
        """Freeze the auto-encoder once it has been trained."""
        network: Any = self.network
        for part in (network.label_encoder, network.decoder):
            part.requires_grad_(not self._stage_two)
            part.train(not self._stage_two)
        network.predictor.requires_grad_(self._stage_two)

    def _training_loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        network: Any = self.network
        if not self._stage_two:
            (labels,) = batch
            return segmentation_loss(network.decoder(network.encode_labels(labels)), labels)
        undersampled, labels, complete = batch
        code = network.encode_labels(labels)
        layout = torch.channels_last
        frames = self.recipe.frames
        of_lines, of_all = (
            network.predictor(image.contiguous(memory_format=layout), frames, periodic=False)
            for image in (undersampled, complete)
        )
        one, two, three = self.LAMBDAS
        return (
            _distance(code, of_lines)
            + one * _distance(code, of_all)
            + two * _distance(of_all, of_lines)
            + three * cross_entropy(network.decoder(of_lines), labels)
        )


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return ((a.float() - b.float()).square().mean(1) + 1e-12).sqrt().mean()
