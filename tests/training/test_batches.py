"""A batch depends on the seed and the step alone, so that a stopped run sees those it missed."""

from types import SimpleNamespace

import pytest

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from napari_cmr.training.batches import (
    STEPS_PER_EPOCH,
    StepBatches,
    StepData,
    ValidatedStepData,
)


class Draws:
    """A source whose batch is its step and a number that was drawn."""

    def batch(self, step, rng):
        return step, float(rng.random())


class Data(SimpleNamespace):
    def source(self, recipe):
        return Draws()

    def validation_source(self, recipe):
        return self.validation


def feed(kind, step: int, validation=None, steps_a_batch: int = 1):
    made = kind(Data(validation=validation), None, seed=3, workers=0, steps_a_batch=steps_a_batch)
    made.trainer = SimpleNamespace(global_step=step, global_rank=0)
    return made


def test_batches_are_numbered_and_drawn_by_step_seed_and_rank() -> None:
    whole = list(map(StepBatches(Draws(), 3, first=0, length=10).__getitem__, range(10)))
    later = StepBatches(Draws(), 3, first=6, length=4)
    assert len(later) == 4
    assert [later[i] for i in range(4)] == whole[6:]
    assert StepBatches(Draws(), 4, first=6, length=4)[0] != whole[6]
    assert StepBatches(Draws(), 3, first=6, length=4, rank=1)[0] != whole[6]


def test_an_epoch_goes_on_from_the_step_of_the_trainer() -> None:
    batches = iter(feed(StepData, 40).train_dataloader())
    assert next(batches)[0] == 40
    assert next(batches)[0] == 41
    assert len(feed(StepData, 0).train_dataloader()) == STEPS_PER_EPOCH
    assert next(iter(feed(StepData, 40, steps_a_batch=2).train_dataloader()))[0] == 20


def test_validation_sees_the_same_batches_whatever_the_step() -> None:
    first = list(feed(ValidatedStepData, 0, Draws()).val_dataloader())
    assert list(feed(ValidatedStepData, 70, Draws()).val_dataloader()) == first
    assert first[0][0] > 10**6  # steps that no training reaches
    assert feed(ValidatedStepData, 0).val_dataloader() == []
