"""How much of a model's labels a reader would agree with, slice by slice, by its probabilities."""

import torch
from torch import Tensor

from napari_cmr.scan import Label

#: Side of the square whose mean probability tells whether a structure is in a slice.
PRESENCE_MM = 7.5
STRUCTURES = (Label.LV, Label.MYO, Label.RV)


def presence(probability: Tensor, spacing: tuple[float, ...]) -> Tensor:
    """Probability (T,) that a structure is in a slice at all: that of its surest square.

    Parameters
    ----------
    probability : Tensor, shape (T, rows, columns)
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    """
    window = [max(1, round(PRESENCE_MM / step)) for step in spacing]
    window = [min(side, length) for side, length in zip(window, probability.shape[1:], strict=True)]
    # Every square, so that a mirror image has the same surest one; averaged along one side, then
    # along the other, which on a CPU takes an eighth of the library's pooling.
    along_rows = probability.unfold(1, window[0], 1).mean(-1)
    return along_rows.unfold(2, window[1], 1).mean(-1).amax((1, 2))


def expected_dice(label: Tensor, probabilities: Tensor, spacing: tuple[float, ...]) -> Tensor:
    """Dice of labels with a reader's, as far as calibrated probabilities foretell it.

    A reader draws a structure in as many pixels as its probabilities add up to, and those of them
    that were labelled are right. Where none is labelled, a reader agrees if there is none.

    Parameters
    ----------
    label : Tensor of uint8, shape (T, rows, columns)
    probabilities : Tensor, shape (T, C, rows, columns)
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    Tensor, shape (T, 3)
        Of LV, MYO and RV, 0 to 1.
    """
    columns = []
    for structure in STRUCTURES:
        probability = probabilities[:, int(structure)]
        inside = label == int(structure)
        labelled = inside.sum((1, 2))
        right = (probability * inside).sum((1, 2))
        expected = 2 * right / (labelled + probability.sum((1, 2))).clamp(min=1e-6)
        empty = (labelled == 0).nonzero()[:, 0]
        if len(empty):
            expected[empty] = 1 - presence(probability[empty], spacing)
        columns.append(expected)
    return torch.stack(columns, dim=1)
