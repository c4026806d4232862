"""FCN for fully sampled frames: reference, and partner of "reconstruct, then segment".

Bai et al., Journal of Cardiovascular Magnetic Resonance 20:65, 2018.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import Chunked, ConvBlock, halve

DEPTHS = (2, 2, 3, 3, 3)


class FCN(Chunked):
    """Five blocks of convolutions whose scales are all upsampled and read together.

    Parameters
    ----------
    in_channels, n_classes : int
    features : sequence of 5 ints
        Filters of the blocks; 16 to 256 as published.
    reduced : int
        Channels that each scale is reduced to before upsampling; 32 as published.
    head : int
        Channels of the two last convolutions; 64 as published.
    """

    def __init__(
        self,
        in_channels: int = 1,
        n_classes: int = 4,
        features: Sequence[int] = (16, 32, 64, 128, 256),
        reduced: int = 32,
        head: int = 64,
    ) -> None:
        super().__init__()
        widths = [in_channels, *features]
        self.blocks = nn.ModuleList(
            ConvBlock(a, b, depth)
            for a, b, depth in zip(widths[:-1], widths[1:], DEPTHS, strict=True)
        )
        self.reduce = nn.ModuleList(nn.Conv2d(width, reduced, 1) for width in features)
        self.head = nn.Sequential(
            nn.Conv2d(reduced * len(features), head, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(head, head, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(head, n_classes, 1),
        )

    def forward(
        self,
        x: Tensor,
        n_frames: int = 1,
        *,
        periodic: bool = True,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, classes, H, W); frames are segmented one by one, all or those wanted."""
        if wanted is not None:
            x = x[wanted]
        if self.chunk is not None and len(x) > self.chunk:
            return torch.cat([self._logits(piece) for piece in x.split(self.chunk)])
        return self._logits(x)

    def join_steps(self) -> None:
        """Nothing can be joined beyond the batch norms."""

    def _logits(self, x: Tensor) -> Tensor:
        size = x.shape[-2:]
        scales = []
        for index, (block, reduce) in enumerate(zip(self.blocks, self.reduce, strict=True)):
            x = block(halve(x) if index else x)
            scales.append(F.interpolate(reduce(x), size=size, mode="bilinear", align_corners=False))
        logits: Tensor = self.head(torch.cat(scales, dim=1))
        return logits
