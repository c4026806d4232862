"""Data consistency: bring an image into agreement with the lines that were measured.

For line masks the read-out transform cancels and only the phase-encode axis is transformed. All
functions take numpy arrays and torch tensors (with gradients) alike.
"""

from typing import Any

import numpy as np

from napari_cmr.kspace._arrays import is_torch
from napari_cmr.kspace.fourier import fft1c, ifft1c


def data_consistency(
    image: Any,
    zero_filled: Any,
    mask: np.ndarray,
    *,
    axis: int = -2,
    weight: float | Any | None = None,
) -> Any:
    """Replace the measured lines of an image, or average them with the measurement.

    Minimises ``|y - x|^2 + weight |M F y - k|^2`` over ``y``: a measured line becomes
    ``(F x + weight k) / (1 + weight)``, and ``k`` itself where the data are taken as exact
    (Schlemper et al., "A deep cascade of convolutional neural networks for dynamic MR image
    reconstruction", IEEE TMI 37, 2018).

    Parameters
    ----------
    image : ndarray or Tensor, shape (..., Y, X), complex
    zero_filled : ndarray or Tensor, same shape, complex
        ``F^H k``: the measurement, zero-filled. Single coil, or coil images.
    mask : ndarray of bool, shape (T, N) or broadcastable to ``(..., N)``
        Measured lines in centred order. A ``(T, N)`` mask goes with the axis before ``(Y, X)``.
    axis : {-2, -1}
        Phase-encode axis.
    weight : float or 0-d Tensor, optional
        Trust in the data, not negative; None for exact data (hard consistency, idempotent).

    Returns
    -------
    ndarray or Tensor, same shape
    """
    keep = _along(mask, image, axis)
    share = keep if weight is None else keep * (weight / (1 + weight))
    # The measured lines of (zero_filled - image), since those of zero_filled are the measurement.
    difference = fft1c(zero_filled - image, axis)
    return image + ifft1c(difference * share, axis)


def multi_coil_data_consistency(
    image: Any,
    coil_zero_filled: Any,
    mask: np.ndarray,
    sensitivities: Any,
    *,
    axis: int = -2,
    weight: float | Any | None = None,
) -> Any:
    """Data consistency of coil images, recombined with the sensitivities.

    Each coil image ``S_c x`` is made consistent with its own lines and the results are combined by
    ``sum conj(S_c) y_c``, for sensitivities with ``sum |S|^2 = 1``: the closed form that splitting
    the coil images off gives (Duan et al., "VS-Net", MICCAI 2019).

    Parameters
    ----------
    image : ndarray or Tensor, shape (..., Y, X), complex
    coil_zero_filled : ndarray or Tensor, shape (C, ..., Y, X), complex
    mask : ndarray of bool
        As in :func:`data_consistency`.
    sensitivities : ndarray or Tensor, shape (C, ..., Y, X) or (C, Y, X), complex
    axis, weight
        As in :func:`data_consistency`.

    Returns
    -------
    ndarray or Tensor, shape (..., Y, X)
    """
    missing = image.ndim - (sensitivities.ndim - 1)
    maps = sensitivities.reshape(
        len(sensitivities), *[1] * missing, *tuple(sensitivities.shape[1:])
    )
    coil_images = data_consistency(
        maps * image[None], coil_zero_filled, mask, axis=axis, weight=weight
    )
    return (maps.conj() * coil_images).sum(0)


def _along(mask: np.ndarray, like: Any, axis: int) -> Any:
    """Mask as real numbers that broadcast against an image, of its kind, precision and device."""
    if is_torch(like):
        import torch

        keep: Any = torch.as_tensor(
            np.array(mask, dtype=np.float32) if not is_torch(mask) else mask
        )
        keep = keep.to(device=like.device, dtype=like.real.dtype)
    else:
        keep = np.asarray(mask, dtype=like.real.dtype)
    return keep[..., :, None] if axis == -2 else keep[..., None, :]
