"""From a scan and an acquisition to the lines measured and the images they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.kspace.masks import LineMask, line_mask
from napari_cmr.kspace.noise import complex_noise
from napari_cmr.kspace.partial_dft import LineTransform
from napari_cmr.kspace.phase import with_phase
from napari_cmr.kspace.pooling import pool_lines
from napari_cmr.scan import Scan, ScanError

_PHASE_STREAM, _NOISE_STREAM = 2, 3
_BRIGHTNESS_VOXELS = 1_000_000
_brightness: WeakKeyDictionary[Scan, float] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Undersampled:
    """What an accelerated acquisition of a scan gives; images are computed when they are asked for.

    Attributes
    ----------
    mask : LineMask
    acquisition : Acquisition
    lines : ndarray, shape (T, Z', n_max, n_readout), complex64
        Measured lines of each frame, ascending and packed to the left (see
        :func:`napari_cmr.kspace.partial_dft.pack_lines`; unused rows are zero): k-space along the
        phase encoding, image space along the read-out.
    slices : tuple of int
        Slices of the scan that were measured, in the order of the arrays.
    phase_encode_axis : {"Y", "X"}
    """

    mask: LineMask
    acquisition: Acquisition
    lines: np.ndarray
    slices: tuple[int, ...]
    phase_encode_axis: Literal["Y", "X"] = "Y"

    @cached_property
    def zero_filled(self) -> np.ndarray:
        """Each frame from its own lines, zero elsewhere in k-space: (T, Z', Y, X), complex64."""
        n_frames, n_slices, _, n_readout = self.lines.shape
        plane = (self._transform.n, n_readout)
        if self.phase_encode_axis == "X":
            plane = plane[::-1]
        images = np.empty((n_frames, n_slices, *plane), dtype=np.complex64)
        for i in range(n_slices):  # in place: a list of slices and their stack would be twice this
            images[:, i] = self._transform.adjoint(self.lines[:, i])
        return images

    @cached_property
    def temporal_average(self) -> np.ndarray:
        """Lines of all frames pooled onto one grid, ``(Z', Y, X)``, complex64.

        The mean where a line was taken several times, zero where it was never taken.
        """
        return pool_lines(self.lines, self._transform)

    def spectrum(self, index: int) -> np.ndarray:
        """Measured lines of one slice in their places, zero elsewhere.

        Parameters
        ----------
        index : int
            Of the slice among those that were measured.

        Returns
        -------
        ndarray, shape (T, N, n_readout), complex64
            See :meth:`napari_cmr.kspace.partial_dft.LineTransform.spectrum`.
        """
        return self._transform.spectrum(self.lines[:, index])

    def pooled(self, window: int) -> np.ndarray:
        """Images from the lines of ``window`` neighbouring frames, wrapping around the cycle.

        Parameters
        ----------
        window : odd int
            1 gives the zero-filled images, the number of frames or more the temporal average.

        Returns
        -------
        ndarray, shape (T, Z', Y, X), complex64
        """
        return pool_lines(self.lines, self._transform, window)

    @cached_property
    def _transform(self) -> LineTransform:
        return _transform_of(self.mask, self.phase_encode_axis)


def _transform_of(mask: LineMask, phase_encode_axis: Literal["Y", "X"]) -> LineTransform:
    return LineTransform(mask.array, axis=-2 if phase_encode_axis == "Y" else -1)


def undersample(
    scan: Scan,
    acquisition: Acquisition,
    *,
    slices: Sequence[int] | None = None,
    mask: LineMask | None = None,
) -> Undersampled:
    """Undersample a scan: keep the lines of the acquisition and fill the rest with zeros.

    Phase and noise are seeded slice by slice: a slice comes out the same alone as with its stack.

    Parameters
    ----------
    scan : Scan
    acquisition : Acquisition
    slices : sequence of int, optional
        Slices to compute; all by default.
    mask : LineMask, optional
        Lines to keep, instead of those that the acquisition would draw.

    Returns
    -------
    Undersampled

    Raises
    ------
    ScanError
        If a slice or a line does not exist, or the mask is of another scan.
    """
    chosen = tuple(range(scan.n_slices)) if slices is None else tuple(int(z) for z in slices)
    if not chosen or not all(0 <= z < scan.n_slices for z in chosen):
        raise ScanError(
            f"slices {list(chosen)} of a scan of {scan.n_slices}", source=scan.source or scan.name
        )
    if mask is None:
        mask = line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
    elif mask.array.shape != (scan.n_frames, scan.n_phase_encodes):
        raise ScanError(
            f"a mask of {mask.n_frames} frames x {mask.n_phase_encodes} lines for a scan of "
            f"{scan.n_frames} x {scan.n_phase_encodes}",
            source=scan.source or scan.name,
        )
    transform = _transform_of(mask, scan.phase_encode_axis)
    lines = [transform.forward(acquired_slice(scan, z, acquisition)) for z in chosen]
    return Undersampled(
        mask=mask,
        acquisition=acquisition,
        lines=np.stack(lines, axis=1),
        slices=chosen,
        phase_encode_axis=scan.phase_encode_axis,
    )


def acquired_slice(scan: Scan, z: int, acquisition: Acquisition) -> np.ndarray:
    """Complex image ``(T, Y, X)`` of one slice as the scanner would see it, with phase and noise.

    Complex scans keep their own phase.
    """
    image = scan.image[:, z]
    if not np.iscomplexobj(image):
        if acquisition.phase:
            image = with_phase(image, np.random.default_rng([acquisition.seed, _PHASE_STREAM, z]))
        else:
            image = image.astype(np.complex64)
    if acquisition.noise > 0:
        sd = acquisition.noise * brightness(scan)
        rng = np.random.default_rng([acquisition.seed, _NOISE_STREAM, z])
        image = image + complex_noise(image.shape, sd, rng)
    return image


def brightness(scan: Scan) -> float:
    """99th percentile of the magnitude of a scan, which noise levels refer to.

    Taken over every k-th voxel of large scans, about a million in all, and remembered.
    """
    if scan not in _brightness:
        step = max(1, scan.image.size // _BRIGHTNESS_VOXELS)
        _brightness[scan] = float(np.percentile(np.abs(scan.image.reshape(-1)[::step]), 99))
    return _brightness[scan]


def undersample_slice(
    image: np.ndarray, mask: np.ndarray, *, axis: int = -2
) -> tuple[np.ndarray, np.ndarray]:
    """Zero-filled images and temporal average of one slice, for training on the fly.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X), complex64
    mask : ndarray of bool, shape (T, N)
        Lines of each frame in centred order.
    axis : {-2, -1}
        Phase-encode axis of the image.

    Returns
    -------
    zero_filled : ndarray, shape (T, Y, X), complex64
    temporal_average : ndarray, shape (Y, X), complex64
    """
    zero_filled, (average,) = undersample_pooled(image, mask, windows=(None,), axis=axis)
    return zero_filled, average


def undersample_pooled(
    image: np.ndarray, mask: np.ndarray, *, windows: Sequence[int | None], axis: int = -2
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Zero-filled images of one slice, and its images pooled over several windows of frames.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X), complex64
    mask : ndarray of bool, shape (T, N)
        Lines of each frame in centred order.
    windows : sequence of odd int or None
        As in :func:`napari_cmr.kspace.pooling.pool_lines`; None pools all frames.
    axis : {-2, -1}
        Phase-encode axis of the image.

    Returns
    -------
    zero_filled : ndarray, shape (T, Y, X), complex64
    pooled : list of ndarray, complex64
        ``(T, Y, X)`` for a window, ``(Y, X)`` for None.
    """
    transform = LineTransform(mask, axis=axis)
    lines = transform.forward(image)
    return transform.adjoint(lines), [pool_lines(lines, transform, window) for window in windows]
