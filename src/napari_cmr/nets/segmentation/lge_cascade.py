"""Cascade of two U-nets for late gadolinium enhancement (Chen et al., STACOM 2019)."""

import math
from collections.abc import Sequence
from typing import Literal, cast

import torch
from torch import Tensor, nn

from napari_cmr.nets.blocks import Decoder, Encoder


class UNet(nn.Module):
    """U-net with norms after its convolutions and dropout after its concatenations.

    Parameters
    ----------
    in_channels, n_classes : int
    features : sequence of int
        Channels of each level, finest first.
    norm : {"batch", "instance"}
    dropout : float
    """

    def __init__(
        self,
        in_channels: int,
        n_classes: int,
        features: Sequence[int],
        *,
        norm: str,
        dropout: float,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(in_channels, features, norm=norm)
        self.decoder = Decoder(features, n_classes, norm=norm, dropout=dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, n_classes, H, W) of images (B, in_channels, H, W)."""
        logits: Tensor = self.decoder(self.encoder(x))
        return logits


class Cascade(nn.Module):
    """Two U-nets: the second sees the image and what the first made of it (chen2019, Fig. 3).

    Parameters
    ----------
    n_classes : int
    features : sequence of int
        Channels of each level of both U-nets.
    norm : {"batch", "instance"}
        The paper's is batch norm. Instance norm keeps no statistics of the contrasts it was trained
        with.
    dropout : float
        After each concatenation; 0.1 as published.
    refines : bool
        Whether there is a second U-net at all; without it this is the paper's single U-net.
    """

    def __init__(
        self,
        n_classes: int = 4,
        features: Sequence[int] = (16, 32, 64, 128),
        *,
        norm: Literal["batch", "instance"] = "batch",
        dropout: float = 0.1,
        refines: bool = True,
    ) -> None:
        super().__init__()
        self.first = UNet(1, n_classes, features, norm=norm, dropout=dropout)
        self.second = (
            UNet(1 + n_classes, n_classes, features, norm=norm, dropout=dropout)
            if refines
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, n_classes, H, W) of the last U-net for images (B, 1, H, W)."""
        logits: Tensor = self.first(x)
        if self.second is not None:
            probabilities = logits.softmax(1).to(x.dtype)
            logits = self.second(torch.cat([x, probabilities], dim=1))
        return logits


class LgeCascade(nn.Module):
    """Cascades trained apart, whose probabilities are averaged (chen2019, section 3.3).

    Parameters
    ----------
    members : int
    n_classes, features, norm, dropout, refines
        Of each :class:`Cascade`.
    """

    def __init__(
        self,
        members: int = 1,
        n_classes: int = 4,
        features: Sequence[int] = (16, 32, 64, 128),
        *,
        norm: Literal["batch", "instance"] = "batch",
        dropout: float = 0.1,
        refines: bool = True,
    ) -> None:
        super().__init__()
        self.members = nn.ModuleList(
            Cascade(n_classes, features, norm=norm, dropout=dropout, refines=refines)
            for _ in range(members)
        )

    def forward(self, x: Tensor, *, members: int | None = None, refine: bool = True) -> Tensor:
        """Log of the members' mean probability (B, n_classes, H, W) for images (B, 1, H, W).

        Parameters
        ----------
        x : Tensor
        members : int, optional
            How many of the cascades vote; all by default.
        refine : bool
            False takes the word of each cascade's first U-net.
        """
        chosen = [cast(Cascade, one) for one in self.members][:members]
        votes = [(one if refine else one.first)(x).float().log_softmax(1) for one in chosen]
        return torch.stack(votes).logsumexp(0) - math.log(len(votes))
