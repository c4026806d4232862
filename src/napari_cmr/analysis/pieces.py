"""Connected pieces of a mask."""

import numpy as np


def largest_piece(mask: np.ndarray, connectivity: int | None = None) -> np.ndarray:
    """Largest connected piece of a mask.

    Parameters
    ----------
    mask : ndarray of bool
    connectivity : int, optional
        Pixels are neighbours if they differ in at most so many axes, by one in each; in all axes
        by default, so that pixels that touch at a corner are connected.

    Returns
    -------
    ndarray of bool, same shape
        Of several pieces of the same size, the first; an empty mask stays empty.
    """
    from scipy.ndimage import generate_binary_structure, label

    structure = generate_binary_structure(mask.ndim, connectivity or mask.ndim)
    pieces, count = label(mask, structure)
    if count < 2:
        return mask
    largest: np.ndarray = pieces == 1 + int(np.bincount(pieces.ravel())[1:].argmax())
    return largest
