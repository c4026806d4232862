"""Measured lines as reconstruction networks take them."""

import torch
from torch import Tensor

from napari_cmr.kspace import MeasuredSlice


def given(one: MeasuredSlice) -> tuple[Tensor, ...]:
    """Lines and mask of a slice whose phase encoding runs along Y, and sensitivities of coils."""
    spectrum, mask = torch.from_numpy(one.spectrum()), torch.from_numpy(one.mask.copy())
    if one.sensitivities is None:
        return spectrum[0], mask
    return spectrum, mask, torch.from_numpy(one.sensitivities)
