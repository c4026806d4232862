"""k-t NEXT: temporal frequencies and frames corrected in turn."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, convolved, share_of
from napari_cmr.nets.reconstruction.recurrence import both_ways

#: Of convolutions inside a sub-network, in which aliases lie far from what they are aliases of.
_DILATION = 3


class KtNext(ReconstructionNetwork):
    """The network of Qin et al. (MICCAI 2019) that alternates between x-f space and images.

    Each stage first looks at what differs from the temporal average, as images of lines and
    temporal frequencies (x-f), a column at a time, and answers with the whole difference. The
    average is added back with the frames' own lines in it, and the measured lines are put back. A
    network that is recurrent over time, both ways, then corrects the frames, and the lines are put
    back again. The average is that of the lines in the first stage, and later that of the images.
    All of the measurement is trusted by default, as published.

    Parameters
    ----------
    stages, features : int
        As published 4 and 64.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
    periodic : bool
        Whether the recurrence goes around the cycle. As published it does not: states before the
        first and after the last frame are zero.
    """

    def __init__(
        self,
        stages: int = 4,
        features: int = 64,
        *,
        shared_views: bool = False,
        periodic: bool = True,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.spectral = nn.ModuleList(_spectral(features) for _ in range(stages))
        self.spatial = nn.ModuleList(_Recurrent(features, periodic) for _ in range(stages))

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        return self.halves(lines, image, trust)[1]

    def halves(
        self, lines: Lines, image: Tensor, trust: float | None = None
    ) -> tuple[Tensor, Tensor]:
        """Images (T, N, X) after both halves of the last stage: of x-f space, and the answer."""
        share = share_of(trust)
        average = lines.average[None]
        half = image
        for spectral, spatial in zip(self.spectral, self.spatial, strict=True):
            with_own = lines.consistent(average.expand_as(image), share)
            half = lines.consistent(_over_frequencies(spectral, image - average) + with_own, share)
            image = lines.consistent(half + convolved(spatial, half), share)
            average = image.mean(0, keepdim=True)
        return half, image


class _Recurrent(nn.Module):
    """Four layers that are recurrent over time, and a convolution: (T, 2, N, X) to the same."""

    def __init__(self, features: int, periodic: bool) -> None:
        super().__init__()
        self.periodic = periodic
        self.over_space, self.over_time = nn.ModuleList(), nn.ModuleList()
        for before, dilation in ((2, 1), *[(features, _DILATION)] * 3):
            self.over_space.append(_convolution(before, features, dilation))
            self.over_time.append(_convolution(features, features, dilation))
        self.out = _convolution(features, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        for over_space, over_time in zip(self.over_space, self.over_time, strict=True):
            x = both_ways(over_space(x), over_time, F.leaky_relu, periodic=self.periodic)
        changes: Tensor = self.out(x)
        return changes


def _spectral(features: int) -> nn.Sequential:
    """Five convolutions over lines and temporal frequencies."""
    layers: list[nn.Module] = []
    dilations = (1, _DILATION, _DILATION, _DILATION, 1)
    for (before, after), dilation in zip(pairwise([2, *[features] * 4, 2]), dilations, strict=True):
        layers += [_convolution(before, after, dilation), nn.LeakyReLU()]
    return nn.Sequential(*layers[:-1])


def _convolution(before: int, after: int, dilation: int) -> nn.Conv2d:
    kind = nn.Conv2d if dilation == 1 else _Dilated
    return kind(before, after, 3, padding=dilation, dilation=dilation)


class _Dilated(nn.Conv2d):
    """A dilated convolution whose gradients are right in mixed precision, too.

    On a CPU, torch's gradients in bf16 of dilated kernels whose channels lie last are NaN, or end
    the process (2.13): it learns in float32, in which they are about as fast.
    """

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.to(self.weight.dtype))


def _over_frequencies(layers: nn.Module, changes: Tensor) -> Tensor:
    """Frames (T, N, X) from frames, by layers that see lines and temporal frequencies (X, N, f)."""
    spectrum = torch.fft.fftshift(torch.fft.fft(changes, dim=0, norm="ortho"), dim=0)
    found = convolved(layers, spectrum.permute(2, 1, 0)).permute(2, 1, 0)
    return torch.fft.ifft(torch.fft.ifftshift(found, dim=0), dim=0, norm="ortho")
