"""DC-CNN: a cascade of small 2-D networks with data consistency between them."""

from torch import Tensor, nn

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import (
    ReconstructionNetwork,
    convolutions,
    convolved,
    share_of,
)


class DcCnn(ReconstructionNetwork):
    """The 2-D cascade of Schlemper et al. (IEEE TMI 37, 2018), also called RecNet, frame by frame.

    Each sub-network of ``depth`` 3x3 convolutions corrects the image, and the measured lines are
    put back. It knows no neighbouring frames. The weight ``v`` of the paper, in
    ``(k + v k0) / (1 + v)``, is ``trust / (1 - trust)``; all of the measurement is trusted by
    default, as published.

    Parameters
    ----------
    cascades, depth, features : int
        As published 5, 5 and 64.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
    residual : bool
        Whether a sub-network answers with a correction, rather than with the whole image as in the
        code of Seitzer et al. (MICCAI 2018).

    Notes
    -----
    The peak of an image was 1 where the published network learned, and its answers depend on it.
    Here it is the maximum of the magnitude of the temporal average, which is known beforehand.
    """

    def __init__(
        self,
        cascades: int = 5,
        depth: int = 5,
        features: int = 64,
        *,
        shared_views: bool = False,
        residual: bool = True,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.residual = residual
        self.cascades = nn.ModuleList(convolutions(depth, features) for _ in range(cascades))

    def unit_of(self, average: Tensor) -> Tensor:
        """Peak of the temporal average."""
        return average.abs().max().clamp(min=1e-20)

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        share = share_of(trust)
        for layers in self.cascades:
            answer = convolved(layers, image)
            image = lines.consistent(image + answer if self.residual else answer, share)
        return image
