"""The brightness along a line over time: a picture in which temporal blurring shows at once."""

import numpy as np
from scipy.ndimage import map_coordinates

from napari_cmr.scan import ScanError

LENGTH_SHARE = 0.45
"""Of the shorter side of the image, for a line that nobody has drawn."""


def line_profile(image: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Brightness along a line in every frame, as an x-t picture.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X), real
        Magnitude of one slice.
    ends : array_like, shape (2, 2)
        Rows and columns in pixels of the line's start and end.

    Returns
    -------
    ndarray, shape (n, T), float32
        A row for each place, about a pixel apart, from start to end; a column for each frame.
        Linear between pixels.

    Raises
    ------
    ScanError
        If an end lies outside of the image, or both are one place.
    """
    start, end = np.asarray(ends, dtype=float)
    limits = np.array(image.shape[1:]) - 1
    if (np.minimum(start, end) < 0).any() or (np.maximum(start, end) > limits).any():
        raise ScanError("the line leaves the image", remedy="drag its ends back into the image")
    length = float(np.linalg.norm(end - start))
    if length < 1:
        raise ScanError("the line is shorter than a pixel", remedy="drag its ends apart")
    rows, columns = np.linspace(start, end, round(length) + 1).T
    frames = np.arange(len(image))[None, :] + np.zeros((rows.size, 1))
    places = np.stack(
        [frames, *(np.broadcast_to(one[:, None], frames.shape) for one in (rows, columns))]
    )
    profile: np.ndarray = map_coordinates(image.astype(np.float32, copy=False), places, order=1)
    return profile


def line_through_motion(image: np.ndarray) -> np.ndarray:
    """A level line through the part of a slice that moves most: a place to begin with.

    Parameters
    ----------
    image : ndarray, shape (T, Y, X), real

    Returns
    -------
    ndarray, shape (2, 2)
        Ends in rows and columns.
    """
    height, width = image.shape[1:]
    weight = image.var(axis=0) + 1e-12 * float(image.max() ** 2 + 1)  # of a still image, all alike
    rows, columns = np.indices(weight.shape)
    row, column = (float((one * weight).sum() / weight.sum()) for one in (rows, columns))
    half = LENGTH_SHARE * min(height, width) / 2
    column = float(np.clip(column, half, width - 1 - half))
    return np.array([[row, column - half], [row, column + half]])
