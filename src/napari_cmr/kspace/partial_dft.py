"""Transform between images and the few k-space lines that were measured.

A line mask keeps or drops whole read-outs, so the transform along the read-out axis cancels between
the forward and the inverse transform: only the phase-encode axis is transformed here, and a
*measured line* is in k-space along phase encoding and in image space along the read-out.

Few lines are cheaper as a matrix product than as an FFT of which most is thrown away. The product
is a real one, of the cosines and sines of the lines with the interleaved real and imaginary parts
of the image, which BLAS multiplies faster than complex numbers. The centring shifts are folded
into the matrices.
"""

import os
from functools import cached_property
from typing import Any, Literal

import numpy as np

from napari_cmr.kspace._arrays import is_torch

Method = Literal["auto", "matmul", "fft"]

LINES_PER_OCTAVE = 1.25
"""Up to ``LINES_PER_OCTAVE * log2(N)`` lines the matrix product is used, above it the FFT.

The product costs ``n_lines`` operations a pixel, the FFT some multiple of ``log2(N)``. Where they
meet differs from machine to machine (``benchmarks/kspace.py`` prints both), but is not measured:
the two differ by rounding, and the same scan must give the same labels in every process.
"""

_UNTHREADED_PRODUCT = 500_000
"""Multiplications below which BLAS keeps a product on the calling thread.

OpenBLAS, which numpy brings, takes a second thread from ``2 * 4 * 65536`` on. A product this small
gains nothing from it, and loses sixtyfold where the cores are busy with a network, because BLAS
threads spin while they wait for each other.
"""


def pack_lines(mask: np.ndarray) -> np.ndarray:
    """Indices of the lines of every frame, packed to the left.

    Parameters
    ----------
    mask : ndarray of bool, shape (T, N)

    Returns
    -------
    ndarray of intp, shape (T, n_max)
        Ascending; frames with fewer than ``n_max`` lines are padded with -1.
    """
    counts = mask.sum(axis=1)
    index = np.full((len(mask), int(counts.max(initial=0))), -1, dtype=np.intp)
    frame, line = np.nonzero(mask)
    position = np.arange(frame.size) - np.repeat(np.cumsum(counts) - counts, counts)
    index[frame, position] = line
    return index


class LineTransform:
    """Measurement of the lines of a mask, and its adjoint.

    Images are ``(T, ..., Y, X)`` and lines ``(T, ..., n_max, n_readout)``, complex64 numpy arrays,
    or torch tensors of any precision and device. The transform is centred and orthonormal.

    Parameters
    ----------
    mask : ndarray of bool, shape (T, N)
        Lines of every frame in centred order. Frames may keep different numbers of lines, or none.
    axis : {-2, -1}
        Phase-encode axis of the images.
    method : {"auto", "matmul", "fft"}
        ``auto`` takes the faster one for the mask. Tensors always use the product.

    Attributes
    ----------
    index : ndarray of intp, shape (T, n_max)
        Line in each row of the packed lines; -1 where a frame has no more lines (rows of zeros).
    """

    def __init__(self, mask: np.ndarray, *, axis: int = -2, method: Method = "auto") -> None:
        if axis not in (-2, -1):
            raise ValueError(f"phase-encode axis {axis} is neither -2 (Y) nor -1 (X)")
        self.mask = np.asarray(mask, dtype=bool)
        self.axis = axis
        self.index = pack_lines(self.mask)
        self.n = self.mask.shape[1]
        few = self.index.shape[1] <= LINES_PER_OCTAVE * np.log2(max(self.n, 2))
        self.method = ("matmul" if few else "fft") if method == "auto" else method

    def forward(self, image: Any) -> Any:
        """Measure the lines of images ``(T, ..., Y, X)``."""
        if is_torch(image):
            planes = image if self.axis == -2 else image.transpose(-1, -2)
            return self._tensor_matrix(image) @ planes
        planes = self._planes(image)
        if self.method == "matmul" and self._at_once(planes):
            return _analyse_all(planes, self._stacked(planes.ndim))
        lines = np.empty((*planes.shape[:-2], *self._line_shape(planes)), dtype=np.complex64)
        if self.method == "matmul":
            for frame, *rest in np.ndindex(planes.shape[:-2]):
                here = (frame, *rest)
                _analyse(planes[here], self._matrices[frame], lines[here])
        else:
            spectrum = _fft(planes)
            uncentred, phase = self._uncentred
            for frame in range(len(planes)):
                lines[frame] = spectrum[frame][..., uncentred[frame], :]
                lines[frame] *= phase[frame][:, None]
        return lines

    def adjoint(self, lines: Any) -> Any:
        """Zero-filled images of packed lines ``(T, ..., n_max, n_readout)``."""
        if is_torch(lines):
            planes = self._tensor_matrix(lines).mH @ lines
            return planes if self.axis == -2 else planes.transpose(-1, -2)
        lines = np.ascontiguousarray(lines, dtype=np.complex64)
        n_readout = lines.shape[-1]
        plane = (self.n, n_readout) if self.axis == -2 else (n_readout, self.n)
        if self.method == "matmul" and self.axis == -2 and self._at_once(lines):
            return _synthesise_all(lines, self._stacked(lines.ndim))
        if self.method == "matmul":
            image = np.empty((*lines.shape[:-2], *plane), dtype=np.complex64)
            planes = self._planes(image)
            for frame, *rest in np.ndindex(lines.shape[:-2]):
                here = (frame, *rest)
                _synthesise(lines[here], self._matrices[frame], planes[here])
            return image
        spectrum = self._placed(lines, self._uncentred[0])
        return self._from_planes(_fft(spectrum, inverse=True))

    def spectrum(self, lines: np.ndarray) -> np.ndarray:
        """Packed lines ``(T, ..., n_max, n_readout)`` in their places, zero elsewhere.

        Returns
        -------
        ndarray, shape (T, ..., N, n_readout), complex64
            In centred order, for an image whose origin is its first row rather than its middle:
            a plain FFT of the zero-filled planes along axis -2, shifted, gives the same.
        """
        return self._placed(lines, self.index)

    def pack(self, spectrum: np.ndarray) -> np.ndarray:
        """Measured rows of a whole centred spectrum, as :meth:`forward` packs them.

        Parameters
        ----------
        spectrum : ndarray, shape (T, ..., N, n_readout), complex
            Of a centred transform along the phase encoding, as raw data come.

        Returns
        -------
        ndarray, shape (T, ..., n_max, n_readout), complex64
        """
        shape = (*spectrum.shape[:-2], self.index.shape[1], spectrum.shape[-1])
        lines = np.zeros(shape, dtype=np.complex64)
        for frame, count in enumerate(self.mask.sum(axis=1)):
            lines[frame, ..., :count, :] = spectrum[frame][..., self.index[frame, :count], :]
        return lines

    def _placed(self, lines: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Put every line ``(T, ..., n_max, n_readout)`` into its place, with an FFT's origin."""
        placed = np.zeros((*lines.shape[:-2], self.n, lines.shape[-1]), dtype=np.complex64)
        phase = self._uncentred[1].conj()
        for frame, count in enumerate(self.mask.sum(axis=1)):
            placed[frame][..., places[frame, :count], :] = (
                lines[frame, ..., :count, :] * phase[frame, :count, None]
            )
        return placed

    def zero_filled(self, image: Any) -> Any:
        """Measure and zero-fill at once: ``F^H M F x``, same shape as the image."""
        if self.method == "matmul" or is_torch(image):
            return self.adjoint(self.forward(image))
        spectrum = _fft(self._planes(image))
        keep = np.fft.ifftshift(self.mask, axes=1)
        spectrum *= keep.reshape(len(keep), *[1] * (spectrum.ndim - 3), self.n, 1)
        return self._from_planes(_fft(spectrum, inverse=True))

    def _at_once(self, planes: np.ndarray) -> bool:
        """Whether one product for all planes stays on this thread, and needs no copies."""
        size = 2 * self.index.shape[1] * self.n * 2 * planes.shape[-1]
        return 0 < size <= _UNTHREADED_PRODUCT and planes.flags.c_contiguous

    def _stacked(self, ndim: int) -> np.ndarray:
        """Matrices that broadcast over what lies between frames and planes."""
        waves = self._matrices
        return waves.reshape(len(waves), *[1] * (ndim - 3), *waves.shape[1:])

    def _line_shape(self, planes: np.ndarray) -> tuple[int, int]:
        return self.index.shape[1], planes.shape[-1]

    def _planes(self, image: np.ndarray) -> np.ndarray:
        """View with the phase-encode axis before the read-out."""
        image = np.asarray(image, dtype=np.complex64)
        shape = (image.shape[0], image.shape[self.axis])
        if image.ndim < 3 or shape != self.mask.shape:
            raise ValueError(f"image of shape {image.shape} for a mask of {self.mask.shape}")
        return image if self.axis == -2 else image.swapaxes(-1, -2)

    def _from_planes(self, planes: np.ndarray) -> np.ndarray:
        return planes if self.axis == -2 else np.ascontiguousarray(planes.swapaxes(-1, -2))

    @cached_property
    def _matrices(self) -> np.ndarray:
        """Cosines, then sines, of every line, ``(T, 2 n_max, N)``."""
        centre = self.n // 2
        # Reduced in integers: k * v / N in single precision would lose the phase of far lines.
        step = ((self.index - centre)[:, :, None] * (np.arange(self.n) - centre)) % self.n
        angle = 2 * np.pi * np.arange(self.n) / self.n
        scale = 1 / np.sqrt(self.n)
        waves = [(wave(angle) * scale).astype(np.float32)[step] for wave in (np.cos, np.sin)]
        for wave in waves:
            wave[self.index < 0] = 0
        return np.concatenate(waves, axis=1)

    @cached_property
    def _uncentred(self) -> tuple[np.ndarray, np.ndarray]:
        """FFT bin of each packed line, and the phase from the FFT's origin to the centre."""
        k = self.index - self.n // 2
        phase = np.exp(2j * np.pi * ((k * (self.n // 2)) % self.n) / self.n)
        return k % self.n, np.where(self.index >= 0, phase, 0).astype(np.complex64)

    def _tensor_matrix(self, like: Any) -> Any:
        """Complex DFT matrices ``(T, 1..., n_max, N)`` on the device of a tensor."""
        k = self.index - self.n // 2
        step = (k[:, :, None] * (np.arange(self.n) - self.n // 2)) % self.n
        matrix = np.exp(-2j * np.pi * step / self.n) / np.sqrt(self.n)
        matrix[self.index < 0] = 0
        matrix = matrix.reshape(len(k), *[1] * (like.ndim - 3), *matrix.shape[1:])
        import torch

        return torch.from_numpy(matrix).to(device=like.device, dtype=like.dtype)


def _analyse(plane: np.ndarray, waves: np.ndarray, lines: np.ndarray) -> None:
    """Write the lines of one ``(N, n_readout)`` plane: ``(C - iS) x``."""
    n = len(lines)
    parts = np.empty((2 * n, plane.shape[1]), dtype=np.complex64)
    _multiply(waves, np.ascontiguousarray(plane), parts)
    np.subtract(parts[:n], np.complex64(1j) * parts[n:], out=lines)


def _synthesise(lines: np.ndarray, waves: np.ndarray, plane: np.ndarray) -> None:
    """Write the zero-filled plane of some lines: ``(C + iS)^T k``."""
    parts = np.concatenate([lines, np.complex64(1j) * lines])
    if plane.flags.c_contiguous:
        _multiply(waves.T, parts, plane)
    else:
        target = np.empty(plane.shape, dtype=np.complex64)
        _multiply(waves.T, parts, target)
        plane[...] = target


def _analyse_all(planes: np.ndarray, waves: np.ndarray) -> np.ndarray:
    """:func:`_analyse` of all planes, in one call: for few lines the calls are what costs."""
    parts = np.matmul(waves, planes.view(np.float32)).view(np.complex64)
    n = waves.shape[-2] // 2
    lines: np.ndarray = parts[..., :n, :] - np.complex64(1j) * parts[..., n:, :]
    return lines


def _synthesise_all(lines: np.ndarray, waves: np.ndarray) -> np.ndarray:
    """:func:`_synthesise` of all planes, in one call."""
    parts = np.concatenate([lines, np.complex64(1j) * lines], axis=-2).view(np.float32)
    planes: np.ndarray = np.matmul(waves.swapaxes(-1, -2), parts).view(np.complex64)
    return planes


def _multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Real matrix times complex matrix, in pieces that BLAS keeps on this thread."""
    right, result = b.view(np.float32), out.view(np.float32)
    rows = max(2, _UNTHREADED_PRODUCT // max(right.size, 1))
    for start in range(0, len(a), rows):
        np.matmul(a[start : start + rows], right, out=result[start : start + rows])


def _fft(planes: np.ndarray, *, inverse: bool = False) -> np.ndarray:
    """Uncentred orthonormal transform along the phase-encode axis of planes, on all cores."""
    from scipy import fft

    transform = fft.ifft if inverse else fft.fft
    result: np.ndarray = transform(
        planes, axis=-2, norm="ortho", overwrite_x=inverse, workers=_n_cores()
    )
    return result


def _n_cores() -> int:
    """Count the cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
