"""Training of networks that give back still images of few lines, by their squared error."""

import torch
from torch import Tensor

from napari_cmr.training.tasks.task import TrainingTask

#: Of Adam, in all trainings of seitzer2018.
BETAS = (0.5, 0.999)


class StillReconstructionTask(TrainingTask):
    """Mean squared error of complex images, each in its unit (the MSE of seitzer2018)."""

    betas = BETAS
    cycle_momentum = False

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of some slices."""
        hybrid, mask, image, unit = batch
        answer, _ = self.network(hybrid, mask, unit=unit)
        return squared_error(answer, image, unit)

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """PSNR of magnitudes."""
        return {"psnr": psnr(self.network, batch)}


def squared_error(answer: Tensor, image: Tensor, unit: Tensor) -> Tensor:
    """Mean squared error of images (B, N, X), each in its unit (B, 1, 1)."""
    return ((answer - image) / unit).abs().square().mean()


def psnr(network: torch.nn.Module, batch: tuple[Tensor, ...]) -> float:
    """PSNR in dB of magnitudes, mean over images; the peak is the maximum of each.

    A batch without units is of the frames of one cine, whose unit the network estimates.
    """
    hybrid, mask, image, *units = batch
    answer, _ = network(hybrid, mask, unit=units[0] if units else None)
    squared = (answer.abs() - image.abs()).square().mean((1, 2))
    peak = image.abs().amax((1, 2)).square()
    return float(10 * (peak / squared).log10().mean())
