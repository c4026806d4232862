"""Recurrence over the frames of a heart cycle, in both directions of time."""

from collections.abc import Callable

import torch
from torch import Tensor

#: Frames before the first one, from the other end of the cycle, that a closed cycle begins with.
WARM_UP = 4


def both_ways(
    given: Tensor,
    recurrent: Callable[[Tensor], Tensor],
    activation: Callable[[Tensor], Tensor],
    *,
    periodic: bool,
) -> Tensor:
    """Sum of the states of both directions, which one cell serves.

    Parameters
    ----------
    given : Tensor, shape (T, F, N, X)
        What does not depend on the neighbouring frame, for all frames at once.
    recurrent : callable
        From the state of the frame before, or after, to what is added to a frame.
    activation : callable
    periodic : bool
        Whether the cycle is closed: each direction then begins some frames early. Otherwise the
        states beyond both ends are zero.

    Returns
    -------
    Tensor, shape (T, F, N, X)
    """
    frames = list(range(len(given)))
    total = []
    for order in (frames, frames[::-1]):
        state = torch.zeros_like(given[:1])
        found = {}
        for frame in [*(order[-WARM_UP:] if periodic else []), *order]:
            state = activation(given[frame : frame + 1] + recurrent(state))
            found[frame] = state
        total.append(torch.cat([found[frame] for frame in frames]))
    return total[0] + total[1]
