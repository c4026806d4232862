"""Visual refinement: a gated U-net sharpens the images of a network that is trained before it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import padded
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.dc_cnn import DcCnn
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, share_of

_SLOPE = 0.1
_LEAST = 3
"""Pixels along a side of the coarsest scale: what a kernel of 4 reflects lies within them."""


class RefinementUNet(nn.Module):
    """U-net V of Seitzer et al. (MICCAI 2018): two convolutions a scale, reflected at the edges.

    Weights begin orthogonal.

    Parameters
    ----------
    in_channels : int
    features : sequence of int
        Of each scale; 32, 64 and 128 as published.
    kernel : int
        Side of a convolution; 4 as published.
    norm : {"batch", "none"}
        Batch as published.
    folded : int
        Side of the squares of pixels that become channels before the first scale, and pixels
        again after the last: 1, none, as published; 2 is four times as fast.
    """

    def __init__(
        self,
        in_channels: int = 1,
        features: Sequence[int] = (32, 64, 128),
        *,
        kernel: int = 4,
        norm: Literal["batch", "none"] = "batch",
        folded: int = 1,
    ) -> None:
        super().__init__()
        self.folded, self.multiple = folded, folded * 2 ** (len(features) - 1)
        first = in_channels * folded**2
        self.down = nn.ModuleList(
            _scale(narrow, wide, kernel, norm)
            for narrow, wide in zip((first, *features[:-1]), features, strict=True)
        )
        self.up = nn.ModuleList(
            _scale(coarse + skip, skip, kernel, norm)
            for coarse, skip in zip(features[:0:-1], features[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(features[0], folded**2, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.orthogonal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Change (B, 1, H, W) of images (B, C, H, W) of any size."""
        height, width = x.shape[-2:]
        x = padded(x, self.multiple, least=_LEAST)
        x = F.pixel_unshuffle(x, self.folded) if self.folded > 1 else x
        x = x.to(self.head.weight.dtype).contiguous(memory_format=torch.channels_last)
        levels = []
        for index, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if index else x)
            levels.append(x)
        for block, skip in zip(self.up, levels[-2::-1], strict=True):
            x = block(torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skip], dim=1))
        x = self.head(x)
        x = F.pixel_shuffle(x, self.folded) if self.folded > 1 else x
        return x[..., :height, :width]


def _scale(narrow: int, wide: int, kernel: int, norm: str) -> nn.Sequential:
    # an even kernel reaches one pixel further to the right and below
    before, after = (kernel - 1) // 2, kernel // 2
    layers: list[nn.Module] = []
    for channels in (narrow, wide):
        layers += [
            nn.ReflectionPad2d((before, after, before, after)),
            nn.Conv2d(channels, wide, kernel),
            nn.BatchNorm2d(wide) if norm == "batch" else nn.Identity(),
            nn.LeakyReLU(_SLOPE),
        ]
    return nn.Sequential(*layers)


class Refined(ReconstructionNetwork):
    """A reconstruction network, fixed, and a refinement of its images (seitzer2018, Fig. 1).

    ``x = R(x_u) + gate * V(R(x_u))``: the gate is a number that is learned and begins at zero, so
    that the discriminator first meets plain reconstructions. By default V sees the magnitude and
    changes it along the phase of R, and the measured lines are put back. As published it sees real
    and imaginary part, changes the real part, and nothing is put back.

    Parameters
    ----------
    reconstruction : dict
        Keyword arguments of :class:`~napari_cmr.nets.reconstruction.dc_cnn.DcCnn`.
    refinement : dict
        Keyword arguments of :class:`RefinementUNet`.
    along_phase : bool
        Rather than in the real part alone.
    consistent : bool
        Whether the measured lines are put back afterwards.
    gate : float
        What the gate begins with.

    Notes
    -----
    An adversarial network adds details that are likely, not measured ones: they may be invented.
    """

    def __init__(
        self,
        reconstruction: Mapping[str, Any] | None = None,
        refinement: Mapping[str, Any] | None = None,
        *,
        along_phase: bool = True,
        consistent: bool = True,
        gate: float = 0.0,
    ) -> None:
        predictor = DcCnn(**(reconstruction or {})).requires_grad_(False)
        super().__init__(shared_views=predictor.shared_views)
        self.along_phase, self.consistent = along_phase, consistent
        self.predictor = predictor
        self.refinement = RefinementUNet(1 if along_phase else 2, **(refinement or {}))
        self.gate = nn.Parameter(torch.tensor(float(gate)))

    def forward(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        trust: float | None = None,
        unit: Tensor | float | None = None,
        gate: float = 1.0,
    ) -> tuple[Tensor, None]:
        """Images of the lines of one slice.

        Parameters
        ----------
        hybrid, mask, maps, trust, unit
            As of :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
        gate : float
            Share of the refinement: 0 is as reconstructed, 1 as learned.

        Returns
        -------
        image : complex Tensor, shape (T, N, X)
        None
            In place of a standard deviation.
        """
        return self.both(hybrid, mask, maps, trust=trust, unit=unit, gate=gate)[0], None

    def both(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        trust: float | None = None,
        unit: Tensor | float | None = None,
        gate: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """Images (T, N, X) as of :meth:`forward`, and those that were refined."""
        lines, image, one = self.begin(hybrid, mask, maps, unit=unit)
        image, before, _ = self.refined(lines, image, trust, gate=gate)
        return image * one, before * one

    def unit_of(self, average: Tensor) -> Tensor:
        """That of the reconstruction network."""
        return self.predictor.unit_of(average)

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        return self.refined(lines, image, trust)[0]

    def refined(
        self, lines: Lines, image: Tensor, trust: float | None, *, gate: float = 1.0
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Images (T, N, X), those that were refined, and V's change before the gate, (T, 1, N, X).

        All in the unit but the change, which is in that of grey values from -1 to 1.
        """
        image = before = self.predictor.images(lines, image, trust)
        if self.along_phase:
            magnitude = image.abs()
            direction = torch.where(magnitude > 0, image / magnitude.clamp(min=1e-20), 1.0)
            seen = (2 * magnitude - 1)[:, None]
        else:
            direction = torch.ones_like(image)
            seen = torch.stack([image.real, image.imag], dim=1)
        change = self.refinement(seen).to(image.real.dtype)
        image = image + gate * self.gate / 2 * change[:, 0] * direction
        if self.consistent:
            image = lines.consistent(image, share_of(trust))
        return image, before, change
