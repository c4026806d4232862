"""Centred orthonormal Fourier transforms of numpy arrays and torch tensors.

The zero frequency of an axis of length ``n`` lies at index ``n // 2``, in the image as in k-space,
and the transforms preserve the norm (Parseval). Torch tensors stay tensors, on their device and
with their gradients; torch itself is never imported here.
"""

from collections.abc import Sequence
from typing import Any

from napari_cmr.kspace._arrays import fft_module, is_torch


def fft1c(x: Any, axis: int = -1) -> Any:
    """Centred orthonormal 1-D transform along one axis, image to k-space.

    Parameters
    ----------
    x : ndarray or Tensor, any shape, real or complex
    axis : int

    Returns
    -------
    ndarray or Tensor, same shape, complex of the input's precision
    """
    return _centred(x, (axis,), inverse=False)


def ifft1c(x: Any, axis: int = -1) -> Any:
    """Inverse of :func:`fft1c`, k-space to image."""
    return _centred(x, (axis,), inverse=True)


def fft2c(x: Any, axes: Sequence[int] = (-2, -1)) -> Any:
    """Centred orthonormal 2-D transform along two axes, image to k-space.

    Parameters
    ----------
    x : ndarray or Tensor, any shape, real or complex
    axes : two ints

    Returns
    -------
    ndarray or Tensor, same shape, complex of the input's precision
    """
    return _centred(x, tuple(axes), inverse=False)


def ifft2c(x: Any, axes: Sequence[int] = (-2, -1)) -> Any:
    """Inverse of :func:`fft2c`, k-space to image."""
    return _centred(x, tuple(axes), inverse=True)


def _centred(x: Any, axes: tuple[int, ...], *, inverse: bool) -> Any:
    fft = fft_module(x)
    transform = fft.ifftn if inverse else fft.fftn
    if is_torch(x):
        shifted = fft.ifftshift(x, dim=axes)
        return fft.fftshift(transform(shifted, dim=axes, norm="ortho"), dim=axes)
    shifted = fft.ifftshift(x, axes=axes)
    return fft.fftshift(transform(shifted, axes=axes, norm="ortho"), axes=axes)
