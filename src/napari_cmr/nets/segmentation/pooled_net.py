"""Pooled-net: our own model, a U-net that is shown the neighbouring frames' lines as well."""

from collections.abc import Sequence

from napari_cmr.nets.blocks import TemporalUNet


class PooledNet(TemporalUNet):
    """U-net over the ``pooled`` channels of :mod:`napari_cmr.nets.inputs`, frame by frame.

    Undersampling in time is undone before the network rather than by it: lines pooled over
    neighbouring frames and over the cycle arrive as channels, at the cost of four short Fourier
    transforms. Each frame is then answered for alone. The U-net works on half of the grid.

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
        super().__init__(in_channels, n_classes, features, len(features), fine)
