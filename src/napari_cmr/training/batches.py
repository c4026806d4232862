"""Batches by step number: the same in every run of a seed, and in a run that was stopped."""

from typing import Any, Protocol

import lightning.pytorch as pl
import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from napari_cmr.training.recipe import TrainingSettings

STEPS_PER_EPOCH = 200
#: Validation batches are of steps that no training reaches, and of a seed of their own.
_VALIDATION_SEED, _VALIDATION_STEP, _VALIDATION_BATCHES = 2**20, 10**9, 12


class BatchSource(Protocol):
    """What a batch is drawn from."""

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Whole batch of a step; all that is random in it comes from ``rng``."""


class TrainingData(Protocol):
    """Subjects to learn from, and others to validate on."""

    def check(self, recipe: Any) -> None:
        """Raise a ScanError if a network cannot learn from them by that recipe."""

    def source(self, recipe: Any) -> BatchSource:
        """Training batches."""

    def validation_source(self, recipe: Any) -> BatchSource | None:
        """Validation batches, if there are any."""

    def summary(self) -> dict[str, Any]:
        """What ``training.json`` is to say about them."""


class StepBatches(Dataset[tuple[Tensor, ...]]):
    """Batches of some steps, from ``first`` on; of several devices each ``rank`` has its own."""

    def __init__(
        self, source: BatchSource, seed: int, *, first: int, length: int, rank: int = 0
    ) -> None:
        self.source, self.seed = source, seed
        self.first, self.length, self.rank = first, length, rank

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        step = self.first + index
        return self.source.batch(step, np.random.default_rng((self.seed, step, self.rank)))


class StepData(pl.LightningDataModule):
    """Feeds training batches by epoch.

    Parameters
    ----------
    data : TrainingData
    recipe : TrainingSettings
    seed : int
    workers : int
        Processes that prepare batches beside the training process.
    steps_a_batch : int
        Optimiser steps that a batch serves.
    """

    def __init__(
        self,
        data: TrainingData,
        recipe: TrainingSettings,
        *,
        seed: int,
        workers: int,
        steps_a_batch: int,
    ) -> None:
        super().__init__()
        self.data, self.recipe, self.seed, self.workers = data, recipe, seed, workers
        self.steps_a_batch = steps_a_batch

    def train_dataloader(self) -> DataLoader[Any]:
        """Batches from the current step on, so that a resumed run sees the ones it missed."""
        assert self.trainer is not None
        batches = StepBatches(
            self.data.source(self.recipe),
            self.seed,
            first=self.trainer.global_step // self.steps_a_batch,
            length=STEPS_PER_EPOCH,
            rank=self.trainer.global_rank,
        )
        return DataLoader(batches, batch_size=None, num_workers=self.workers)


class ValidatedStepData(StepData):
    """Feeds the same validation batches every time, too."""

    def val_dataloader(self) -> Any:
        """Batches of unseen subjects, if there are any."""
        source = self.data.validation_source(self.recipe)
        if source is None:
            return []
        batches = StepBatches(
            source, _VALIDATION_SEED, first=_VALIDATION_STEP, length=_VALIDATION_BATCHES
        )
        return DataLoader(batches, batch_size=None)
