"""DAGAN: a U-net that takes the aliases out of magnitude images, learned against a judge."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from napari_cmr.nets.blocks import padded
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, share_of
from napari_cmr.scan import ScanError

#: What is shown as white, in peaks of the zero-filled image: full images have higher ones.
_WHITE = 1.25


class Dagan(ReconstructionNetwork):
    """Generator of Yang et al. (IEEE TMI 37, 2018), frame by frame.

    Strided 4x4 convolutions down, transposed ones up with skips; the hyperbolic tangent of what
    comes out is added to the zero-filled magnitude, and clipped. It knows neither phase nor
    measured lines: the image keeps the phase of the zero-filled one.

    Parameters
    ----------
    features : sequence of int
        Of each level; the eight of the publication take images of 256 x 256 down to one pixel.
    norm : {"batch", "none"}
        Batch as published.
    side : int, optional
        Only images of this side are taken, as published 256; any if none.
    consistent : bool
        Whether the measured lines are put back, which is not so in the publication.
    """

    def __init__(
        self,
        features: Sequence[int] = (64, 128, 256, 512, 512, 512, 512, 512),
        *,
        norm: Literal["batch", "none"] = "batch",
        side: int | None = 256,
        consistent: bool = False,
    ) -> None:
        super().__init__()
        self.side, self.consistent, self.multiple = side, consistent, 2 ** len(features)

        def of(wide: int) -> nn.Module:
            return nn.BatchNorm2d(wide) if norm == "batch" else nn.Identity()

        self.down = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(narrow, wide, 4, 2, padding=1),
                of(wide) if index and wide > 1 else nn.Identity(),
                nn.LeakyReLU(0.2),
            )
            for index, (narrow, wide) in enumerate(zip((1, *features[:-1]), features, strict=True))
        )
        skips = (*features[-2::-1], features[0])  # the last one ends at full size, without one
        self.up = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(
                    features[-1] if index == 0 else 2 * skips[index - 1], wide, 4, 2, padding=1
                ),
                of(wide),
                nn.ReLU(),
            )
            for index, wide in enumerate(skips)
        )
        self.head = nn.Conv2d(features[0], 1, 1)

    def unit_of(self, average: Tensor) -> Tensor:
        """Peak of the temporal average."""
        return average.abs().max().clamp(min=1e-20)

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`; trust counts where lines are put back.

        Raises
        ------
        ScanError
            If images are not of the side that was published.
        """
        magnitude = image.abs()
        seen = (2 * magnitude / _WHITE - 1).clamp(-1, 1)[:, None]
        change = torch.tanh(self._change(seen).to(seen.dtype))
        made = _WHITE * ((seen + change).clamp(-1, 1)[:, 0] + 1) / 2
        image = made * torch.where(magnitude > 0, image / magnitude.clamp(min=1e-20), 1.0)
        return lines.consistent(image, share_of(trust)) if self.consistent else image

    def _change(self, x: Tensor) -> Tensor:
        """What is added to grey values (B, 1, H, W) before it is squashed."""
        height, width = x.shape[-2:]
        if self.side is not None and (height, width) != (self.side, self.side):
            raise ScanError(
                f"images of {height} x {width} for a network that takes {self.side} x {self.side}",
                remedy="take the live preset, which takes images of any size",
            )
        x = padded(x, self.multiple)
        x = x.to(self.head.weight.dtype).contiguous(memory_format=torch.channels_last)
        levels = []
        for layer in self.down:
            x = layer(x)
            levels.append(x)
        for index, layer in enumerate(self.up):
            x = layer(x if index == 0 else torch.cat([x, levels[-1 - index]], dim=1))
        change: Tensor = self.head(x)
        return change[..., :height, :width]
