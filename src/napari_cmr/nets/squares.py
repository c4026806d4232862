"""A network's own grid: a square around the heart, sampled from an image and back onto it."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.scan import ScanError

#: Quantiles of a square that grey values are cut at.
LOWEST, HIGHEST = 0.01, 0.99


def square_places(
    centre: tuple[float, float], spacing: tuple[float, float], size: int, spacing_mm: float
) -> tuple[Tensor, Tensor]:
    """Rows and columns (size,) of an image that the pixels of a square around a place lie at.

    Parameters
    ----------
    centre : tuple of 2 floats
        Row and column in pixels of the image.
    spacing : tuple of 2 floats
        ``(dy, dx)`` of the image in mm.
    size, spacing_mm : int, float
        Pixels on a side of the square, and their distance in mm.
    """
    offsets = (torch.arange(size, dtype=torch.float32) - (size - 1) / 2) * spacing_mm
    rows, columns = (middle + offsets / step for middle, step in zip(centre, spacing, strict=True))
    return rows, columns


def grid_of(rows: Tensor, columns: Tensor, shape: tuple[int, int]) -> Tensor:
    """Grid (H, W, 2) for :func:`sample` of rows (H,) and columns (W,) of an image's shape."""
    places = [
        2 * place / (length - 1) - 1 for place, length in zip((rows, columns), shape, strict=True)
    ]
    return torch.stack(torch.meshgrid(*places, indexing="ij")[::-1], dim=-1)


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
    shape : tuple of 2 ints
        Rows and columns of the image.
    centre, spacing, size, spacing_mm
        As in :func:`square_places`.
    """
    return grid_of(*square_places(centre, spacing, size, spacing_mm), shape)


def sample(images: Tensor, grid: Tensor, mode: str = "bilinear") -> Tensor:
    """Sample images (B, C, Y, X) at a grid (H, W, 2) or one grid each; outside there is zero."""
    grids = grid.expand(len(images), -1, -1, -1) if grid.ndim == 3 else grid
    return F.grid_sample(images, grids.to(images.dtype), mode=mode, align_corners=True)


def sample_at(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Bilinear samples (B, C, H, W) of images (B, C, Y, X) at pixel rows (H,) and columns (W,)."""
    height, width = images.shape[-2:]
    return sample(images, grid_of(rows, columns, (height, width)))


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
        raise _outside()
    return first, last


def way_back(
    middle: float,
    step: float,
    length: int,
    size: int,
    spacing_mm: float,
    *,
    part: tuple[int, int] | None = None,
) -> tuple[slice, Tensor]:
    """Pixels of an image's axis that a square covers, and their places on the square's own axis.

    Parameters
    ----------
    middle : float
        Middle of the square, in pixels of the image.
    step : float
        Distance of the image's pixels in mm.
    length : int
        Pixels of the image along the axis.
    size, spacing_mm : int, float
        Of the square.
    part : tuple of 2 ints, optional
        Of the square's pixels, the first one of which places are counted from, and the one after
        the last; all by default.

    Raises
    ------
    ScanError
        If the square lies outside the image.
    """
    half = (size - 1) / 2
    first, last = part or (0, size)
    start = max(0, int(np.ceil(middle + (first - half) * spacing_mm / step)))
    stop = min(length, int(np.floor(middle + (last - 1 - half) * spacing_mm / step)) + 1)
    if stop <= start:
        raise _outside()
    pixels = torch.arange(start, stop, dtype=torch.float32)
    return slice(start, stop), (pixels - middle) * step / spacing_mm + half - first


def _outside() -> ScanError:
    return ScanError("the heart was located outside the image", remedy="check the field of view")


def clipped(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Images (B, 1, H, W) cut at two percentiles of each, and these, both (B, 1, 1, 1)."""
    flat = images.flatten(1).float()
    count = flat.shape[1]
    low = flat.kthvalue(max(1, round(LOWEST * count)), dim=1).values
    high = flat.kthvalue(max(1, round(HIGHEST * count)), dim=1).values
    low, high = low[:, None, None, None], high[:, None, None, None]
    return images.float().clamp(low, high), low, high


def standardised(images: Tensor) -> Tensor:
    """What segmenters are shown: images (B, 1, H, W) cut so, mean 0 and variance 1 each."""
    cut, _, _ = clipped(images)
    mean = cut.mean(dim=(1, 2, 3), keepdim=True)
    return (cut - mean) / cut.std(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
