"""Sigma-net: an ensemble of unrolled networks that agree with the lines in different ways."""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from napari_cmr.nets.blocks import padded
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork
from napari_cmr.nets.reconstruction.proximal import nearest_image
from napari_cmr.scan import ScanError

Consistency = Literal["gradient", "proximal", "splitting", "none"]

#: Magnitude, in standard deviations, at which whitened images are cut.
_CUT = 6.0
#: Part of the variance that is added to both parts of an image before it is whitened.
_LEAST_VARIANCE = 1e-3
#: What counts as variance where an image has none, in the network's unit.
_OF_NOTHING = 1e-5
#: Published lambda of proximal steps, with which all begin.
_FIRST_LAMBDA = 10.0


class SigmaNet(ReconstructionNetwork):
    """The ensemble of Hammernik et al. (Magnetic Resonance in Medicine 86, 2021).

    Its answer is the complex mean of its members'. Each applies one network ``R`` again and again,
    ``x - R(x)``, and makes the images agree with the lines after each. Members that know the coils'
    sensitivities do so

    - by a *gradient* step, ``x - v A^H (A x - y)``: ``v`` is ``trust``;
    - by a *proximal* step, ``(v A^H A + 1) x = v A^H y + z``: ``v`` is ``trust / (1 - trust)``;
    - by variable *splitting*: a measured line becomes ``alpha`` of the image's and ``1 - alpha`` of
      the measurement, and the image keeps a share ``beta`` of what it was: ``alpha`` is ``1 -
      trust``, and ``beta`` is 0 where ``trust`` is given;
    - or not at all, *none*.

    Another, the parallel-coil network, works on the images of a fixed number of coils without
    their sensitivities, which combine its answer only.

    Parameters
    ----------
    members : sequence of {"gradient", "proximal", "splitting", "none"}
    iterations, features, levels : int
        As published 8 iterations; features of the finest level of ``R``, and levels below it.
    coils : int, optional
        Of a parallel-coil network, which is a member then; published with 15. One is a single coil.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
    """

    def __init__(
        self,
        members: Sequence[Consistency] = ("gradient", "proximal", "splitting"),
        iterations: int = 8,
        features: int = 64,
        levels: int = 2,
        *,
        coils: int | None = None,
        shared_views: bool = False,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.coils = coils
        self.members = nn.ModuleList(
            _Member(kind, iterations, DownUp(2, features, levels)) for kind in members
        )
        if coils is not None:
            network = DownUp(2 * coils, features, levels)
            self.parallel = _Member("splitting", iterations, network)

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`; the mean of the members' answers.

        Raises
        ------
        ScanError
            If a parallel-coil network is a member, and was made for another number of coils.
        """
        return torch.stack(self.answers(lines, image, trust)).mean(0)

    def answers(self, lines: Lines, image: Tensor, trust: float | None = None) -> list[Tensor]:
        """Images (T, N, X) of each member; parameters and errors as of :meth:`images`."""
        found = [member(lines, image, trust) for member in self.members]
        if self.coils is not None:
            found.append(self._parallel_coil(lines, image, trust))
        return found

    def _parallel_coil(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        hybrid = lines.hybrid if lines.maps is not None else lines.hybrid[None]
        if len(hybrid) != self.coils:
            raise ScanError(
                f"this parallel-coil network works on {self.coils} coils, these are lines of "
                f"{len(hybrid)}",
                remedy=f"compress the coils to {self.coils}, or choose another method",
            )
        maps = torch.ones_like(hybrid[:, 0]) if lines.maps is None else lines.maps
        apart = Lines(hybrid, lines.mask)  # each coil for itself
        coils = self.parallel(apart, apart.consistent(maps[:, None] * image), trust)
        return (maps[:, None].conj() * coils).sum(0)


class _Member(nn.Module):
    """One network, applied again and again, and a way to agree with the lines."""

    def __init__(self, kind: Consistency, iterations: int, regulariser: nn.Module) -> None:
        super().__init__()
        self.kind, self.iterations, self.regulariser = kind, iterations, regulariser
        if kind != "none":
            first = torch.full((2 if kind == "splitting" else 1,), math.log(_FIRST_LAMBDA))
            self.log_weights = nn.Parameter(first)

    def forward(self, lines: Lines, images: Tensor, trust: float | None) -> Tensor:
        """Images (T, N, X) of images, or (C, T, N, X) of each coil for itself."""
        for _ in range(self.iterations):
            images = self._agree(lines, images - _whitened(self.regulariser, images), trust)
        return images

    def _agree(self, lines: Lines, images: Tensor, trust: float | None) -> Tensor:
        if self.kind == "none":
            return images
        learned = self.log_weights.to(images.real.dtype).sigmoid()
        share = learned[0] if trust is None else trust
        if self.kind == "proximal":
            return nearest_image(lines, images, share)
        stepped = lines.consistent(images, share)
        if self.kind == "gradient" or trust is not None:
            return stepped
        return images + learned[1] * (stepped - images)


class DownUp(nn.Module):
    """Convolutions on ever coarser grids and back, with PReLU and pixels unfolded from channels.

    Parameters
    ----------
    channels : int
        Of what it takes and gives.
    features, levels : int
        Features of the finest grid, doubled on each of so many coarser ones.
    """

    def __init__(self, channels: int, features: int, levels: int) -> None:
        super().__init__()
        self.multiple = 2**levels
        self.first = nn.Sequential(nn.Conv2d(channels, features, 3, padding=1), nn.PReLU())
        self.grids = _Grid(features, levels)
        self.last = nn.Conv2d(features, channels, 3, padding=1)
        nn.init.normal_(self.last.weight, std=1e-3)  # begins with images that agree with the lines
        assert self.last.bias is not None
        nn.init.zeros_(self.last.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Channels (B, C, N, X) of channels."""
        height, width = x.shape[-2:]
        answer: Tensor = self.last(self.grids(self.first(padded(x, self.multiple))))
        return answer[..., :height, :width]


class _Grid(nn.Module):
    """Features of one grid, joined by those of the coarser ones: (B, F, H, W) to the same."""

    def __init__(self, features: int, levels: int) -> None:
        super().__init__()
        self.before, self.after = _layer(features), _layer(features)
        self.coarser: nn.Module | None = None
        if levels:
            self.coarser = nn.Sequential(
                nn.Conv2d(features, 2 * features, 2, 2),
                nn.PReLU(),
                _Grid(2 * features, levels - 1),
                nn.Conv2d(2 * features, 4 * features, 1),
                nn.PixelShuffle(2),
            )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.before(x)
        if self.coarser is not None:
            x = x + self.coarser(x)
        joined: Tensor = x + self.after(x)
        return joined


def _layer(features: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(features, features, 3, padding=1), nn.PReLU())


def _whitened(regulariser: nn.Module, images: Tensor) -> Tensor:
    """What a network makes of complex images, which are whitened for it.

    Images are (T, N, X), or (C, T, N, X) of several coils, which it sees together. Real and
    imaginary part of each then have no mean, unit variance and no correlation; the answer is
    brought back to the image's own variance.
    """
    coils = images if images.ndim == 4 else images[None]
    parts = torch.stack([coils.real, coils.imag])  # (2, C, T, N, X)
    parts = parts - parts.mean((-2, -1), keepdim=True)
    variance = parts.square().mean((-2, -1), keepdim=True)
    variance = variance + _LEAST_VARIANCE * (variance.sum(0) + _OF_NOTHING)
    both = (parts[0] * parts[1]).mean((-2, -1), keepdim=True)
    # the square root of a 2 x 2 matrix M is (M + s) / t, with s the root of its determinant
    s = (variance[0] * variance[1] - both.square()).sqrt()
    t = (variance.sum(0) + 2 * s).sqrt()
    white = torch.stack([
        (variance[1] + s) * parts[0] - both * parts[1],
        (variance[0] + s) * parts[1] - both * parts[0],
    ]) / (s * t)  # fmt: skip
    seen = white.clamp(-_CUT, _CUT).permute(2, 1, 0, 3, 4).flatten(1, 2)  # (T, 2 C, N, X)
    seen = seen.to(next(regulariser.parameters()).dtype)
    found = regulariser(seen.contiguous(memory_format=torch.channels_last))
    found = found.to(parts.dtype).unflatten(1, (-1, 2)).permute(2, 1, 0, 3, 4)
    real = ((variance[0] + s) * found[0] + both * found[1]) / t
    imaginary = ((variance[1] + s) * found[1] + both * found[0]) / t
    return torch.complex(real, imaginary).reshape(images.shape)
