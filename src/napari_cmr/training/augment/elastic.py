"""Smooth random displacements, which bend a heart into another one."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

#: Places along each axis that are displaced on their own; in between it is interpolated.
PLACES = 6


def smooth_bends(count: int, size: int, deviation: float, rng: np.random.Generator) -> Tensor:
    """Displacements (count, size, size, 2), normal with a standard deviation at few places.

    Rows are displaced before columns, in the unit of ``deviation``.
    """
    few = rng.normal(0, deviation, (count, 2, PLACES, PLACES)).astype(np.float32)
    return F.interpolate(torch.from_numpy(few), size=(size, size), mode="bicubic").movedim(1, -1)
