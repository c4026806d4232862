"""Training of networks that give back images of few lines."""

import numpy as np
from torch import Tensor

from napari_cmr.training.tasks.task import TrainingTask

#: Of the squared error, in the cine's unit: keeps the logarithm where lines leave nothing to guess.
_LEAST = 1e-7
_MOVING_SHARE = 0.1
_MOVING_WEIGHT, _SPREAD_WEIGHT = 0.5, 0.05


class ReconstructionTask(TrainingTask):
    """The logarithm of the squared error, whole and where it moves: mean PSNR, directly.

    The logarithm weighs all accelerations alike, whose errors differ by orders of magnitude. A
    small share is the Gaussian likelihood of the error of the magnitude, which trains the standard
    deviation, of networks that give one, and sees the image as a constant.
    """

    gradient_clip = 1.0

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Loss of the lines of one slice and the images that they were measured from."""
        hybrid, mask, image, *maps = batch
        answer, std = self.network(hybrid, mask, *maps)
        squared = (answer - image).abs().square()
        whole = (squared.mean() + _LEAST).log()
        moving = (squared[:, moving_pixels(image)].mean() + _LEAST).log()
        loss = whole + _MOVING_WEIGHT * moving
        if std is None:
            return loss
        apart = (answer.detach().abs() - image.abs()).square()
        likelihood = (apart / (2 * std.square()) + std.log()).mean()
        return loss + _SPREAD_WEIGHT * likelihood

    def measure(self, batch: tuple[Tensor, ...]) -> dict[str, float]:
        """PSNR in dB of magnitudes, whole and where it moves, of one validation batch."""
        hybrid, mask, image, *maps = batch
        answer, std = self.network(hybrid, mask, *maps)
        squared = (answer.abs() - image.abs()).square()
        peak = float(image.abs().max()) ** 2
        moving = squared[:, moving_pixels(image)].mean()
        found = {
            "psnr": 10 * float(np.log10(peak / float(squared.mean()))),
            "psnr_moving": 10 * float(np.log10(peak / float(moving))),
        }
        if std is not None:
            found["covered"] = float((squared.sqrt() <= std).float().mean())
        return found


def moving_pixels(image: Tensor) -> Tensor:
    """The tenth of the pixels (N, X) whose magnitude (T, N, X) varies most over the cycle."""
    variation = image.abs().std(0)
    count = max(1, round(_MOVING_SHARE * variation.numel()))
    least = variation.flatten().kthvalue(variation.numel() - count + 1).values
    return variation >= least
