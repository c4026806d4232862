"""DC-MAC: frames moved onto each other by their own motion, fused, and refined."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.blocks import Decoder, Encoder, padded
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.dc_cnn import DcCnn
from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, share_of
from napari_cmr.nets.reconstruction.warping import flow_of, warp_image

#: Largest velocity, as a part of the rows: about the way of a heart's wall in a beat.
_REACH = 1 / 16
#: The frame that motion is relative to.
REFERENCE = 0


class DcMac(ReconstructionNetwork):
    """Motion-augmented reconstruction after Seegoolam et al. (MICCAI 2019).

    A network reads the motion of each frame relative to a reference frame from their images of
    shared views (ME-CNN). All frames are moved to the reference and averaged; the average is moved
    to each frame, whose own lines are put back (DC-MAC). A cascade
    (:class:`~napari_cmr.nets.reconstruction.dc_cnn.DcCnn`) refines the frames. All of it is learned
    at once. All of the measurement is trusted by default.

    Parameters
    ----------
    motion_features : sequence of int
        Channels of each level of the motion network, from half the resolution on.
    cascades, depth, features : int
        Of the cascade.

    Notes
    -----
    Motion is the flow of a stationary velocity for each frame, so that one field gives both ways:
    T fields serve all pairs of frames, which are composed, where one for each pair would be T^2.
    """

    def __init__(
        self,
        motion_features: Sequence[int] = (32, 64, 128),
        cascades: int = 5,
        depth: int = 5,
        features: int = 64,
    ) -> None:
        super().__init__(shared_views=True)
        self.estimate = _MotionNetwork(motion_features)
        self.refine = DcCnn(cascades, depth, features)

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        velocity = self.estimate(image)
        fused = warp_image(image, flow_of(velocity)).mean(0)
        moved = warp_image(fused.expand_as(image), flow_of(-velocity))
        augmented = lines.consistent(moved, share_of(trust))
        return self.refine.images(lines, augmented, trust)

    def motion(self, hybrid: Tensor, mask: Tensor, maps: Tensor | None = None) -> Tensor:
        """Displacement (T, 2, N, X) of what is at each pixel of the reference in each frame.

        Along the rows and the columns, in pixels. Parameters as of :meth:`forward`.
        """
        _, image, _ = self.begin(hybrid, mask, maps)
        return flow_of(self.estimate(image))


class _MotionNetwork(nn.Module):
    """Velocities (T, 2, N, X) of the flows from complex images (T, N, X) to the reference."""

    def __init__(self, features: Sequence[int]) -> None:
        super().__init__()
        self.encoder = Encoder(2, features, temporal_from=0, norm="none")
        self.decoder = Decoder(features, 2, norm="none")
        nn.init.normal_(self.decoder.head.weight, std=1e-3)  # begins at rest
        assert self.decoder.head.bias is not None
        nn.init.zeros_(self.decoder.head.bias)
        self.multiple = 2 ** len(features)

    def forward(self, image: Tensor) -> Tensor:
        size = image.shape[-2:]
        magnitude = image.abs()
        pairs = torch.stack([magnitude, magnitude[REFERENCE].expand_as(magnitude)], dim=1)
        halved = F.avg_pool2d(padded(pairs, self.multiple), 2)
        halved = halved.to(self.decoder.head.weight.dtype)
        found = self.decoder(self.encoder(halved, len(image))).to(magnitude.dtype)
        whole = F.interpolate(found.tanh(), scale_factor=2.0, mode="bilinear")
        velocity = _REACH * size[0] * whole[..., : size[0], : size[1]]
        still = torch.arange(len(image), device=image.device) == REFERENCE
        return velocity.masked_fill(still[:, None, None, None], 0.0)
