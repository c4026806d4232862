"""Measured k-space: the lines of every receive coil, with their phase, as a raw file holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.geometry import Geometry


@dataclass(frozen=True, eq=False)
class RawKSpace:
    """K-space of a Cartesian acquisition, coil by coil.

    The arrays are *hybrid*: k-space along the phase-encode axis and image space along the
    read-out. Whole lines are measured or not, so everything that is done to lines needs the
    transform along the phase encoding alone, and read-out oversampling can be cut off without
    loss. Both transforms are centred and orthonormal: the zero frequency lies at index ``n // 2``.

    Attributes
    ----------
    kspace : ndarray, shape (C, T, Z, Y, X), complex64
        Coil, cardiac phase, slice, row, column; zero where no line was measured. Averages are
        averaged.
    measured : ndarray of bool, shape (T, Z, N)
        Lines that were acquired, in centred order; ``N`` is the length of the phase-encode axis.
    geometry : Geometry
        Of the images that the k-space gives: one voxel for each of its samples.
    phase_encode_axis : {"Y", "X"}

    Raises
    ------
    ScanError
        If shapes disagree, nothing was measured, or k-space holds NaN or infinity.
    """

    kspace: np.ndarray
    measured: np.ndarray
    geometry: Geometry
    phase_encode_axis: Literal["Y", "X"] = "Y"

    def __post_init__(self) -> None:
        kspace = np.asarray(self.kspace)
        if kspace.ndim != 5 or kspace.size == 0:
            raise ScanError(f"k-space of shape {kspace.shape} is not (coils, T, Z, Y, X)")
        kspace = kspace.astype(np.complex64, copy=False)
        if not all(np.isfinite(coil).all() for coil in kspace):
            raise ScanError(
                "k-space holds NaN or infinite values", remedy="export it again from the scanner"
            )
        object.__setattr__(self, "kspace", kspace)
        measured = np.asarray(self.measured, dtype=bool)
        wanted = (self.n_frames, self.n_slices, self.n_phase_encodes)
        if measured.shape != wanted:
            raise ScanError(
                f"measured lines of shape {measured.shape} for {wanted} (frames, slices, lines)"
            )
        if not measured.any():
            raise ScanError("no line of k-space was measured")
        measured.setflags(write=False)
        object.__setattr__(self, "measured", measured)
        if self.geometry.n_slices != self.n_slices:
            raise ScanError(
                f"geometry of {self.geometry.n_slices} slices for k-space of {self.n_slices}"
            )

    @property
    def n_coils(self) -> int:
        """Number of receive coils C."""
        return int(self.kspace.shape[0])

    @property
    def n_frames(self) -> int:
        """Number of cardiac phases T."""
        return int(self.kspace.shape[1])

    @property
    def n_slices(self) -> int:
        """Number of slices Z."""
        return int(self.kspace.shape[2])

    @property
    def n_phase_encodes(self) -> int:
        """Number of lines of a fully sampled frame."""
        return int(self.kspace.shape[self._axis])

    @property
    def is_fully_sampled(self) -> bool:
        """Whether every line of every frame was measured."""
        return bool(self.measured.all())

    def coil_images(self, z: int) -> np.ndarray:
        """Zero-filled images of one slice, coil by coil: (C, T, Y, X), complex64."""
        lines = self.kspace[:, :, z]
        axis = self._axis
        shifted = np.fft.ifftshift(lines, axes=axis)
        images = np.fft.fftshift(np.fft.ifft(shifted, axis=axis, norm="ortho"), axes=axis)
        return images.astype(np.complex64, copy=False)

    def images(self) -> np.ndarray:
        """Zero-filled images of all slices: (T, Z, Y, X).

        Returns
        -------
        ndarray
            complex64 of one coil, with the phase that was measured; of several coils the root of
            the sum of squares (Roemer et al., Magn Reson Med 16, 1990), float32, which needs no
            sensitivities.
        """
        dtype = np.complex64 if self.n_coils == 1 else np.float32
        result = np.empty(self.kspace.shape[1:], dtype=dtype)
        for z in range(self.n_slices):  # slice by slice: the coil images of all are not needed
            coils = self.coil_images(z)
            if self.n_coils == 1:
                result[:, z] = coils[0]
            else:
                result[:, z] = np.sqrt((coils.real**2 + coils.imag**2).sum(axis=0))
        return result

    def select_slices(self, index: Sequence[int]) -> "RawKSpace":
        """K-space of some of the slices, in the order given."""
        index = list(index)
        return RawKSpace(
            kspace=self.kspace[:, :, index],
            measured=self.measured[:, index],
            geometry=self.geometry.select_slices(index),
            phase_encode_axis=self.phase_encode_axis,
        )

    @property
    def _axis(self) -> int:
        return -2 if self.phase_encode_axis == "Y" else -1
