"""What networks for still images are shown: a square around the heart, in units of its own."""

import torch
from torch import Tensor
from torch.nn import functional as F

#: Quantiles of a square that grey values are cut at.
LOWEST, HIGHEST = 0.01, 0.99


def square_grid(
    centre: tuple[float, float],
    spacing: tuple[float, float],
    shape: tuple[int, int],
    size: int,
    spacing_mm: float,
) -> Tensor:
    """Grid (size, size, 2) for :func:`sample`: a square around a place of an image.

    Parameters
    ----------
    centre : tuple of 2 floats
        Row and column in pixels of the image.
    spacing : tuple of 2 floats
        ``(dy, dx)`` of the image in mm.
    shape : tuple of 2 ints
        Rows and columns of the image.
    size, spacing_mm : int, float
        Pixels on a side of the square, and their distance in mm.
    """
    offsets = (torch.arange(size, dtype=torch.float32) - (size - 1) / 2) * spacing_mm
    places = [
        2 * (middle + offsets / step) / (length - 1) - 1
        for middle, step, length in zip(centre, spacing, shape, strict=True)
    ]
    return torch.stack(torch.meshgrid(*places, indexing="ij")[::-1], dim=-1)


def sample(images: Tensor, grid: Tensor, mode: str = "bilinear") -> Tensor:
    """Sample images (B, C, Y, X) at a grid (H, W, 2) or one grid each; outside there is zero."""
    grids = grid.expand(len(images), -1, -1, -1) if grid.ndim == 3 else grid
    return F.grid_sample(images, grids, mode=mode, align_corners=True)


def clipped(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Images (B, 1, H, W) cut at two percentiles of each, and these, both (B, 1, 1, 1)."""
    flat = images.flatten(1).float()
    count = flat.shape[1]
    low = flat.kthvalue(max(1, round(LOWEST * count)), dim=1).values
    high = flat.kthvalue(max(1, round(HIGHEST * count)), dim=1).values
    low, high = low[:, None, None, None], high[:, None, None, None]
    return images.float().clamp(low, high), low, high


def to_unit_range(images: Tensor) -> Tensor:
    """What style networks are shown: 1st to 99th percentile of each (B, 1, H, W) on [-1, 1]."""
    cut, low, high = clipped(images)
    return 2 * (cut - low) / (high - low).clamp(min=1e-6) - 1


def standardised(images: Tensor) -> Tensor:
    """What segmenters are shown: images (B, 1, H, W) cut likewise, mean 0 and variance 1 each."""
    cut, _, _ = clipped(images)
    mean = cut.mean(dim=(1, 2, 3), keepdim=True)
    return (cut - mean) / cut.std(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
