"""Unrolled-net: our own reconstruction, total variation and then a cascade of small U-nets."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import Decoder, Encoder
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.total_variation import total_variation

#: Half widths of the windows that lines are pooled over, as parts of the heart cycle.
WINDOWS = (1 / 24, 1 / 8, 1 / 4)
#: Real channels that a stage is shown: the image so far, pooled windows, the temporal average, and
#: how many of the lines were measured.
_SHOWN = 2 + 2 * len(WINDOWS) + 2
#: Differences are shown so many times as large.
_MAGNIFIED = 8.0
#: Bounds of the logarithm of the standard deviation.
_LOG_STD = (-7.0, 1.0)
_FIRST_LOG_STD = -3.0


class Stage(nn.Module):
    """One U-net of the cascade, on half of the grid: a correction of the image so far.

    Parameters
    ----------
    features : sequence of int
        Channels of each level, from half the resolution on; frames are mixed at each of them.
    out_channels : int
    """

    def __init__(self, features: Sequence[int], out_channels: int) -> None:
        super().__init__()
        self.encoder = Encoder(4 * _SHOWN, features, temporal_from=0, norm="none")
        self.decoder = Decoder(features, 4 * out_channels, norm="none")
        nn.init.normal_(self.decoder.head.weight, std=1e-3)  # begins with total variation
        assert self.decoder.head.bias is not None
        nn.init.zeros_(self.decoder.head.bias)
        self.multiple = 2 ** len(features)

    def forward(self, x: Tensor) -> Tensor:
        """Channels (T, out, N, X) of one cycle of images (T, in, N, X)."""
        height, width = x.shape[-2:]
        down, right = -height % self.multiple, -width % self.multiple
        # Rows wrap around, as the transform along them does: more than once where they are few.
        rows = torch.arange(height + down, device=x.device) % height
        x = F.pad(x[..., rows, :], (0, right, 0, 0), mode="replicate")
        folded = F.pixel_unshuffle(x, 2).to(self.decoder.head.weight.dtype)
        folded = folded.contiguous(memory_format=torch.channels_last)
        answer = F.pixel_shuffle(self.decoder(self.encoder(folded, len(x))), 2)
        return answer[..., :height, :width]


class UnrolledNet(nn.Module):
    """Unrolled reconstruction of a whole heart cycle from few lines.

    An image of little total variation in space and time
    (:func:`~napari_cmr.nets.reconstruction.total_variation.total_variation`) goes through a cascade
    of stages: a U-net corrects it, and the measured lines are put back (the cascade of Schlemper et
    al., IEEE TMI 37, 2018). Each stage also sees lines pooled over windows of the cycle, so that
    what was measured nearby in time need not be carried from frame to frame. The smooth phase of
    the temporal average is taken out, which leaves images nearly real. The last stage gives a
    standard deviation of the magnitude beside the image (the idea of UP-Net, for cines).

    Parameters
    ----------
    features : sequence of int
        Channels of each level of a stage.
    stages : int
    """

    def __init__(self, features: Sequence[int] = (32, 48, 64), stages: int = 2) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            Stage(features, 2 if index < stages - 1 else 3) for index in range(stages)
        )
        self.trust = nn.Parameter(torch.full((stages,), 4.0))

    def forward(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        trust: float | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Images of the lines of one slice.

        Parameters
        ----------
        hybrid, mask, maps
            As in :class:`~napari_cmr.nets.reconstruction.consistency.Lines`; time is periodic.
        trust : float, optional
            Share of the measurement in each data consistency; as learned by default.

        Returns
        -------
        image : complex Tensor, shape (T, N, X)
        std : Tensor, shape (T, N, X)
            Of the magnitude of the image, in its unit.
        """
        with torch.autocast(hybrid.device.type, enabled=False):  # pooling is a matrix product
            lines, scale, phasor = Lines(hybrid, mask, maps).standardised()
            image = total_variation(lines, phasor)
            beside = self._beside(lines, phasor)
        turned, answer = phasor.conj(), image.real[:, None]
        learned = self.trust.float().sigmoid()
        trusts = learned if trust is None else torch.full_like(learned, trust)
        for stage, share in zip(self.stages, trusts, strict=True):
            answer = stage(self._shown(image * turned, *beside)).float()
            change = torch.complex(answer[:, 0], answer[:, 1])
            image = lines.consistent(image + change * phasor, share)
        std = (answer[:, -1] + _FIRST_LOG_STD).clamp(*_LOG_STD).exp()
        return image * scale, std * scale

    @staticmethod
    def _beside(lines: Lines, phasor: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """What all stages see beside the image: windows, the average, the share of the lines."""
        turned = phasor.conj()
        windows = [lines.pooled(part) * turned for part in WINDOWS]
        average = (lines.average * turned).real.expand(lines.n_frames, -1, -1)
        share = lines.mask.float().mean().clamp(min=1e-3).log() / math.log(10)
        return windows, average, share.expand_as(average)

    @staticmethod
    def _shown(image: Tensor, windows: list[Tensor], average: Tensor, share: Tensor) -> Tensor:
        """Channels (T, C, N, X) of a stage.

        Everything beside the image is shown by how far it is from it, which half precision would
        round away from the whole.
        """
        apart = [_real((window - image) * _MAGNIFIED) for window in windows]
        from_average = (average - image.real) * _MAGNIFIED
        return torch.cat([_real(image), *apart, from_average[:, None], share[:, None]], dim=1)


def _real(image: Tensor) -> Tensor:
    """Real and imaginary part (T, 2, N, X) of images (T, N, X)."""
    return torch.stack([image.real, image.imag], dim=1)
