"""Losses of the segmentation networks. All take logits, never probabilities."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def soft_dice_loss(logits: Tensor, labels: Tensor, *, smooth: float = 1.0) -> Tensor:
    """One minus the mean soft Dice of the foreground classes, pooled over the batch.

    Parameters
    ----------
    logits : Tensor, shape (B, C, H, W)
    labels : integer Tensor, shape (B, H, W)
    smooth : float
        Pixels added above and below, so that an absent class has a gradient.

    Notes
    -----
    Milletari et al., 3DV 2016. Pooling over the batch keeps slices without a class from ruling.
    """
    probabilities = logits.float().softmax(1)[:, 1:]
    truth = F.one_hot(labels, logits.shape[1]).movedim(-1, 1)[:, 1:].to(probabilities.dtype)
    dims = (0, 2, 3)
    overlap = (probabilities * truth).sum(dims)
    total = probabilities.sum(dims) + truth.sum(dims)
    return 1.0 - ((2 * overlap + smooth) / (total + smooth)).mean()


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Pixelwise cross-entropy, eq. 1 of schlemper2018."""
    return F.cross_entropy(logits.float(), labels)


def segmentation_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice: the ``live`` recipes learn faster with both."""
    return cross_entropy(logits, labels) + soft_dice_loss(logits, labels)


#: Weight of the edge term beside the cross-entropy.
EDGE_WEIGHT = 0.5
#: In place of a label where nobody is sure of one: no loss counts these pixels.
DOUBTFUL = 255


def edge_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Distance of the edges of soft predictions and labels (chen2019, section 2.2).

    Sobel maps along both axes of the probability and of the one-hot label of every foreground
    class; the l2 norm of their difference over the image, summed over classes and directions. We
    divide the filters by 8 and the norm by the root of the number of pixels, so that the term does
    not grow with the image.

    Parameters
    ----------
    logits : Tensor, shape (B, C, H, W)
    labels : integer Tensor, shape (B, H, W)
    """
    probabilities = logits.float().softmax(1)[:, 1:]
    known = labels != DOUBTFUL
    truth = F.one_hot(labels * known, logits.shape[1]).movedim(-1, 1)[:, 1:]
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], device=logits.device) / 8
    kernels = torch.stack([across, across.T])[:, None]
    apart = (probabilities - truth) * known[:, None]
    apart = apart.flatten(0, 1)[:, None]  # filtering is linear
    edges = F.conv2d(F.pad(apart, (1, 1, 1, 1), mode="replicate"), kernels)
    norms = (edges.square().mean(dim=(2, 3)) + 1e-10).sqrt()
    return norms.sum() / len(logits)


def composite_loss(
    logits: Tensor, labels: Tensor, weights: Sequence[float] | None = None
) -> Tensor:
    """Weighted cross-entropy and half the edge loss, as chen2019 trains both of its U-nets.

    ``weights`` are those of the classes; all alike if there are none.
    """
    of_classes = None if weights is None else torch.tensor(weights, device=logits.device)
    entropy = F.cross_entropy(logits.float(), labels, of_classes, ignore_index=DOUBTFUL)
    return entropy + EDGE_WEIGHT * edge_loss(logits, labels)


def hard_dice(logits: Tensor, labels: Tensor) -> Tensor:
    """Dice of each foreground class over the whole batch, shape (C - 1,); NaN if absent in both."""
    predicted = logits.argmax(1)
    scores = []
    for label in range(1, logits.shape[1]):
        a, b = predicted == label, labels == label
        scores.append(2.0 * (a & b).sum() / (a.sum() + b.sum()))
    return torch.stack(scores)
