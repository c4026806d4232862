"""DC-CNN: a cascade of small 2-D networks with data consistency between them."""

import torch
from torch import Tensor, nn

from napari_cmr.nets.reconstruction.consistency import Lines


class DcCnn(nn.Module):
    """The 2-D cascade of Schlemper et al. (IEEE TMI 37, 2018), also called RecNet, frame by frame.

    Each sub-network of ``depth`` 3x3 convolutions corrects the image, and the measured lines are
    put back. It knows no neighbouring frames.

    Parameters
    ----------
    cascades, depth, features : int
        As published 5, 5 and 64.
    shared_views : bool
        Begin with the image of shared views rather than the zero-filled one.

    Notes
    -----
    The peak of an image was 1 where the published network learned, and its answers depend on it.
    Here it is the maximum of the magnitude of the temporal average, which is known beforehand.
    """

    def __init__(
        self,
        cascades: int = 5,
        depth: int = 5,
        features: int = 64,
        *,
        shared_views: bool = False,
    ) -> None:
        super().__init__()
        self.shared_views = shared_views
        self.cascades = nn.ModuleList(_convolutions(depth, features) for _ in range(cascades))

    def forward(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        trust: float | None = None,
        unit: float | None = None,
    ) -> tuple[Tensor, None]:
        """Images (T, N, X) of the lines of one slice; it knows no standard deviation.

        Parameters are those of
        :meth:`napari_cmr.nets.reconstruction.unrolled_net.UnrolledNet.forward`; ``unit`` is the
        peak, estimated by default. All of the measurement is trusted by default, as published.
        """
        lines = Lines(hybrid, mask, maps)
        peak = lines.average.abs().max().clamp(min=1e-20) if unit is None else unit
        image = (lines.nearest() if self.shared_views else lines.zero_filled()) / peak
        lines = lines.scaled(1 / peak)
        for convolutions in self.cascades:
            seen = torch.stack([image.real, image.imag], dim=1)
            dtype = next(convolutions.parameters()).dtype
            seen = seen.to(dtype).contiguous(memory_format=torch.channels_last)
            change = convolutions(seen).float()
            image = image + torch.complex(change[:, 0], change[:, 1])
            image = lines.consistent(image, 1.0 if trust is None else trust)
        return image * peak, None


def _convolutions(depth: int, features: int) -> nn.Sequential:
    widths = [2, *[features] * (depth - 1), 2]
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [nn.Conv2d(widths[index], widths[index + 1], 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
