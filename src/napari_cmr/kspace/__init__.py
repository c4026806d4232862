"""How a scan is acquired: Fourier transforms, line masks, phase, noise, coils, consistency."""

from napari_cmr.kspace.acquisition import Acquisition, Pattern

__all__ = ["Acquisition", "Pattern"]
