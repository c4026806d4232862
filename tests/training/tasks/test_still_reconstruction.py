import numpy as np
import pytest
import torch
from helpers.still_stacks import disc_data

from napari_cmr.training.register import find
from napari_cmr.training.tasks.still_reconstruction import (
    StillReconstructionTask,
    psnr,
    squared_error,
)

MODEL = find("recnet-lge")


class Brighter(torch.nn.Module):
    """Answers what was measured with an error that is the same everywhere."""

    def __init__(self, image: torch.Tensor, by: float) -> None:
        super().__init__()
        self.image, self.by = image, by

    def forward(self, hybrid, mask, unit):
        return self.image + self.by * unit, None


def test_the_error_is_that_of_complex_images_in_their_units() -> None:
    image, unit = torch.ones(2, 4, 4, dtype=torch.complex64), torch.tensor([1.0, 10.0])
    answer = image + 1j * torch.tensor([0.1, 1.0])[:, None, None]
    assert float(squared_error(answer, image, unit[:, None, None])) == pytest.approx(0.01)


def test_psnr_is_of_magnitudes_and_the_peak_of_each_slice() -> None:
    image = torch.zeros(2, 4, 4, dtype=torch.complex64)
    image[:, 0, 0] = torch.tensor([2.0, 20.0])
    unit = torch.tensor([1.0, 10.0])[:, None, None]
    found = psnr(Brighter(image, 0.2), (image, image, image, unit))
    assert found == pytest.approx(20, abs=0.01)


def test_a_single_frame_has_a_loss_that_lowers_as_it_learns() -> None:
    torch.manual_seed(0)
    task = StillReconstructionTask(MODEL, MODEL.tiny)
    one = disc_data().source(MODEL.tiny.with_(batch=1)).batch(0, np.random.default_rng(0))
    optimiser = torch.optim.Adam(task.parameters(), lr=0.01)
    losses = []
    for _ in range(30):
        loss = task.loss(one)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.7 * losses[0]
