"""Asking any network of the register, and what it is to learn."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.input_kinds import N_CHANNELS
from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.training.register import Model

SIDE = 32


def answers_of(model: Model) -> int:
    """Channels of an answer; of a reconstruction both parts of the image, and its deviation."""
    if model.task == "reconstruction":
        return 3
    if model.task == "atrium-segmentation":
        return 2
    return 1 if model.task in ("localisation", "translation") else 4


def answer(model: Model, network: nn.Module, *, count: int) -> Tensor:
    """Answers (count, C, 32, 32) to pictures that are the same every time."""
    if model.task == "reconstruction":
        image, std = network(*lines_of_band(count))
        std = torch.zeros_like(image.real) if std is None else std
        return torch.stack([image.real, image.imag, std], dim=1)
    generator = torch.Generator().manual_seed(1)
    channels = N_CHANNELS[model.tiny.input_kind]
    rows = torch.linspace(-1, 1, SIDE)[:, None].expand(count, channels, SIDE, SIDE)
    pictures = rows + 0.1 * torch.randn(count, channels, SIDE, SIDE, generator=generator)
    if model.task == "segmentation":
        found: Tensor = network(pictures, count)
    elif model.task == "translation":
        found = network(pictures, torch.randn(count, 8, generator=generator))
    else:
        found = network(pictures)
    return found


def lesson(model: Model, found: Tensor) -> Tensor:
    """Loss of answers that should be bands of rows."""
    if model.task == "reconstruction":
        image = torch.complex(found[:, 0], found[:, 1])
        apart = (image - _moving(len(found))).abs()
        return apart.square().mean() + (apart.detach() - found[:, 2]).square().mean()
    rows = torch.arange(SIDE)[:, None].expand(len(found), SIDE, SIDE)
    if model.task == "localisation":
        return F.binary_cross_entropy_with_logits(found[:, 0], (rows >= SIDE // 2).float())
    if model.task == "translation":
        return F.l1_loss(found[:, 0], (rows >= SIDE // 2).float() * 1.6 - 0.8)
    return F.cross_entropy(found, rows * answers_of(model) // SIDE)


def _moving(count: int) -> Tensor:
    """Complex images (count, 32, 32) of a band that moves, whose phase is smooth."""
    rows = torch.arange(SIDE, dtype=torch.float32)[:, None]
    middle = 12 + 6 * torch.sin(2 * torch.pi * torch.arange(count) / count)
    band = torch.exp(-(((rows - middle[:, None, None]) / 4) ** 2)).expand(count, SIDE, SIDE)
    return band * torch.exp(2j * rows / SIDE)


def lines_of_band(count: int) -> tuple[Tensor, Tensor]:
    """A third of the lines of :func:`_moving`, others in each frame, and their mask."""
    mask = (torch.arange(SIDE) + torch.arange(count)[:, None]) % 3 == 0
    return to_hybrid(_moving(count)) * mask[..., None], mask
