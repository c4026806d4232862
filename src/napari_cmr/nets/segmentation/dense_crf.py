"""Fully connected conditional random field: labels that agree with the image's edges.

Krähenbühl and Koltun, NIPS 2011; applied slice by slice after segmentation in chen2019.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

#: Cells of the bilateral grid for each standard deviation, and how far kernels reach.
CELLS_PER_SD, REACH_SD = 2, 4.0


@dataclass(frozen=True)
class CRFSettings:
    """Kernels of the field and how long it is iterated.

    Attributes
    ----------
    smooth_sd : float
        Standard deviation in pixels of the kernel that looks at places alone.
    smooth_weight : float
    bilateral_sd : float
        Standard deviation in pixels of the kernel that looks at places and brightness.
    brightness_sd : float
        Its standard deviation of brightness, in units of the image.
    bilateral_weight : float
    iterations : int
    """

    smooth_sd: float = 3.0
    smooth_weight: float = 3.0
    bilateral_sd: float = 40.0
    brightness_sd: float = 0.05
    bilateral_weight: float = 5.0
    iterations: int = 5


def refine(probabilities: Tensor, image: Tensor, settings: CRFSettings | None = None) -> Tensor:
    """Mean-field inference with Potts compatibility.

    Both kernels are normalised symmetrically, by the square root of their sums at both pixels, and
    include the pixel itself, as the authors' own program does.

    Parameters
    ----------
    probabilities : Tensor, shape (C, H, W)
        What the network says; the unary term is their negative logarithm.
    image : Tensor, shape (H, W)
        Brightness, in units of ``settings.brightness_sd``.
    settings : CRFSettings, optional

    Returns
    -------
    Tensor, shape (C, H, W)
        Probabilities after the last iteration (eq. 4 and algorithm 1 of Krähenbühl and Koltun).

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    if probabilities.ndim != 3 or image.shape != probabilities.shape[1:]:
        raise ValueError(f"probabilities {tuple(probabilities.shape)}, image {tuple(image.shape)}")
    settings = settings or CRFSettings()
    unary = probabilities.clamp(min=1e-8).log()
    grid = BilateralGrid(image, settings.bilateral_sd, settings.brightness_sd)
    kernels = (
        (settings.smooth_weight, lambda x: gaussian_blur(x, settings.smooth_sd)),
        (settings.bilateral_weight, grid.filter),
    )
    one = torch.ones_like(probabilities[:1])
    scales = [filtered(one).clamp(min=1e-12).rsqrt() for _, filtered in kernels]
    q = unary.softmax(0)
    for _ in range(settings.iterations):
        message = unary
        for (weight, filtered), scale in zip(kernels, scales, strict=True):
            message = message + weight * scale * filtered(q * scale)
        q = message.softmax(0)
    return q


def _gaussian(sd: float, *, like: Tensor) -> Tensor:
    """Kernel with 1 in the middle: sums, not means, are what a random field is made of."""
    reach = max(1, int(REACH_SD * sd + 0.5))
    offsets = torch.arange(-reach, reach + 1, dtype=like.dtype, device=like.device)
    return torch.exp(-0.5 * (offsets / sd) ** 2)


def gaussian_blur(images: Tensor, sd: float) -> Tensor:
    """Sum over pixels weighted by a Gaussian of their distance; images (C, H, W), sd in pixels.

    Nothing lies outside the image.
    """
    kernel = _gaussian(sd, like=images)
    reach = len(kernel) // 2
    stack = images[:, None]
    stack = F.conv2d(stack, kernel[None, None, :, None], padding=(reach, 0))
    stack = F.conv2d(stack, kernel[None, None, None, :], padding=(0, reach))
    return stack[:, 0]


class BilateralGrid:
    """Gaussian filtering over place and brightness at once (Chen, Paris, Durand, 2007).

    Pixels are dealt out to the corners of coarse cells in (row, column, brightness), the cells are
    blurred one axis after the other, and pixels read their value back. Dealing out and reading
    back each widen the kernel by a sixth of a squared cell, which the blur leaves out.

    Parameters
    ----------
    image : Tensor, shape (H, W)
    place_sd : float
        In pixels.
    brightness_sd : float
        In units of the image.
    """

    def __init__(self, image: Tensor, place_sd: float, brightness_sd: float) -> None:
        height, width = image.shape
        like = image.float()
        rows = torch.arange(height, dtype=like.dtype, device=image.device)
        columns = torch.arange(width, dtype=like.dtype, device=image.device)
        # A cell is never smaller than a pixel: finer ones would hold nothing new.
        in_plane = min(float(CELLS_PER_SD), place_sd)
        self.cells_per_sd = (in_plane, in_plane, float(CELLS_PER_SD))
        y, x, b = (
            position * cells / sd
            for position, cells, sd in zip(
                (
                    rows[:, None].expand(height, width),
                    columns[None].expand(height, width),
                    like - like.min(),
                ),
                self.cells_per_sd,
                (place_sd, place_sd, brightness_sd),
                strict=True,
            )
        )
        position = torch.stack([y, x, b]).flatten(1)  # (3, pixels)
        low = position.floor().long()
        part = position - low
        self.shape = tuple(int(v) + 2 for v in low.amax(1))
        self.size = (height, width)
        strides = (self.shape[1] * self.shape[2], self.shape[2], 1)
        self.indices = low.new_zeros(len(part[0]), 8)  # of the eight corners around each pixel
        self.weights = torch.ones_like(part[0])[:, None].repeat(1, 8)
        for corner in range(8):
            for axis, stride in enumerate(strides):
                up = (corner >> axis) & 1
                self.indices[:, corner] += (low[axis] + up) * stride
                self.weights[:, corner] *= part[axis] if up else 1 - part[axis]

    def filter(self, images: Tensor) -> Tensor:
        """Sum over all pixels weighted by the kernel; images (C, H, W)."""
        flat = images.flatten(1).T.contiguous()  # (pixels, C): a pixel's classes lie together
        cells = flat.new_zeros(self.shape[0] * self.shape[1] * self.shape[2], flat.shape[1])
        for corner in range(8):
            share = flat * self.weights[:, corner, None]
            cells.index_add_(0, self.indices[:, corner], share)
        blurred = self._blur(cells.T.unflatten(1, self.shape)).flatten(1).T.contiguous()
        read = F.embedding_bag(self.indices, blurred, per_sample_weights=self.weights, mode="sum")
        return read.T.unflatten(1, self.size)

    def _blur(self, cells: Tensor) -> Tensor:
        stack = cells[:, None]
        for axis, per_sd in enumerate(self.cells_per_sd):
            sd = max(per_sd**2 - 1 / 3, 0.25) ** 0.5
            kernel = _gaussian(sd, like=cells)
            # A narrower kernel keeps its height: dealing out has spread what it takes in.
            kernel = kernel * (per_sd / sd)
            shape = [1, 1, 1, 1, 1]
            shape[2 + axis] = len(kernel)
            padding = [0, 0, 0]
            padding[axis] = len(kernel) // 2
            stack = F.conv3d(stack, kernel.view(shape), padding=padding)
        return stack[:, 0]
