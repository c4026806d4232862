"""Images pulled back through displacements, and displacements that flow from velocities.

Displacements have shape (T, 2, N, X): along the rows and the columns, in pixels. A warped image at
``p`` is the image at ``p + displacement(p)``.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

#: Times that a small part of a flow is composed with itself.
_SQUARINGS = 4


def warp(channels: Tensor, displacement: Tensor) -> Tensor:
    """Pull images (T, C, N, X) back through displacements, linear between pixels.

    Beyond the border the nearest pixel counts.
    """
    height, width = channels.shape[-2:]
    rows = torch.arange(height, device=channels.device)[:, None] + displacement[:, 0]
    columns = torch.arange(width, device=channels.device) + displacement[:, 1]
    places = torch.stack([columns * (2 / max(1, width - 1)), rows * (2 / max(1, height - 1))], -1)
    return F.grid_sample(channels, places - 1, padding_mode="border", align_corners=True)


def warp_image(image: Tensor, displacement: Tensor) -> Tensor:
    """:func:`warp` of complex images (T, N, X)."""
    parts = warp(torch.stack([image.real, image.imag], dim=1), displacement)
    return torch.complex(parts[:, 0], parts[:, 1])


def composed(first: Tensor, second: Tensor) -> Tensor:
    """Displacement that warps by one, then warps the result by another."""
    return second + warp(first, second)


def flow_of(velocity: Tensor) -> Tensor:
    """Displacement of the flow of a stationary velocity, whose inverse is that of its negative.

    Arsigny et al., MICCAI 2006: scaling and squaring.
    """
    displacement = velocity / 2**_SQUARINGS
    for _ in range(_SQUARINGS):
        displacement = composed(displacement, displacement)
    return displacement
