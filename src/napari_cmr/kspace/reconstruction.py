"""An image reconstructed from measured lines, and what it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.kspace.masks import LineMask
from napari_cmr.scan import Notice
from napari_cmr.scan.summary import Summarised, counted


@dataclass(frozen=True, eq=False, repr=False)
class Reconstruction(Summarised):
    """What a solver or a network made of measured lines.

    Attributes
    ----------
    image : ndarray, shape (T, Z', Y, X), complex64
        On the scan's own grid.
    slices : tuple of int
        Slices of the scan, in the order of the image.
    method : str
        As the register names it.
    settings : mapping
        Of the method, JSON-ready.
    acquisition : Acquisition
    mask : LineMask
        Lines that it was made from.
    seconds : float
        Wall time of the reconstruction, without that of the acquisition.
    std : ndarray of float32, shape (T, Z', Y, X), or None
        Standard deviation of the magnitude, from methods that know it.
    weights : mapping of str to str, or None
        SHA-256 of the weights, by model, of what was trained.
    added : ndarray of float32, shape (T, Z', Y, X), or None
        What a refinement has added to the magnitude, from methods that refine.
    motion : ndarray of float32, shape (2, T, Z', Y, X), or None
        How far what is at each pixel of a reference frame lies from there, along Y and X, in
        pixels, from methods that read motion.
    notices : tuple of Notice
        What a user should know before relying on it.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """

    image: np.ndarray
    slices: tuple[int, ...]
    method: str
    settings: Mapping[str, Any]
    acquisition: Acquisition
    mask: LineMask
    seconds: float
    std: np.ndarray | None = None
    weights: Mapping[str, str] | None = None
    added: np.ndarray | None = None
    motion: np.ndarray | None = None
    notices: tuple[Notice, ...] = ()

    def _facts(self) -> dict[str, Any]:
        t, z, y, x = self.image.shape
        return {
            "method": self.method,
            "image": f"{counted(t, 'frame')} x {counted(z, 'slice')} x {y} x {x}",
            "lines": f"{self.acquisition.pattern}, seed {self.acquisition.seed}",
            "acceleration": f"{self.mask.acceleration:.1f}",
            "deviation": None if self.std is None else "yes",
            "motion": None if self.motion is None else "yes",
            "warnings": " ".join(one.text for one in self.notices) or None,
            "time": f"{self.seconds:.1f} s",
        }

    def __post_init__(self) -> None:
        if self.image.ndim != 4 or self.image.dtype != np.complex64:
            raise ValueError(f"{self.image.dtype} {self.image.shape} is no complex64 (T, Z, Y, X)")
        if self.image.shape[1] != len(self.slices):
            raise ValueError(f"{len(self.slices)} slices for an image of {self.image.shape}")
        for name, part in (("std", self.std), ("what was added", self.added)):
            if part is not None and part.shape != self.image.shape:
                raise ValueError(f"{name} of {part.shape} for an image of {self.image.shape}")
        if self.motion is not None and self.motion.shape != (2, *self.image.shape):
            raise ValueError(f"motion of {self.motion.shape} for an image of {self.image.shape}")
