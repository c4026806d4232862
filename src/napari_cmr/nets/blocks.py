"""Building blocks that several networks share."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.windows import Window


class ConvBlock(nn.Sequential):
    """``depth`` times (3x3 convolution, batch, instance or no norm, ReLU)."""

    def __init__(
        self, in_channels: int, out_channels: int, depth: int = 2, *, norm: str = "batch"
    ) -> None:
        layers: list[nn.Module] = []
        for index in range(depth):
            layers += [
                nn.Conv2d(
                    in_channels if index == 0 else out_channels,
                    out_channels,
                    3,
                    padding=1,
                    bias=norm == "none",
                ),
                *_norms(norm, out_channels),
                nn.ReLU(inplace=True),
            ]
        super().__init__(*layers)


def _norms(norm: str, channels: int) -> list[nn.Module]:
    if norm == "none":
        return []
    if norm == "batch":
        return [nn.BatchNorm2d(channels)]
    return [nn.InstanceNorm2d(channels, affine=True)]


class TemporalMix(nn.Module):
    """Residual mixing of each frame with the frame before and the frame after.

    A 1x1 convolution of the three frames' features, initialised to zero, so that a network starts
    as a frame-by-frame one. Over a whole cycle the first and last frames are neighbours; for a
    window of a cycle (training) the outer frames are repeated instead.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3 * channels, channels, 1)
        for parameter in self.mix.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, n_frames: int, *, periodic: bool = True) -> Tensor:
        """Mix features of shape (B * n_frames, C, H, W), frames varying fastest."""
        frames = torch.arange(len(x), device=x.device).unflatten(0, (-1, n_frames))
        if periodic:
            before, after = frames.roll(1, dims=1), frames.roll(-1, dims=1)
        else:
            before = torch.cat([frames[:, :1], frames[:, :-1]], dim=1)
            after = torch.cat([frames[:, 1:], frames[:, -1:]], dim=1)
        # Indexed, not rolled, which would undo the layout that convolutions on a CPU are fast in.
        mixed: Tensor = self.mix(torch.cat([x[before.flatten()], x, x[after.flatten()]], dim=1))
        return x + mixed


def padded(x: Tensor, multiple: int, *, least: int = 1) -> Tensor:
    """Images (B, C, H, W) whose last pixels are repeated until both sides are multiples.

    ``least`` is the smallest multiple, in ``multiple``: 3 makes a side of ``3 * multiple`` or more.
    """
    below, right = (max(-(-side // multiple), least) * multiple - side for side in x.shape[-2:])
    return F.pad(x, (0, right, 0, below), mode="replicate")


def halve(x: Tensor) -> Tensor:
    """Largest of every 2 x 2 pixels, on a CPU in about half the time of the library's pooling."""
    if torch.is_grad_enabled() or x.device.type != "cpu":
        return F.max_pool2d(x, 2)
    height, width = (length - length % 2 for length in x.shape[-2:])
    rows = torch.maximum(x[..., :height:2, :width], x[..., 1:height:2, :width])
    return torch.maximum(rows[..., ::2], rows[..., 1::2])


class Encoder(nn.Module):
    """Contracting path: a block a level, max pooling between, temporal mixing where asked for.

    Parameters
    ----------
    in_channels : int
    features : sequence of int
        Channels of each level, finest first.
    temporal_from : int
        First level (0 = finest) after which frames are mixed; ``len(features)`` mixes none.
    """

    def __init__(
        self,
        in_channels: int,
        features: Sequence[int],
        *,
        temporal_from: int | None = None,
        norm: str = "batch",
    ) -> None:
        super().__init__()
        first = len(features) if temporal_from is None else temporal_from
        widths = [in_channels, *features]
        self.blocks = nn.ModuleList(
            ConvBlock(a, b, norm=norm) for a, b in itertools.pairwise(widths)
        )
        self.mixes = nn.ModuleList(
            TemporalMix(width) if level >= first else nn.Identity()
            for level, width in enumerate(features)
        )

    def forward(self, x: Tensor, n_frames: int = 1, *, periodic: bool = True) -> list[Tensor]:
        """Features of every level, finest first; x is (B * n_frames, C, H, W)."""
        levels: list[Tensor] = []
        for block, mix in zip(self.blocks, self.mixes, strict=True):
            x = block(halve(x) if levels else x)
            if isinstance(mix, TemporalMix):
                x = mix(x, n_frames, periodic=periodic)
            levels.append(x)
        return levels


class Chunked(nn.Module, ABC):
    """What can work on a few images at a time, because each is answered for alone.

    Attributes
    ----------
    chunk : int or None
        Images at once, None for all; on a CPU a few at a time are faster than all, and take less
        memory. For inference only.
    """

    chunk: int | None = None

    @abstractmethod
    def join_steps(self) -> None:
        """Join what inference can take in one step, once batch norms are folded.

        Answers stay the same but for rounding. Weights are laid out again: they can no longer be
        trained or saved.
        """


@runtime_checkable
class Widening(Protocol):
    """A network that can start from weights of one with fewer input channels."""

    def widened(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of such a network, for this one."""


class EnlargingBlock(nn.Module):
    """A decoder's block whose first convolution enlarges the coarser level and joins the skip.

    Enlarging to the nearest pixel and then convolving with 3 x 3 is one transposed convolution:
    each output pixel sees 2 x 2 coarse ones rather than 3 x 3 fine ones, most of which are copies.
    The result is the same but for rounding, in two thirds of the time on a CPU.

    Parameters
    ----------
    block : ConvBlock
        What it stands for, applied to ``cat([enlarged, skip])``.
    coarse : int
        How many of those channels, the first ones, come from the coarser level.
    """

    def __init__(self, block: ConvBlock, coarse: int) -> None:
        super().__init__()
        convolution, *rest = block
        assert isinstance(convolution, nn.Conv2d)
        weight = convolution.weight.detach()
        out_channels, in_channels = weight.shape[:2]
        # Every coarse pixel is four fine ones, and reaches what each of them reaches.
        reach = weight[:, :coarse].transpose(0, 1).flip(2, 3)
        reached = weight.new_zeros(coarse, out_channels, 4, 4)
        for row, column in itertools.product((0, 1), repeat=2):
            reached[..., row : row + 3, column : column + 3] += reach
        self.coarse = nn.ConvTranspose2d(coarse, out_channels, 4, 2, padding=1, bias=False)
        self.coarse.weight = nn.Parameter(reached)
        self.skip = nn.Conv2d(in_channels - coarse, out_channels, 3, padding=1)
        self.skip.weight = nn.Parameter(weight[:, coarse:].clone())
        self.skip.bias = convolution.bias
        self.rest = nn.Sequential(*rest)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Features (B, C', 2H, 2W) of coarse ones (B, C, H, W) and of the skip (B, C'', 2H, 2W)."""
        joined: Tensor = self.rest(self.skip(skip).add_(self.coarse(x)))
        return joined


class Decoder(Chunked):
    """Expanding path with skips (or without, for a code that has to carry everything).

    Attributes
    ----------
    dropout : float
        Part of the channels of a concatenation that is dropped in training.
    """

    def __init__(
        self,
        features: Sequence[int],
        out_channels: int,
        *,
        skips: bool = True,
        norm: str = "batch",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.skips = skips
        self.dropout = dropout
        widths = list(reversed(features))
        self._coarse = widths[:-1]
        self.blocks = nn.ModuleList(
            ConvBlock(deep + (wide if skips else 0), wide, norm=norm)
            for deep, wide in itertools.pairwise(widths)
        )
        self.head = nn.Conv2d(widths[-1], out_channels, 1)

    def forward(self, levels: Sequence[Tensor], window: Window | None = None) -> Tensor:
        """Logits from the encoder's levels (finest first; only the last is used without skips).

        ``window`` is the part of the images whose logits are enough: they are those of the whole
        but for rounding, in a part of the time.
        """
        if self.chunk is not None and len(levels[-1]) > self.chunk:
            pieces = zip(*(level.split(self.chunk) for level in levels), strict=True)
            return torch.cat([self._decode(piece, window) for piece in pieces])
        return self._decode(levels, window)

    def _decode(self, levels: Sequence[Tensor], window: Window | None) -> Tensor:
        x = levels[-1]
        covered = Window.whole(x.shape)
        sides = [side << len(self.blocks) for side in x.shape[-2:]]
        window = window or Window.whole(sides)
        windows = self._windows(window, sides)
        for index, (block, seen) in enumerate(zip(self.blocks, windows, strict=True)):
            x = seen.halved().within(covered).of(x)
            covered = seen
            skip = seen.of(levels[-2 - index]) if self.skips else None
            if isinstance(block, EnlargingBlock):
                x = block(x, skip)
                continue
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            if skip is not None:
                x = torch.cat([x, skip], dim=1)
            x = block(F.dropout2d(x, self.dropout, self.training))
        logits: Tensor = self.head(window.within(covered).of(x))
        return logits

    def _windows(self, window: Window, sides: Sequence[int]) -> list[Window]:
        """What each block is to see for a window on images of these sides, coarsest first."""
        windows: list[Window] = []
        for _ in self.blocks:
            seen = window.wider(2, sides)  # two 3 x 3 convolutions reach 2 pixels to every side
            windows.insert(0, seen)
            window, sides = seen.halved(), [side // 2 for side in sides]
        return windows

    def join_steps(self) -> None:
        """Let each block enlarge and convolve in one; see :meth:`Chunked.join_steps`."""
        if self.skips:
            self.blocks = nn.ModuleList(
                EnlargingBlock(cast(ConvBlock, block), coarse)
                for block, coarse in zip(self.blocks, self._coarse, strict=True)
            )


class TemporalUNet(Chunked):
    """U-net whose coarse levels are mixed over time, on the full grid or on half of it.

    On half of it, every 2 x 2 pixels are folded into the channels of one (Shi et al., CVPR 2016,
    the other way round), so that the U-net has twice the channels in the same time. They are
    unfolded in the end, where one convolution draws the edges with the input beside it.

    Parameters
    ----------
    in_channels, n_classes : int
    features : sequence of int
        Channels of each level, finest first.
    temporal_from : int
        First level whose features are mixed over time; ``len(features)`` mixes none, and each
        frame is then answered for alone.
    fine : int, optional
        Channels of the last convolution, at full resolution, of a network that folds; height and
        width of its images are even. By default it does not fold.
    """

    def __init__(
        self,
        in_channels: int,
        n_classes: int,
        features: Sequence[int],
        temporal_from: int,
        fine: int | None = None,
    ) -> None:
        super().__init__()
        self.mixes = temporal_from < len(features)
        self.folds = fine is not None
        seen, drawn = (in_channels, n_classes) if fine is None else (4 * in_channels, 2 * fine)
        self.encoder = Encoder(seen, features, temporal_from=temporal_from)
        self.decoder = Decoder(features, drawn)
        self.edges: nn.Module = nn.Identity()
        self.head: nn.Module = nn.Identity()
        if fine is not None:
            self.edges = ConvBlock(fine // 2 + in_channels, fine, 1)
            self.head = nn.Conv2d(fine, n_classes, 1)

    def forward(
        self,
        x: Tensor,
        n_frames: int = 1,
        *,
        periodic: bool = True,
        wanted: Tensor | None = None,
        window: Window | None = None,
    ) -> Tensor:
        """Logits (B * n_frames, classes, H, W) for channels (B * n_frames, C, H, W).

        ``wanted`` are the images (whole numbers) whose logits are returned; the others are there
        for what temporal mixing takes from them. All by default. ``window`` is the part of the
        images whose logits alone are returned, of even rows and columns: what lies around it is
        seen, but not drawn.
        """
        kept = slice(None) if wanted is None else wanted
        if not self.mixes:
            pieces = x[kept].split(self.chunk or len(x))
            return torch.cat([self._draw(self._encode(piece), piece, window) for piece in pieces])
        levels = [level[kept] for level in self._encode(x, n_frames, periodic=periodic)]
        parts = zip(*(part.split(self.chunk or len(x)) for part in (x[kept], *levels)), strict=True)
        return torch.cat([self._draw(levels, piece, window) for piece, *levels in parts])

    def _encode(self, x: Tensor, n_frames: int = 1, *, periodic: bool = True) -> list[Tensor]:
        folded = F.pixel_unshuffle(x, 2) if self.folds else x
        folded = folded.contiguous(memory_format=torch.channels_last)
        levels: list[Tensor] = self.encoder(folded, n_frames, periodic=periodic)
        return levels

    def _draw(self, levels: list[Tensor], x: Tensor, window: Window | None) -> Tensor:
        """Logits from the encoder's levels, and from the images beside them where it folds."""
        if isinstance(self.head, nn.Identity):
            whole: Tensor = self.decoder(levels, window)
            return whole
        window = window or Window.whole(x.shape)
        # The last convolution reaches 1 pixel further, of which 2 were folded into one.
        seen = window.wider(2, x.shape)
        drawn = F.pixel_shuffle(self.decoder(levels, seen.halved()), 2)
        joined = torch.cat([drawn, seen.of(x)], dim=1)
        edges = self.edges(joined.contiguous(memory_format=torch.channels_last))
        logits: Tensor = self.head(window.within(seen).of(edges))
        return logits

    def widened(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of such a network of fewer input channels, for this one.

        Of the channels that they lack, the last ones, nothing is expected yet: the answers stay
        the same until the network learns what they say.
        """
        first = ("encoder.blocks.0.0.weight", "edges.0.weight")
        own = self.state_dict()
        wider = dict(weights)
        if all(name in weights and name in own for name in first):
            for name in first:
                lacking = max(0, own[name].shape[1] - weights[name].shape[1])
                wider[name] = F.pad(weights[name], (0, 0, 0, 0, 0, lacking))
        return wider

    def join_steps(self) -> None:
        """Let one strided convolution fold and convolve; see :meth:`Chunked.join_steps`."""
        if not self.folds:
            return
        block = self.encoder.blocks[0]
        assert isinstance(block, ConvBlock)
        convolution = block[0]
        assert isinstance(convolution, nn.Conv2d)
        weight = F.pixel_shuffle(convolution.weight.detach(), 2)
        strided = nn.Conv2d(weight.shape[1], weight.shape[0], 6, 2, padding=2)
        strided.weight, strided.bias = nn.Parameter(weight), convolution.bias
        block[0] = strided
        self.folds = False
