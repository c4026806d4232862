"""CRNN-MRI: recurrence over iterations and, both ways, over time."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cmr.nets.reconstruction.consistency import Lines


class Crnn(nn.Module):
    """The convolutional recurrent network of Qin et al. (IEEE TMI 38, 2019).

    One set of weights serves all iterations. In each, a layer that is recurrent over time and
    over iterations, three layers that are recurrent over iterations, and a convolution correct the
    image, and the measured lines are put back. One cell serves both directions of time; their
    states are added. States before the first and after the last frame are zero, as published: a
    cycle is not closed.

    Parameters
    ----------
    iterations, features : int
        As published 5 and 64.
    shared_views : bool
        Begin with the image of shared views rather than the zero-filled one.

    Notes
    -----
    Answers depend on the peak of the image, for which see
    :class:`~napari_cmr.nets.reconstruction.dc_cnn.DcCnn`; it was :data:`PEAK` in the published run.
    """

    #: Peak of what it is shown.
    PEAK = 2.0

    def __init__(
        self, iterations: int = 5, features: int = 64, *, shared_views: bool = False
    ) -> None:
        super().__init__()
        self.iterations, self.shared_views = iterations, shared_views
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

    def forward(
        self,
        hybrid: Tensor,
        mask: Tensor,
        maps: Tensor | None = None,
        *,
        trust: float | None = None,
        unit: float | None = None,
    ) -> tuple[Tensor, None]:
        """Images (T, N, X) of the lines of one slice; it knows no standard deviation.

        Parameters as in :meth:`napari_cmr.nets.reconstruction.dc_cnn.DcCnn.forward`; ``unit`` is
        what is shown as 1.
        """
        lines = Lines(hybrid, mask, maps)
        if unit is None:
            unit = float(lines.average.abs().max().clamp(min=1e-20)) / self.PEAK
        image = (lines.nearest() if self.shared_views else lines.zero_filled()) / unit
        lines = lines.scaled(1 / unit)
        dtype = self.image_in.weight.dtype
        shape = (len(image), self.image_in.out_channels, *image.shape[-2:])
        states = [torch.zeros(shape, dtype=dtype, device=image.device) for _ in range(4)]
        for _ in range(self.iterations):
            seen = torch.stack([image.real, image.imag], dim=1).to(dtype)
            states[0] = self._over_time(seen, states[0])
            for index in range(3):
                states[index + 1] = F.relu(
                    self.forward_convolutions[index](states[index])
                    + self.recurrent_convolutions[index](states[index + 1])
                )
            change = self.image_out(states[3]).float()
            image = image + torch.complex(change[:, 0], change[:, 1])
            image = lines.consistent(image, 1.0 if trust is None else trust)
        return image * unit, None

    def _over_time(self, seen: Tensor, before: Tensor) -> Tensor:
        """States (T, F, N, X) from frames, and from their states in the iteration before."""
        # what does not depend on the neighbouring frame serves both directions, all frames at once
        given = self.image_in(seen) + self.over_iterations(before)
        both: list[list[Tensor]] = []
        for order in (range(len(seen)), reversed(range(len(seen)))):
            state = torch.zeros_like(given[:1])
            found = {}
            for frame in order:
                state = F.relu(given[frame : frame + 1] + self.over_time(state))
                found[frame] = state
            both.append([found[frame] for frame in range(len(seen))])
        return torch.cat(both[0]) + torch.cat(both[1])
