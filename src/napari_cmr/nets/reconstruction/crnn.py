"""CRNN-MRI: recurrence over iterations and, both ways, over time."""

from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.network import (
    ReconstructionNetwork,
    as_channels,
    as_image,
    share_of,
)
from napari_cmr.nets.reconstruction.recurrence import both_ways


class Crnn(ReconstructionNetwork):
    """The convolutional recurrent network of Qin et al. (IEEE TMI 38, 2019).

    One set of weights serves all iterations. In each, a layer that is recurrent over time and
    over iterations, three layers that are recurrent over iterations, and a convolution correct the
    image, and the measured lines are put back. One cell serves both directions of time; their
    states are added.

    Parameters
    ----------
    iterations, features : int
        As published 5 and 64.
    shared_views : bool
        See :class:`~napari_cmr.nets.reconstruction.network.ReconstructionNetwork`.
    periodic : bool
        Whether the cycle is closed. As published it is not: states before the first and after the
        last frame are zero.

    Notes
    -----
    Answers depend on the peak of the image, for which see
    :class:`~napari_cmr.nets.reconstruction.dc_cnn.DcCnn`; it was :data:`PEAK` in the published run.
    """

    #: Peak of what it is shown.
    PEAK = 2.0

    def __init__(
        self,
        iterations: int = 5,
        features: int = 64,
        *,
        shared_views: bool = False,
        periodic: bool = True,
    ) -> None:
        super().__init__(shared_views=shared_views)
        self.iterations, self.periodic = iterations, periodic
        self.image_in = nn.Conv2d(2, features, 3, padding=1)
        self.over_time = nn.Conv2d(features, features, 3, padding=1)
        self.over_iterations = nn.Conv2d(features, features, 3, padding=1)
        self.forward_convolutions = nn.ModuleList(
            nn.Conv2d(features, features, 3, padding=1) for _ in range(3)
        )
        self.recurrent_convolutions = nn.ModuleList(
            nn.Conv2d(features, features, 3, padding=1) for _ in range(3)
        )
        self.image_out = nn.Conv2d(features, 2, 3, padding=1)

    def unit_of(self, average: Tensor) -> Tensor:
        """What makes the peak of the temporal average :data:`PEAK`."""
        return average.abs().max().clamp(min=1e-20) / self.PEAK

    def images(self, lines: Lines, image: Tensor, trust: float | None) -> Tensor:
        """See :meth:`.ReconstructionNetwork.images`."""
        share = share_of(trust)
        seen = as_channels(image, self)
        states = list(seen.new_zeros(4, len(seen), len(self.image_in.weight), *seen.shape[2:]))
        for _ in range(self.iterations):
            states[0] = both_ways(
                self.image_in(seen) + self.over_iterations(states[0]),
                self.over_time,
                F.relu,
                periodic=self.periodic,
            )
            for index in range(3):
                states[index + 1] = F.relu(
                    self.forward_convolutions[index](states[index])
                    + self.recurrent_convolutions[index](states[index + 1])
                )
            image = lines.consistent(image + as_image(self.image_out(states[3])), share)
            seen = as_channels(image, self)
        return image
