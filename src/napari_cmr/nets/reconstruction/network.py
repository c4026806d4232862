"""What published reconstruction networks share: their units, first images and convolutions."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from napari_cmr.nets.inputs import intensity_scale
from napari_cmr.nets.reconstruction.consistency import Lines


class ReconstructionNetwork(nn.Module, ABC):
    """A network that corrects a first image of the lines of a slice, and knows no deviation.

    It works in a unit that is known before any reconstruction, so that answers scale with the
    lines.

    Parameters
    ----------
    shared_views : bool
        Begin with the image of shared views rather than the zero-filled one.
    """

    def __init__(self, *, shared_views: bool = False) -> None:
        super().__init__()
        self.shared_views = shared_views

    def forward(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        trust: float | None = None,
        unit: Tensor | float | None = None,
    ) -> tuple[Tensor, None]:
        """Images of the lines of one slice.

        Parameters
        ----------
        hybrid, mask, maps
            As in :class:`~napari_cmr.nets.reconstruction.consistency.Lines`.
        trust : float, optional
            Share of the measurement in each data consistency; as published or as learned by
            default.
        unit : float or Tensor, optional
            What is shown as 1, estimated by default; (T, 1, 1) for frames of different scans.

        Returns
        -------
        image : complex Tensor, shape (T, N, X)
        None
            In place of a standard deviation.
        """
        lines, image, one = self.begin(hybrid, mask, maps, unit=unit)
        return self.images(lines, image, trust) * one, None

    def begin(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        unit: Tensor | float | None = None,
    ) -> tuple[Lines, Tensor, Tensor | float]:
        """Lines in the network's unit, the first image (T, N, X) of them, and that unit."""
        lines = Lines(hybrid, mask, maps)
        one = self.unit_of(lines.average) if unit is None else unit
        lines = lines.scaled(1 / one)
        return lines, lines.nearest() if self.shared_views else lines.zero_filled(), one

    def unit_of(self, average: Tensor) -> Tensor:
        """What is shown as 1, from the temporal average (N, X): its 99th percentile."""
        return intensity_scale(average)

    @abstractmethod
    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """Images (T, N, X) of lines, from first ones of the same shape, all in the unit."""


def share_of(trust: float | None) -> float:
    """Share of the measurement where a network has learned none: all of it by default."""
    return 1.0 if trust is None else trust


def as_channels(image: Tensor, network: nn.Module) -> Tensor:
    """Real and imaginary part (B, 2, N, X) of complex images (B, N, X), as a network takes them."""
    parts = torch.stack([image.real, image.imag], dim=1).to(next(network.parameters()).dtype)
    return parts.contiguous(memory_format=torch.channels_last)


def as_image(channels: Tensor) -> Tensor:
    """Complex images (B, N, X) of real and imaginary part (B, 2, N, X)."""
    parts = channels.to(torch.promote_types(channels.dtype, torch.float32))  # no complex bf16
    return torch.complex(parts[:, 0], parts[:, 1])


def convolved(layers: nn.Module, image: Tensor) -> Tensor:
    """Complex images that layers make of others, both (B, N, X)."""
    return as_image(layers(as_channels(image, layers)))


def convolutions(depth: int, features: int) -> nn.Sequential:
    """So many 3x3 convolutions from two channels to two, with ReLU between them."""
    widths = [2, *[features] * (depth - 1), 2]
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [nn.Conv2d(widths[index], widths[index + 1], 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
