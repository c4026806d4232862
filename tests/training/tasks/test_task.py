"""What all trainings share: who must say a loss, the schedules, and means over batches."""

import math

import pytest
import torch

from napari_cmr.training.register import find
from napari_cmr.training.tasks.task import NetworkTask, TrainingTask, dice_by_name, scheduled
from napari_cmr.training.tasks.translation import TranslationTask

MODEL, STILLS = find("fcn"), find("recnet-lge")


class Constant(TrainingTask):
    """A task whose numbers are those of its batch."""

    def loss(self, batch):
        return batch[0]

    def measure(self, batch):
        return {"dice_lv": float(batch[0]), "loss": float(batch[1])}


def task(**changes) -> Constant:
    return Constant(MODEL, MODEL.tiny.with_(steps=100, learning_rate=0.1, **changes))


def rates(made: Constant) -> list[float]:
    """Learning rate at each of the hundred steps."""
    found = made.configure_optimizers()
    optimiser, schedule = found["optimizer"], found["lr_scheduler"]["scheduler"]
    seen = []
    for _ in range(100):
        seen.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step() if len(seen) < 100 else None
    return seen


def test_who_has_one_loss_says_it_and_who_has_many_promises_none() -> None:
    class Silent(TrainingTask):
        pass

    with pytest.raises(TypeError, match="loss"):
        Silent(MODEL, MODEL.tiny)
    assert issubclass(TranslationTask, NetworkTask)
    assert not hasattr(TranslationTask, "loss")
    assert not hasattr(TranslationTask, "measure")


def test_one_cycle_rises_and_ends_near_zero() -> None:
    seen = rates(task(schedule="one-cycle"))
    assert seen.index(max(seen)) in (8, 9, 10)
    assert max(seen) == pytest.approx(0.1)
    assert seen[-1] < 1e-4


def test_steps_fall_by_a_fifth_25_times() -> None:
    seen = rates(task(schedule="step"))
    assert seen[0] == seen[3] == pytest.approx(0.1)
    assert seen[4] == pytest.approx(0.08)
    assert len(set(seen)) == 25


def test_what_is_fixed_is_not_optimised() -> None:
    made = task()
    for parameter in made.parameters():
        parameter.requires_grad_(False)
    free = next(made.parameters())
    free.requires_grad_(True)
    (group,) = made.configure_optimizers()["optimizer"].param_groups
    assert [one is free for one in group["params"]] == [True]


def test_means_over_batches_leave_out_what_was_not_there(monkeypatch) -> None:
    made, logged = task(), {}
    monkeypatch.setattr(made, "log", lambda name, value, **_: logged.update({name: value}))
    for dice, loss in ((0.5, 1.0), (math.nan, 2.0), (0.9, 6.0)):
        made.validation_step((torch.tensor(dice), torch.tensor(loss)), 0)
    made.on_validation_epoch_end()
    assert logged == pytest.approx({"dice_lv": 0.7, "loss": 3.0})
    made.validation_step((torch.tensor(0.1), torch.tensor(0.0)), 0)
    made.on_validation_epoch_end()
    assert logged["dice_lv"] == pytest.approx(0.1)


def test_names_of_dice() -> None:
    assert list(dice_by_name(torch.tensor([0.5]))) == ["dice_heart"]
    assert dice_by_name(torch.tensor([0.25, 0.5, 0.75])) == {
        "dice_lv": 0.25,
        "dice_myo": 0.5,
        "dice_rv": 0.75,
    }


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [("constant", (1.0, 1.0, 1.0)), ("linear", (1.0, 1.0, 0.3)), ("one-cycle", (0.04, 0.7, 0.0))],
)
def test_the_rate_follows_the_schedule_of_a_recipe(schedule, rates) -> None:
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    found = scheduled(optimiser, STILLS.tiny.with_(schedule=schedule, steps=100))
    seen = []
    for _ in range(100):
        seen.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if "lr_scheduler" in found:
            found["lr_scheduler"]["scheduler"].step()
    assert (seen[0], seen[40], seen[90]) == pytest.approx(rates, abs=0.06)


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 11])
def test_one_cycle_of_very_few_steps_ends(steps) -> None:
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = scheduled(optimiser, MODEL.tiny.with_(schedule="one-cycle", steps=steps))
    for _ in range(steps - 1):
        optimiser.step()
        schedule["lr_scheduler"]["scheduler"].step()
    assert optimiser.param_groups[0]["lr"] < 0.5
