"""LI-net: labels through a latent code (Schlemper et al., MICCAI 2018)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import Decoder, Encoder


class CodeEncoder(nn.Module):
    """Encoder of Syn-net with a fully connected layer to one code for each frame."""

    def __init__(
        self,
        in_channels: int,
        features: Sequence[int],
        code_size: int,
        grid: int,
        *,
        temporal_from: int | None,
    ) -> None:
        super().__init__()
        self.encoder = Encoder(in_channels, features, temporal_from=temporal_from)
        side = grid // 2 ** (len(features) - 1)
        self.to_code = nn.Linear(features[-1] * side * side, code_size)

    def forward(self, x: Tensor, n_frames: int = 1, *, periodic: bool = True) -> Tensor:
        """Codes (B * n_frames, code_size)."""
        deepest = self.encoder(x, n_frames, periodic=periodic)[-1]
        code: Tensor = self.to_code(deepest.flatten(1))
        return code


class CodeDecoder(nn.Module):
    """Decoder without skips: the code has to carry everything."""

    def __init__(self, features: Sequence[int], code_size: int, grid: int, n_classes: int) -> None:
        super().__init__()
        self.side = grid // 2 ** (len(features) - 1)
        self.from_code = nn.Linear(code_size, features[-1] * self.side * self.side)
        self.decoder = Decoder(features, n_classes, skips=False)

    def forward(self, code: Tensor) -> Tensor:
        """Logits (B, n_classes, grid, grid)."""
        deepest = F.relu(self.from_code(code)).unflatten(1, (-1, self.side, self.side))
        logits: Tensor = self.decoder([deepest])
        return logits


class LiNet(nn.Module):
    """Latent feature interpolation network: decoder(predictor(image)), eq. 2 of schlemper2018.

    ``label_encoder`` and ``decoder`` are an auto-encoder of label maps (stage 1); ``predictor``
    learns the code of the labels from the undersampled image (stage 2). The paper's text swaps the
    parameters of the composition. A code for the whole sequence would fix the number of frames; we
    use a code for each frame, with temporal mixing in the predictor, so that any T works.

    Parameters
    ----------
    in_channels, n_classes : int
    features : sequence of int
        Channels of each level of all three parts.
    code_size : int
        Length of the code; the paper's is 1024.
    grid : int
        Side of the images in pixels, which the fully connected layers fix.
    temporal_from : int
        First level of the predictor whose features are mixed over time.
    """

    def __init__(
        self,
        in_channels: int = 2,
        n_classes: int = 4,
        *,
        features: Sequence[int] = (16, 32, 64, 128, 32),
        code_size: int = 256,
        grid: int = 128,
        temporal_from: int = 1,
    ) -> None:
        super().__init__()
        self.n_classes = n_classes
        self.label_encoder = CodeEncoder(n_classes, features, code_size, grid, temporal_from=None)
        self.predictor = CodeEncoder(
            in_channels, features, code_size, grid, temporal_from=temporal_from
        )
        self.decoder = CodeDecoder(features, code_size, grid, n_classes)

    def encode_labels(self, labels: Tensor) -> Tensor:
        """Codes of label maps (B, H, W) of whole numbers."""
        one_hot = F.one_hot(labels, self.n_classes).movedim(-1, 1).float()
        code: Tensor = self.label_encoder(one_hot.contiguous(memory_format=torch.channels_last))
        return code

    def forward(
        self,
        x: Tensor,
        n_frames: int = 1,
        *,
        periodic: bool = True,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits (B * n_frames, classes, H, W) for zero-filled frames (B * n_frames, 2, H, W).

        ``wanted`` as in :class:`napari_cmr.nets.blocks.TemporalUNet`.
        """
        code = self.predictor(x, n_frames, periodic=periodic)
        logits: Tensor = self.decoder(code if wanted is None else code[wanted])
        return logits
