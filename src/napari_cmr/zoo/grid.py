"""A network's own grid: a square around the heart, of its own spacing."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.scan import ScanError


def square_offsets(size: int, spacing_mm: float) -> Tensor:
    """Places of the pixels of a square grid, in mm from its centre."""
    return (torch.arange(size, dtype=torch.float32) - (size - 1) / 2) * spacing_mm


def sample(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Bilinear samples (B, C, H, W) of images (B, C, Y, X) at pixel rows and columns."""
    height, width = images.shape[-2:]
    y = 2 * rows / (height - 1) - 1
    x = 2 * columns / (width - 1) - 1
    grid = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1)
    return F.grid_sample(
        images, grid.expand(len(images), -1, -1, -1).to(images.dtype), align_corners=True
    )


def touched(positions: Tensor, length: int) -> tuple[int, int]:
    """First pixel that bilinear samples at the positions touch, and the one after the last.

    Raises
    ------
    ScanError
        If they all lie outside the image.
    """
    first = max(0, int(np.floor(float(positions.min()))))
    last = min(length, int(np.ceil(float(positions.max()))) + 1)
    if last - first < 2:
        raise ScanError("the heart was located outside the image", remedy="check the field of view")
    return first, last
