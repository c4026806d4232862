"""Pooled-net: our own model, a U-net that is shown the neighbouring frames' lines as well."""

from collections.abc import Sequence

from napari_cmr.nets.blocks import TemporalUNet


class PooledNet(TemporalUNet):
    """U-net over the ``pooled`` channels of :mod:`napari_cmr.nets.inputs`, with temporal mixing.

    Undersampling in time is undone before the network rather than by it: lines pooled over
    neighbouring frames and over the cycle arrive as channels, at the cost of four short Fourier
    transforms. Temporal mixing at the coarse levels lets the frames agree.

    Parameters
    ----------
    in_channels : int
    n_classes : int
    features : sequence of int
        Channels of each level.
    temporal_from : int
        First level whose features are mixed over time.
    """

    def __init__(
        self,
        in_channels: int = 8,
        n_classes: int = 4,
        features: Sequence[int] = (16, 32, 64, 128, 128),
        temporal_from: int = 2,
    ) -> None:
        super().__init__(in_channels, n_classes, features, temporal_from)
