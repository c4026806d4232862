"""How a scan is acquired: Fourier transforms, line masks, phase, noise, coils, consistency."""

from napari_cmr.kspace.acquisition import Acquisition, Pattern
from napari_cmr.kspace.masks import LineMask, line_density, line_mask
from napari_cmr.kspace.measured import (
    Undersampled,
    undersample,
    undersample_pooled,
    undersample_slice,
)

__all__ = [
    "Acquisition",
    "LineMask",
    "Pattern",
    "Undersampled",
    "line_density",
    "line_mask",
    "undersample",
    "undersample_pooled",
    "undersample_slice",
]
