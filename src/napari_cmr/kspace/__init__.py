"""How a scan is acquired: Fourier transforms, line masks, phase, noise, coils, consistency."""

from napari_cmr.kspace.acquisition import Acquisition, Pattern
from napari_cmr.kspace.masks import LineMask, line_density, line_mask
from napari_cmr.kspace.measured import Measured, undersample
from napari_cmr.kspace.measured_slice import MeasuredSlice

__all__ = [
    "Acquisition",
    "LineMask",
    "Measured",
    "MeasuredSlice",
    "Pattern",
    "line_density",
    "line_mask",
    "undersample",
]
