"""Syn-net: labels straight from undersampled frames (Schlemper et al., MICCAI 2018)."""

from collections.abc import Sequence

from torch import Tensor

from napari_cmr.nets.blocks import TemporalUNet


class SynNet(TemporalUNet):
    """End-to-end synthesis network, eq. 1 of schlemper2018.

    A U-net over the zero-filled 2D+t sequence (real and imaginary channels) with temporal mixing
    in the encoder, so that any number of frames T works. The paper's figure with the exact widths
    is not part of its text; ``paper`` uses 64-1024 as U-net does. ``live`` is a narrower one on
    half of the grid, of the shape of :class:`.PooledNet`, whose weights it can start from.
    """

    def __init__(
        self,
        in_channels: int = 2,
        n_classes: int = 4,
        features: Sequence[int] = (16, 32, 64, 128, 128),
        temporal_from: int = 1,
        fine: int | None = None,
    ) -> None:
        super().__init__(in_channels, n_classes, features, temporal_from, fine)

    def bottleneck(self, x: Tensor, n_frames: int = 1) -> Tensor:
        """Activation before the first upsampling, the features of the paper's Fig. 4."""
        return self._encode(x, n_frames)[-1]
