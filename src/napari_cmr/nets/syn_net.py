"""Syn-net: labels straight from undersampled frames (Schlemper et al., MICCAI 2018)."""

from collections.abc import Sequence

from torch import Tensor, nn

from napari_cmr.nets.blocks import Decoder, Encoder


class SynNet(nn.Module):
    """End-to-end synthesis network, eq. 1 of schlemper2018.

    A U-net over the zero-filled 2D+t sequence (real and imaginary channels) with temporal mixing
    in the encoder, so that any number of frames T works. The paper's figure with the exact widths
    is not part of its text; ``paper`` uses 64-1024 as U-net does, ``live`` a narrower one.
    """

    def __init__(
        self,
        in_channels: int = 2,
        n_classes: int = 4,
        features: Sequence[int] = (16, 32, 64, 128, 128),
        temporal_from: int = 1,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(in_channels, features, temporal_from=temporal_from)
        self.decoder = Decoder(features, n_classes)

    def forward(self, x: Tensor, n_frames: int = 1, *, periodic: bool = True) -> Tensor:
        """Logits (B * n_frames, classes, H, W) for zero-filled frames (B * n_frames, 2, H, W)."""
        logits: Tensor = self.decoder(self.encoder(x, n_frames, periodic=periodic))
        return logits

    def bottleneck(self, x: Tensor, n_frames: int = 1) -> Tensor:
        """Activation before the first upsampling, the features of the paper's Fig. 4."""
        deepest: Tensor = self.encoder(x, n_frames)[-1]
        return deepest
