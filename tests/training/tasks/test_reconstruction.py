import math

import pytest
import torch

from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.training.register import find
from napari_cmr.training.tasks.reconstruction import ReconstructionTask, moving_pixels


class Answering(torch.nn.Module):
    """Answers the same whatever it is shown."""

    def __init__(self, image: torch.Tensor, std: float) -> None:
        super().__init__()
        self.image, self.std = torch.nn.Parameter(image), std

    def forward(self, hybrid: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.image, torch.full(self.image.shape, self.std)


@pytest.fixture
def task() -> ReconstructionTask:
    model = find("unrolled-net")
    return ReconstructionTask(model, model.tiny)


def batch(image: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return to_hybrid(image), torch.ones(image.shape[:2], dtype=torch.bool), image


def moving() -> torch.Tensor:
    image = torch.ones(4, 10, 10, dtype=torch.complex64)
    image[::2, 3, 2:7] = 2.0  # five pixels that move
    image[::2, 8, 2:7] = 2.0
    return image


def test_the_tenth_that_moves_is_found() -> None:
    chosen = moving_pixels(moving())
    assert chosen.sum() == 10
    assert chosen[3, 2:7].all()
    assert chosen[8, 2:7].all()


def test_halving_the_error_lowers_the_loss_alike_at_any_size_of_it(task) -> None:
    image = moving()
    losses = []
    for apart in (0.4, 0.2, 0.04, 0.02):
        task.network = Answering(image + apart, 1.0)
        losses.append(float(task.loss(batch(image)).detach()))
    assert losses[0] - losses[1] == pytest.approx(1.5 * math.log(4), abs=0.02)
    assert losses[2] - losses[3] == pytest.approx(1.5 * math.log(4), abs=0.02)


def test_the_likeliest_standard_deviation_is_that_of_the_error(task) -> None:
    image = moving()
    losses = {}
    for std in (0.05, 0.1, 0.2):
        task.network = Answering(image + 0.1, std)
        losses[std] = float(task.loss(batch(image)).detach())
    assert min(losses, key=losses.__getitem__) == 0.1


def test_it_measures_psnr_of_magnitudes(task) -> None:
    image = moving()
    task.network = Answering((image + 0.2) * 1j, 0.3)
    found = task.measure(batch(image))
    assert found["psnr"] == pytest.approx(20, abs=0.01)  # peak 2, error 0.2
    assert found["psnr_moving"] == pytest.approx(20, abs=0.01)
    assert found["covered"] == 1.0
