"""Judges of translated images: patches at several scales, least squares (LSGAN)."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class PatchDiscriminator(nn.Sequential):
    """Strided convolutions that score every patch of an image; no norm."""

    def __init__(self, features: int, depth: int) -> None:
        layers: list[nn.Module] = []
        width = 1
        for level in range(depth):
            wide = features * 2**level
            layers += [
                nn.Conv2d(width, wide, 4, 2, padding=1, padding_mode="reflect"),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            width = wide
        super().__init__(*layers, nn.Conv2d(width, 1, 1))


class MultiScaleDiscriminator(nn.Module):
    """The same kind of judge on the image and on its halved copies.

    Parameters
    ----------
    features : int
        Channels of the first convolution, doubled at each of the others.
    depth : int
        Convolutions of stride 2; patches are about 22 pixels wide with 3, and 46 with 4.
    scales : int
        Resolutions that are judged.
    """

    def __init__(self, *, features: int = 64, depth: int = 4, scales: int = 3) -> None:
        super().__init__()
        judges = [PatchDiscriminator(features, depth) for _ in range(scales)]
        # Without a norm, the usual small random weights leave scores at 0.5 for thousands of steps.
        for judge in judges:
            for module in judge.modules():
                if isinstance(module, nn.Conv2d):
                    nn.init.kaiming_normal_(module.weight, a=0.2)
                    nn.init.zeros_(cast(Tensor, module.bias))
            nn.init.normal_(cast(nn.Conv2d, judge[-1]).weight, 0.0, 0.02)
        self.judges = nn.ModuleList(judges)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Scores (B, 1, h, w) at every scale for images (B, 1, H, W): 1 real, 0 made."""
        scores = []
        for judge in self.judges:
            scores.append(judge(images))
            images = F.avg_pool2d(images, 3, stride=2, padding=1, count_include_pad=False)
        return scores


def judged(scores: Sequence[Tensor], target: float) -> Tensor:
    """Mean squared distance of the scores to ``target``, added up over scales (LSGAN)."""
    return torch.stack([(score.float() - target).square().mean() for score in scores]).sum()
