"""Discriminator of patches, with channel dropout, whose features are matched (seitzer2018)."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Norm = Literal["none", "instance", "batch"]
_NORMS: dict[str, type[nn.Module]] = {
    "none": nn.Identity,
    "instance": nn.InstanceNorm2d,
    "batch": nn.BatchNorm2d,
}
#: Share of the channels that are dropped, and of how many of the last layers.
_DROPPED, _THINNED_LAYERS = 0.5, 3
_SLOPE = 0.2


class PatchDiscriminator(nn.Module):
    """PatchGAN (Isola et al., CVPR 2017) as Seitzer et al. (MICCAI 2018) use it.

    4x4 convolutions, all of stride 2 but the last, leaky ReLU; whole channels are dropped after
    the last three. Weights begin from N(0, 0.02) as published; without a norm, where that leaves
    scores at 0.5 for thousands of steps, as He et al. (ICCV 2015) have it.

    Parameters
    ----------
    features : sequence of int
        Of each layer; 64, 128, 256, 512, 1024, 1024 as published.
    norm : {"none", "instance", "batch"}
        Of all layers but the first; batch as published.
    """

    def __init__(
        self,
        features: Sequence[int] = (64, 128, 256, 512, 1024, 1024),
        norm: Norm = "batch",
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        for index, (narrow, wide) in enumerate(zip((1, *features[:-1]), features, strict=True)):
            last = index == len(features) - 1
            self.layers.append(
                nn.Sequential(
                    nn.Conv2d(narrow, wide, 4, 1 if last else 2, padding=1),
                    _NORMS[norm](wide) if index else nn.Identity(),
                    nn.LeakyReLU(_SLOPE),
                )
            )
        self.score = nn.Conv2d(features[-1], 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                if norm == "none" and module is not self.score:
                    nn.init.kaiming_normal_(module.weight, a=_SLOPE)
                else:
                    nn.init.normal_(module.weight, 0.0, 0.02)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, images: Tensor, *, thinned: bool = False) -> tuple[Tensor, list[Tensor]]:
        """Logits of patches, and the features of each layer.

        Parameters
        ----------
        images : Tensor, shape (B, 1, H, W)
            Grey values from -1 to 1.
        thinned : bool
            Whether channels are dropped, as where the discriminator itself learns. Features that
            are to be compared need all of them.

        Returns
        -------
        Tensor, shape (B, 1, h, w)
            Positive where a patch looks real.
        list of Tensor
        """
        found = []
        first_thinned = len(self.layers) - _THINNED_LAYERS
        for index, layer in enumerate(self.layers):
            images = layer(images)
            found.append(images)
            if thinned and index >= first_thinned:
                images = F.dropout2d(images, _DROPPED)
        return self.score(images), found


class Replay:
    """Images that were made before, so that the discriminator does not forget them.

    Pfau and Vinyals (arXiv 1610.01945), as in Shrivastava et al. (CVPR 2017): of each image that is
    offered, one from the store is given instead with some probability, and replaced by it.

    Parameters
    ----------
    size : int
        Images that are kept; 80 as published.
    share : float
        Probability of an image from the store; .5 as published.
    """

    def __init__(self, size: int = 80, share: float = 0.5) -> None:
        self.size, self.share = size, share
        self.kept: list[Tensor] = []

    def swap(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W), some of them from the store; those of another shape stay there."""
        chosen = []
        for image in images.detach():
            fitting = [at for at, one in enumerate(self.kept) if one.shape == image.shape]
            if len(self.kept) < self.size:
                self.kept.append(image)
                chosen.append(image)
            elif fitting and float(torch.rand(())) < self.share:
                at = fitting[int(torch.randint(len(fitting), ()))]
                chosen.append(self.kept[at])
                self.kept[at] = image
            else:
                self.kept[int(torch.randint(self.size, ()))] = image
                chosen.append(image)
        return torch.stack(chosen)


def feature_distance(real: Sequence[Tensor], made: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of features, mean over layers (feature matching, Salimans 2016)."""
    apart = [F.l1_loss(b.float(), a.float()) for a, b in zip(real, made, strict=True)]
    return torch.stack(apart).mean()
