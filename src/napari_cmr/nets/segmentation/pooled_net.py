"""Pooled-net: our own model, a U-net that is shown the neighbouring frames' lines as well."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import Chunked, ConvBlock, Decoder, Encoder


class PooledNet(Chunked):
    """U-net over the ``pooled`` channels of :mod:`napari_cmr.nets.inputs`, frame by frame.

    Undersampling in time is undone before the network rather than by it: lines pooled over
    neighbouring frames and over the cycle arrive as channels, at the cost of four short Fourier
    transforms. Each frame is then answered for alone.

    Every 2 x 2 pixels are folded into the channels of one (Shi et al., CVPR 2016, the other way
    round), so that the U-net works on half the grid, with twice the channels in the same time, and
    are unfolded in the end, where one convolution draws the edges with the input beside it.

    Parameters
    ----------
    in_channels : int
    n_classes : int
    features : sequence of int
        Channels of each level, from half the resolution on.
    fine : int
        Channels of the last convolution, at full resolution.
    """

    def __init__(
        self,
        in_channels: int = 6,
        n_classes: int = 4,
        features: Sequence[int] = (32, 64, 128, 192, 192),
        fine: int = 16,
    ) -> None:
        super().__init__()
        self.folds = True
        self.encoder = Encoder(4 * in_channels, features)
        self.decoder = Decoder(features, 2 * fine)
        self.edges = ConvBlock(fine // 2 + in_channels, fine, 1)
        self.head = nn.Conv2d(fine, n_classes, 1)

    def forward(
        self,
        x: Tensor,
        n_frames: int = 1,
        *,
        periodic: bool = True,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, classes, H, W) for channels (B, C, H, W); height and width are even.

        Frames are independent, so how many make up a sequence makes no difference. ``wanted`` are
        the images whose logits are returned, all by default.
        """
        if wanted is not None:
            x = x[wanted]
        if self.chunk is not None and len(x) > self.chunk:
            return torch.cat([self._logits(piece) for piece in x.split(self.chunk)])
        return self._logits(x)

    def _logits(self, x: Tensor) -> Tensor:
        folded = F.pixel_unshuffle(x, 2) if self.folds else x
        folded = folded.contiguous(memory_format=torch.channels_last)
        unfolded = F.pixel_shuffle(self.decoder(self.encoder(folded)), 2)
        joined = torch.cat([unfolded, x], dim=1).contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.head(self.edges(joined))
        return logits

    def widened(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of such a network of fewer input channels, for this one.

        Of the channels that they lack, the last ones, nothing is expected yet: the answers stay
        the same until the network learns what they say.
        """
        first = ("encoder.blocks.0.0.weight", "edges.0.weight")
        wider = dict(weights)
        if all(name in weights for name in first):
            own = self.state_dict()
            for name in first:
                lacking = max(0, own[name].shape[1] - weights[name].shape[1])
                wider[name] = F.pad(weights[name], (0, 0, 0, 0, 0, lacking))
        return wider

    def join_steps(self) -> None:
        """Let one strided convolution fold and convolve; see :meth:`Chunked.join_steps`."""
        block = self.encoder.blocks[0]
        assert isinstance(block, ConvBlock)
        convolution = block[0]
        assert isinstance(convolution, nn.Conv2d)
        weight = F.pixel_shuffle(convolution.weight.detach(), 2)
        strided = nn.Conv2d(weight.shape[1], weight.shape[0], 6, 2, padding=2)
        strided.weight, strided.bias = nn.Parameter(weight), convolution.bias
        block[0] = strided
        self.folds = False
