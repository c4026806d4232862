"""DC-CNN in 2-D and time: a cascade of 3-D networks that frames share their lines with."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from napari_cmr.nets.inputs import from_hybrid
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import (
    ReconstructionNetwork,
    as_channels,
    as_image,
    share_of,
)

#: Frames to each side whose lines are shared, at most.
MOST_SHARED = 4


class DcCnn3d(ReconstructionNetwork):
    """The dynamic cascade with data sharing of Schlemper et al. (IEEE TMI 37, 2018), D5-C10(S).

    Each sub-network of 3x3x3 convolutions also sees windows of 0 to 4 frames to each side: at first
    the mean of the lines that their frames took, later the mean of the frames as they are by then,
    with each frame's own lines put back. The heart cycle is closed. The weight ``v`` of the paper,
    in ``(k + v k0) / (1 + v)``, is ``trust / (1 - trust)``; all of the measurement is trusted by
    default, as published.

    Parameters
    ----------
    cascades, depth, features : int
        As published 10, 5 and 64.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
    """

    def __init__(
        self,
        cascades: int = 10,
        depth: int = 5,
        features: int = 64,
        *,
        shared_views: bool = False,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.cascades = nn.ModuleList(_convolutions(depth, features) for _ in range(cascades))

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        share = share_of(trust)
        windows = lines_of_windows(lines)
        for layers in self.cascades:
            shared = [lines.consistent(window, share) for window in windows]
            seen = torch.cat([as_channels(one, layers) for one in (image, *shared)], dim=1)
            image = lines.consistent(image + as_image(layers(seen)), share)
            windows = means_of_windows(image)
        return image


def lines_of_windows(lines: Lines) -> list[Tensor]:
    """Images (T, N, X) of the mean of the lines that frames of ever wider windows took."""
    taken = lines.mask[..., None].to(lines.hybrid.real.dtype)
    sums = zip(_windows(lines.hybrid, -3), _windows(taken, -3), strict=True)
    return [lines.combined(from_hybrid(total / count.clamp(min=1))) for total, count in sums]


def means_of_windows(image: Tensor) -> list[Tensor]:
    """Means (T, N, X) of frames over ever wider windows."""
    return [total / (2 * reach + 1) for reach, total in enumerate(_windows(image, 0))]


def _windows(frames: Tensor, axis: int) -> Iterator[Tensor]:
    """Sums of frames over windows of 0, 1, ... frames to each side, around the cycle."""
    total = frames
    yield total
    for reach in range(1, MOST_SHARED + 1):
        total = total + frames.roll(reach, axis) + frames.roll(-reach, axis)
        yield total


class _Convolution(nn.Conv2d):
    """3x3x3 convolution (T, C, N, X) over a closed cycle: 3x3 over three neighbouring frames."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(3 * before, after, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(torch.cat([x.roll(1, 0), x, x.roll(-1, 0)], dim=1))


def _convolutions(depth: int, features: int) -> nn.Sequential:
    widths = [2 * (2 + MOST_SHARED), *[features] * (depth - 1), 2]
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [_Convolution(widths[index], widths[index + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
