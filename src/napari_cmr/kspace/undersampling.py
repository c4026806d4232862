"""From a scan and an acquisition to the lines measured and the images they give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.kspace.fourier import fft1c, ifft1c
from napari_cmr.kspace.masks import LineMask, line_mask
from napari_cmr.kspace.noise import complex_noise
from napari_cmr.kspace.phase import with_phase
from napari_cmr.scan import Scan, ScanError

_PHASE_STREAM, _NOISE_STREAM = 2, 3


@dataclass(frozen=True, eq=False)
class Undersampled:
    """What an accelerated acquisition of a scan gives.

    Attributes
    ----------
    mask : LineMask
    acquisition : Acquisition
    zero_filled : ndarray, shape (T, Z', Y, X), complex64
        Each frame from its own lines, zero elsewhere in k-space.
    temporal_average : ndarray, shape (Z', Y, X), complex64
        The lines of all frames pooled onto one grid, the mean where a line was taken several
        times, zero where it was never taken.
    slices : tuple of int
        Slices of the scan that were computed, in the order of the arrays.
    phase_encode_axis : {"Y", "X"}
    """

    mask: LineMask
    acquisition: Acquisition
    zero_filled: np.ndarray
    temporal_average: np.ndarray
    slices: tuple[int, ...]
    phase_encode_axis: str = "Y"


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
    axis = -2 if scan.phase_encode_axis == "Y" else -1
    n_frames, _, *plane = scan.shape
    zero_filled = np.empty((n_frames, len(chosen), *plane), dtype=np.complex64)
    average = np.empty((len(chosen), *plane), dtype=np.complex64)
    for i, z in enumerate(chosen):
        image = acquired_slice(scan, z, acquisition)
        zero_filled[:, i], average[i] = undersample_slice(image, mask.array, axis=axis)
    return Undersampled(mask, acquisition, zero_filled, average, chosen, scan.phase_encode_axis)


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
        sd = acquisition.noise * float(np.percentile(np.abs(scan.image), 99))
        rng = np.random.default_rng([acquisition.seed, _NOISE_STREAM, z])
        image = image + complex_noise(image.shape, sd, rng)
    return image


def undersample_slice(
    image: np.ndarray, mask: np.ndarray, *, axis: int = -2
) -> tuple[np.ndarray, np.ndarray]:
    """Zero-filled images and temporal average of one slice.

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
    along = mask[:, :, None] if axis == -2 else mask[:, None, :]
    lines = fft1c(image, axis) * along
    zero_filled = ifft1c(lines, axis)
    taken = np.maximum(along.sum(axis=0, dtype=np.float32), 1.0)
    return zero_filled, ifft1c(lines.sum(axis=0) / taken, axis)
