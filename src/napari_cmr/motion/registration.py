"""Dense registration of image stacks, slice by slice, by a smooth invertible motion.

The motion from one picture to another is the flow of a stationary velocity field ``v``:
``exp(s v)`` for ``s`` from 0 to 1 is a smooth path of invertible maps with ``exp(-s v)`` as inverse
(Arsigny et al., MICCAI 2006). The field is found by log-domain demons (Vercauteren et al., MICCAI
2008) in a form that treats both pictures alike: both are warped halfway, and several channels
(intensity, signed distances to tissue borders) are matched at once.

Fields have shape ``(2, Z, Y, X)``: displacement along Y and X in pixels. A map pulls back: the
warped picture at ``p`` is the picture at ``p + displacement(p)``. Slices never mix.
"""

from collections.abc import Sequence

import numpy as np


def warp(stack: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    """Pull a stack back through a displacement field, linear between pixels.

    Parameters
    ----------
    stack : ndarray of float, shape (..., Z, Y, X)
        Pictures, at least 2 x 2 pixels; leading axes are channels that share the motion.
    displacement : ndarray of float, shape (2, Z, Y, X)
        In pixels, along Y and X.

    Returns
    -------
    ndarray of float32, shape (..., Z, Y, X)
        Beyond the border the nearest pixel counts.
    """
    n_slices, n_rows, n_columns = stack.shape[-3:]
    y = np.clip(displacement[0] + np.arange(n_rows, dtype=np.float32)[:, None], 0, n_rows - 1)
    x = np.clip(displacement[1] + np.arange(n_columns, dtype=np.float32), 0, n_columns - 1)
    row = np.minimum(y.astype(np.int32), n_rows - 2)
    column = np.minimum(x.astype(np.int32), n_columns - 2)
    fy, fx = (y - row).astype(np.float32).ravel(), (x - column).astype(np.float32).ravel()
    first_row = np.arange(n_slices, dtype=np.int32)[:, None, None] * n_rows
    # One index serves all four corners and all channels: twice as fast as SciPy for a few channels.
    index = ((first_row + row) * n_columns + column).ravel()
    channels = stack.reshape(-1, n_slices * n_rows * n_columns).astype(np.float32, copy=False)
    warped = np.empty_like(channels)
    for pixels, out in zip(channels, warped, strict=True):
        left, right = pixels.take(index), pixels[1:].take(index)
        upper = left + fx * (right - left)
        left, right = pixels[n_columns:].take(index), pixels[n_columns + 1 :].take(index)
        lower = left + fx * (right - left)
        out[:] = upper + fy * (lower - upper)
    return warped.reshape(stack.shape)


def warp_spline(coefficients: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    """Pull a stack back through a displacement field, by cubic splines, which keep it sharp.

    Parameters
    ----------
    coefficients : ndarray, shape (Z, Y, X)
        From :func:`spline_coefficients`.
    displacement : ndarray, shape (2, Z, Y, X)
        In pixels, along Y and X.

    Returns
    -------
    ndarray of float32, shape (Z, Y, X)
        Beyond the border the nearest pixel counts.
    """
    from scipy.ndimage import map_coordinates

    rows = np.arange(coefficients.shape[1], dtype=np.float32)[:, None]
    columns = np.arange(coefficients.shape[2], dtype=np.float32)
    warped = np.empty(coefficients.shape, np.float32)
    for z, picture in enumerate(coefficients):
        places = (displacement[0, z] + rows, displacement[1, z] + columns)
        map_coordinates(picture, places, output=warped[z], order=3, mode="nearest", prefilter=False)
    return warped


def spline_coefficients(stack: np.ndarray) -> np.ndarray:
    """Cubic spline coefficients of each slice of a ``(Z, Y, X)`` stack (:func:`warp_spline`)."""
    from scipy.ndimage import spline_filter

    return np.stack([spline_filter(picture, 3, np.float32, mode="nearest") for picture in stack])


def exponential(velocity: np.ndarray) -> np.ndarray:
    """Displacement of the flow of a velocity field after unit time (scaling and squaring).

    Parameters
    ----------
    velocity : ndarray, shape (2, Z, Y, X)

    Returns
    -------
    ndarray of float32, shape (2, Z, Y, X)
    """
    # A first step of less than half a pixel keeps every factor invertible.
    longest = float(np.abs(velocity).max(initial=0.0))
    n_squarings = int(np.ceil(np.log2(max(longest, 0.5) / 0.5))) + 1 if longest > 1e-6 else 0
    displacement = (velocity / 2**n_squarings).astype(np.float32)
    for _ in range(n_squarings):
        displacement = displacement + warp(displacement, displacement)
    return displacement


def jacobian_determinant(displacement: np.ndarray) -> np.ndarray:
    """Local change of area under a map; at or below zero the map folds.

    Parameters
    ----------
    displacement : ndarray, shape (2, Z, Y, X)

    Returns
    -------
    ndarray, shape (Z, Y, X)
    """
    (dyy, dyx), (dxy, dxx) = (np.gradient(component, axis=(1, 2)) for component in displacement)
    return (1 + dyy) * (1 + dxx) - dyx * dxy


def register(
    first: np.ndarray,
    second: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    levels: Sequence[tuple[int, int]] = ((4, 20), (2, 20), (1, 12)),
    stiffness: float = 1.0,
    update_sigma: float = 1.5,
    field_sigma: float = 0.8,
) -> np.ndarray:
    """Find the velocity field whose flow carries one stack of pictures into another.

    Parameters
    ----------
    first, second : ndarray, shape (C, Z, Y, X)
        Channels to be matched by the same motion, scaled so that equal differences matter equally.
    weights : ndarray, shape (C, Z), optional
        How much each channel counts in each slice; 0 leaves it out.
    levels : sequence of (int, int)
        Coarsening factor and number of iterations of every level of the pyramid, coarse first.
    stiffness : float
        Squared channel gradient (per pixel) below which steps are damped.
    update_sigma, field_sigma : float
        Gaussian smoothing of every step and of the field itself, in pixels of the level.

    Returns
    -------
    ndarray of float32, shape (2, Z, Y, X)
        Velocity ``v`` in pixels: ``warp(first, exponential(v))`` is like ``second``, and
        ``warp(second, exponential(-v))`` like ``first``.
    """
    from scipy.ndimage import gaussian_filter

    n_channels, n_slices, n_rows, n_columns = first.shape
    if weights is None:
        weights = np.ones((n_channels, n_slices))
    weight = weights[:, :, None, None].astype(np.float32)
    velocity = np.zeros((2, n_slices, 1, 1), np.float32)
    for factor, n_iterations in levels:
        shape = (max(n_rows // factor, 8), max(n_columns // factor, 8))
        level_first = resize(_anti_alias(first, factor), shape)
        level_second = resize(_anti_alias(second, factor), shape)
        velocity = resize_field(velocity, shape)
        for _ in range(n_iterations):
            moved_first = warp(level_first, exponential(velocity / 2))
            moved_second = warp(level_second, exponential(-velocity / 2))
            difference = moved_first - moved_second
            gy, gx = np.gradient((moved_first + moved_second) / 2, axis=(2, 3))
            # Gauss-Newton step of every pixel: one 2x2 system over all channels.
            yy = (weight * gy * gy).sum(0) + stiffness
            xx = (weight * gx * gx).sum(0) + stiffness
            yx = (weight * gy * gx).sum(0)
            by = (weight * gy * difference).sum(0)
            bx = (weight * gx * difference).sum(0)
            determinant = yy * xx - yx * yx
            step = np.stack([(yx * bx - xx * by) / determinant, (yx * by - yy * bx) / determinant])
            np.clip(step, -2, 2, out=step)
            velocity = velocity + gaussian_filter(step, (0, 0, update_sigma, update_sigma))
            velocity = gaussian_filter(velocity, (0, 0, field_sigma, field_sigma))
    return resize_field(velocity, (n_rows, n_columns))


def resize(stack: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resample the last two axes to ``shape``, linearly, the corners of the view kept in place."""
    rows = _linear_weights(stack.shape[-2], shape[0])
    columns = _linear_weights(stack.shape[-1], shape[1])
    return rows @ stack.astype(np.float32, copy=False) @ columns.T


def resize_field(field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resample a ``(2, Z, Y, X)`` field as :func:`resize` does, and its pixels with it."""
    scale = np.array([new / old for new, old in zip(shape, field.shape[-2:], strict=True)])
    return resize(field, shape) * scale[:, None, None, None].astype(np.float32)


def _linear_weights(n_old: int, n_new: int) -> np.ndarray:
    """Matrix ``(n_new, n_old)`` that interpolates between pixel centres."""
    places = np.clip((np.arange(n_new) + 0.5) * n_old / n_new - 0.5, 0, n_old - 1)
    below = np.minimum(places.astype(int), max(n_old - 2, 0))
    matrix = np.zeros((n_new, n_old), np.float32)
    matrix[np.arange(n_new), below] = 1 - (places - below)
    if n_old > 1:
        matrix[np.arange(n_new), below + 1] += places - below
    return matrix


def _anti_alias(stack: np.ndarray, factor: int) -> np.ndarray:
    if factor == 1:
        return stack
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(stack, (0, 0, 0.4 * factor, 0.4 * factor))
