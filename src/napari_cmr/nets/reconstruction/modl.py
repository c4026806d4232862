"""MoDL: one shared denoiser, and the image nearest to its answer that fits the lines."""

import math

import torch
from torch import Tensor, nn

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, convolutions, convolved
from napari_cmr.nets.reconstruction.proximal import nearest_image


class Modl(ReconstructionNetwork):
    """The model-based network of Aggarwal et al. (IEEE TMI 38, 2019), frame by frame.

    One denoiser, the image and what five convolutions add to it, serves all unrolls. After each,
    the image that fits the lines is found by conjugate gradients (in closed form for a single
    coil). The published ``lambda``, in ``(A^H A + lambda) x = A^H y + lambda z``, is
    ``(1 - trust) / trust``; it is learned, from .05.

    Parameters
    ----------
    unrolls, depth, features : int
        As published 10, 5 and 64.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.

    Notes
    -----
    No batch norm: with a slice at a time there is no batch to go by.
    """

    def __init__(
        self,
        unrolls: int = 10,
        depth: int = 5,
        features: int = 64,
        *,
        shared_views: bool = False,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.unrolls = self.grown = unrolls
        self.denoiser = convolutions(depth, features)
        self.log_lambda = nn.Parameter(torch.tensor(math.log(0.05)))

    def grow(self, share: float) -> None:
        """Learn a single unroll for two thirds of the steps, as published, then all of them."""
        self.grown = 1 if share < 2 / 3 else self.unrolls

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        learned = (-self.log_lambda).to(image.real.dtype).sigmoid()  # 1 / (1 + lambda)
        for _ in range(self.grown):
            denoised = image + convolved(self.denoiser, image)
            image = nearest_image(lines, denoised, learned if trust is None else trust)
        return image
