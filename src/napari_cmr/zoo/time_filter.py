"""Filter of logits over the heart cycle: a Gaussian against noise, sharpening against pooling."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from napari_cmr.nets.inputs import POOLED_PARTS

#: Frames beside a frame count from this weight on.
LEAST_WEIGHT = 0.01
#: Lines are pooled this far to either side, as a part of the cycle, by the wider of the windows
#: that networks for few lines lean on: what lies there is taken out of a frame's answer again.
SHARPENED_PART = POOLED_PARTS["pooled"][1]


def neighbour_weight(smoothing: float, n_frames: int) -> float:
    """Weight of the frame on either side, of a Gaussian whose deviation is a part of the cycle.

    A heart that was seen in few frames moves far from one to the next: they hardly count then.
    """
    if not smoothing:
        return 0.0
    beside = math.exp(-0.5 / (smoothing * n_frames) ** 2)
    weight = beside / (1 + 2 * beside)
    return weight if weight > LEAST_WEIGHT else 0.0


def sharpened(logits: Tensor, amount: float) -> Tensor:
    """Logits of a whole cycle (T, ...) with the motion that pooling took away (unsharp masking).

    Parameters
    ----------
    logits : Tensor, shape (T, ...)
        Log-probabilities do as well: their differences between labels are those of logits.
    amount : float
        Added is this part of how much a frame differs from the two at :data:`SHARPENED_PART` of
        the cycle before and after it, at which pooled lines still count.
    """
    return filtered(logits, range(len(logits)), range(len(logits)), kernel(0, amount, len(logits)))


def kernel(smoothing: float, sharpening: float, n_frames: int) -> Tensor:
    """Weights (T,) of the frames that are so many frames later, which add up to 1."""
    weights = torch.zeros(n_frames)
    weights[0] = 1.0
    apart = round(SHARPENED_PART * n_frames)
    if sharpening and apart:
        weights += sharpening * (weights - _both_sides(weights, apart) / 2)
    beside = neighbour_weight(smoothing, n_frames)
    if beside:
        weights = (1 - 2 * beside) * weights + beside * _both_sides(weights, 1)
    return weights


def _both_sides(weights: Tensor, apart: int) -> Tensor:
    return weights.roll(apart) + weights.roll(-apart)


def reach(weights: Tensor) -> int:
    """How many frames to either side a kernel takes into account."""
    later = weights.nonzero()[:, 0]
    return int(torch.minimum(later, len(weights) - later).max())


def around(frames: Sequence[int] | None, beside: int, n_frames: int) -> Tensor:
    """Frames and so many of their neighbours on each side, in their order in the cycle."""
    if frames is None or 2 * beside + len(frames) >= n_frames:
        return torch.arange(n_frames)
    return torch.arange(frames[0] - beside, frames[0] + len(frames) + beside) % n_frames


def filtered(
    logits: Tensor, answered: Sequence[int] | Tensor, asked: Sequence[int] | Tensor, weights: Tensor
) -> Tensor:
    """Logits of the frames that were asked for, out of those that were answered.

    Parameters
    ----------
    logits : Tensor, shape (answered, ...)
    answered, asked : sequence of int
        Frames of the cycle; all that the kernel reaches from those asked for were answered.
    weights : Tensor, shape (T,)
        See :func:`kernel`.
    """
    answered, asked = torch.as_tensor(answered), torch.as_tensor(asked)
    if weights[0] == 1 and torch.equal(asked, answered):
        return logits
    over = weights[(answered - asked[:, None]) % len(weights)]
    # One product is faster than sums of frames that were copied to their places.
    return (over.to(logits.dtype) @ logits.flatten(1)).unflatten(1, logits.shape[1:])
