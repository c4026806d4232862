"""Where the heart is: a small U-net with instance norm (after Chen et al., STACOM 2019)."""

from collections.abc import Sequence

from torch import Tensor, nn

from napari_cmr.nets.blocks import Decoder, Encoder


class Localiser(nn.Module):
    """Logits of "heart" for each pixel of a coarse magnitude image.

    Instance norm makes it indifferent to the contrast of the scan, so that a network trained on
    bSSFP also finds the heart in other contrasts. It looks at temporal averages of undersampled
    lines; no fully sampled image is ever needed.
    """

    def __init__(self, in_channels: int = 1, features: Sequence[int] = (12, 24, 48, 64)) -> None:
        super().__init__()
        self.encoder = Encoder(in_channels, features, norm="instance")
        self.decoder = Decoder(features, 1, norm="instance")

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, 1, H, W) for images (B, 1, H, W)."""
        logits: Tensor = self.decoder(self.encoder(x))
        return logits
