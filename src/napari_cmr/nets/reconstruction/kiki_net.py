"""KIKI-net: convolutions over measured lines and over images in turn."""

import torch
from torch import Tensor, nn

from napari_cmr.nets.inputs import from_hybrid, to_hybrid
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, convolved, share_of


class KikiNet(ReconstructionNetwork):
    """The cross-domain network of Eo et al. (Magnetic Resonance in Medicine 80, 2018).

    In each round a network over the lines (K) gives new lines, a network over the image (I)
    corrects the image of them, and the measured lines are put back; between K and I they are not.
    Frames are answered for one by one. The weight of the paper's data consistency is ``trust``;
    all of the measurement is trusted by default, as published.

    Parameters
    ----------
    rounds, depth, features : int
        As published 2 and 25 layers in each network.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
    residual : bool
        Whether a network over lines answers with a correction, rather than with all lines as
        published. Those over images always do.

    Notes
    -----
    K works in hybrid space, where columns of the image do not mix. Lines are shown to it times one
    more than their distance from the middle, which undoes most of what makes the middle hundreds of
    times as bright as the edge.
    """

    def __init__(
        self,
        rounds: int = 2,
        depth: int = 25,
        features: int = 32,
        *,
        shared_views: bool = False,
        residual: bool = False,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.residual = residual
        self.over_lines = nn.ModuleList(_convolutions(depth, features) for _ in range(rounds))
        self.over_images = nn.ModuleList(_convolutions(depth, features) for _ in range(rounds))
        self.learning: int | None = None

    def grow(self, share: float) -> None:
        """Learn one network after another, as published: those before are fixed, others absent."""
        count = 2 * len(self.over_lines)
        self.learning = min(int(share * count), count - 1)

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        pairs = zip(self.over_lines, self.over_images, strict=True)
        networks = [network for pair in pairs for network in pair]
        last = len(networks) - 1 if self.learning is None else self.learning
        for index, network in enumerate(networks[: last + 1]):
            learns = torch.is_grad_enabled() and self.learning in (None, index)
            with torch.set_grad_enabled(learns):
                if index % 2 == 0:
                    answer = _over_lines(network, image)
                    image = image + answer if self.residual else answer
                else:
                    changed = image + convolved(network, image)
                    image = lines.consistent(changed, share_of(trust))
        return image


def _over_lines(network: nn.Module, image: Tensor) -> Tensor:
    """Images of the lines that a network makes of those of images, both (T, N, X)."""
    count = image.shape[-2]
    weight = 1 + (torch.arange(count, device=image.device) - count // 2).abs()[:, None]
    return from_hybrid(convolved(network, to_hybrid(image) * weight) / weight)


def _convolutions(depth: int, features: int) -> nn.Sequential:
    """Convolutions from two channels to two, the first of each part for itself, the last 1 x 1."""
    layers: list[nn.Module] = [nn.Conv2d(2, features, 3, padding=1, groups=2), nn.ReLU()]
    for _ in range(depth - 2):
        layers += [nn.Conv2d(features, features, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(features, 2, 1))
