"""LI-net: labels through a latent code (Schlemper et al., MICCAI 2018)."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import Decoder, Encoder
from napari_cmr.nets.segmentation.syn_net import SynNet


def fully_connected(n_in: int, n_out: int) -> nn.Linear:
    """Linear layer; where it is square, it starts as one that changes nothing.

    A code then starts as a map, in which each place knows its own part of the image, as it is for
    convolutions; what a place tells about the others is learned from there.
    """
    layer = nn.Linear(n_in, n_out)
    if n_in == n_out:
        nn.init.eye_(layer.weight)
        nn.init.zeros_(layer.bias)
    return layer


class CodeEncoder(nn.Module):
    """Encoder of Syn-net with a fully connected layer to one code for each frame.

    Parameters
    ----------
    in_channels : int
    features : sequence of int
        Channels of each level, finest first.
    code_size, grid : int
    temporal_from : int, optional
        First level whose features are mixed over time; none by default.
    narrow : int, optional
        Channels that the deepest level is reduced to before the fully connected layer.
    folds : bool
        Whether every 2 x 2 pixels are folded into channels first, see
        :class:`napari_cmr.nets.blocks.TemporalUNet`.
    unit : bool
        Whether the numbers of a code have mean 0 and variance 1 over the training batches.
    """

    def __init__(
        self,
        in_channels: int,
        features: Sequence[int],
        code_size: int,
        grid: int,
        *,
        temporal_from: int | None,
        narrow: int | None = None,
        folds: bool = False,
        unit: bool = False,
    ) -> None:
        super().__init__()
        self.folds = folds
        self.encoder = Encoder(
            4 * in_channels if folds else in_channels, features, temporal_from=temporal_from
        )
        self.narrow = nn.Conv2d(features[-1], narrow, 1) if narrow else nn.Identity()
        side = code_side(features, grid, folds=folds)
        self.to_code = fully_connected((narrow or features[-1]) * side * side, code_size)
        self.unit = nn.BatchNorm1d(code_size, affine=False) if unit else nn.Identity()

    def forward(
        self,
        x: Tensor,
        n_frames: int = 1,
        *,
        periodic: bool = True,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Codes (B * n_frames, code_size), or those of the ``wanted`` images alone."""
        if self.folds:
            x = F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
        deepest = self.narrow(self.encoder(x, n_frames, periodic=periodic)[-1])
        code: Tensor = self.unit(self.to_code(deepest.flatten(1)))
        return code if wanted is None else code[wanted]


class DrawnCode(nn.Module):
    """Predictor that draws labels and encodes them: shapes lead to the code, not the image.

    The encoder reads probabilities, so that it knows where the U-net is in doubt.

    Parameters
    ----------
    unet : SynNet
        From images to logits of labels.
    encoder : CodeEncoder
        From probabilities of labels to codes.
    """

    def __init__(self, unet: SynNet, encoder: CodeEncoder) -> None:
        super().__init__()
        self.unet = unet
        self.encoder = encoder

    def forward(
        self,
        x: Tensor,
        n_frames: int = 1,
        *,
        periodic: bool = True,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Codes (B * n_frames, code_size), or those of the ``wanted`` images alone."""
        drawn = self.unet(x, n_frames, periodic=periodic, wanted=wanted)
        code: Tensor = self.encoder(drawn.softmax(1).contiguous(memory_format=torch.channels_last))
        return code


class CodeDecoder(nn.Module):
    """Decoder without skips: the code has to carry everything. Parameters as of the encoder."""

    def __init__(
        self,
        features: Sequence[int],
        code_size: int,
        grid: int,
        n_classes: int,
        *,
        narrow: int | None = None,
        folds: bool = False,
    ) -> None:
        super().__init__()
        self.folds = folds
        self.side = code_side(features, grid, folds=folds)
        self.from_code = fully_connected(
            code_size, (narrow or features[-1]) * self.side * self.side
        )
        self.widen = nn.Conv2d(narrow, features[-1], 1) if narrow else nn.Identity()
        self.decoder = Decoder(features, 4 * n_classes if folds else n_classes, skips=False)

    def forward(self, code: Tensor) -> Tensor:
        """Logits (B, n_classes, grid, grid)."""
        places = self.from_code(code).unflatten(1, (-1, self.side, self.side))
        deepest = F.relu(self.widen(places)).contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.decoder([deepest])
        return F.pixel_shuffle(logits, 2) if self.folds else logits


def code_side(features: Sequence[int], grid: int, *, folds: bool) -> int:
    """Side of the deepest level of a network over ``grid`` pixels."""
    halvings: int = len(features) - 1 + folds
    return grid // 2**halvings


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
    drawing_features : sequence of int, optional
        Channels of each level of a :class:`.SynNet` that works on half of the grid, whose labels
        the predictor then reads (:class:`DrawnCode`). By default it reads the image.
    code_size : int
        Length of the code; the paper's is 1024.
    grid : int
        Side of the images in pixels, which the fully connected layers fix.
    temporal_from : int
        First level of the predictor whose features are mixed over time.
    narrow : int, optional
        Channels at the deepest level on either side of the fully connected layers, whose weights
        are as many as its square.
    folds : bool
        Whether all three parts work on half of the grid.
    unit_codes : bool
        Whether the codes of labels have mean 0 and variance 1, so that what is added to them while
        the auto-encoder learns (``code_noise`` of the recipe) has a size.
    """

    def __init__(
        self,
        in_channels: int = 2,
        n_classes: int = 4,
        *,
        features: Sequence[int] = (16, 32, 64, 128, 32),
        drawing_features: Sequence[int] | None = None,
        code_size: int = 256,
        grid: int = 128,
        temporal_from: int = 1,
        narrow: int | None = None,
        folds: bool = False,
        unit_codes: bool = False,
    ) -> None:
        super().__init__()
        self.n_classes = n_classes
        self.label_encoder = CodeEncoder(
            n_classes,
            features,
            code_size,
            grid,
            temporal_from=None,
            narrow=narrow,
            folds=folds,
            unit=unit_codes,
        )
        self.predictor: nn.Module
        if drawing_features:
            unet = SynNet(in_channels, n_classes, drawing_features, fine=16)
            self.predictor = DrawnCode(unet, copy.deepcopy(self.label_encoder))
        else:
            self.predictor = CodeEncoder(
                in_channels,
                features,
                code_size,
                grid,
                temporal_from=temporal_from,
                narrow=narrow,
                folds=folds,
            )
        self.decoder = CodeDecoder(features, code_size, grid, n_classes, narrow=narrow, folds=folds)

    def begin_predictor(self) -> None:
        """Let a predictor that reads labels begin as the encoder of labels is."""
        if isinstance(self.predictor, DrawnCode):
            self.predictor.encoder.load_state_dict(self.label_encoder.state_dict())

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
        """Logits (B * n_frames, classes, H, W) for channels (B * n_frames, C, H, W).

        ``wanted`` as in :class:`napari_cmr.nets.blocks.TemporalUNet`.
        """
        code = self.predictor(x, n_frames, periodic=periodic, wanted=wanted)
        logits: Tensor = self.decoder(code)
        return logits
