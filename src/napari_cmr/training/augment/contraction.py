"""Hearts that close further at end-systole than the one that was scanned."""

import numpy as np
from scipy.ndimage import map_coordinates

from napari_cmr.scan import Label


def contract(
    images: np.ndarray, labels: np.ndarray, spacing: tuple[float, float], amount: float
) -> tuple[np.ndarray, np.ndarray]:
    """Close the LV cavity further, the more the further it has closed already.

    Few hearts nearly empty, and a network that has hardly seen one keeps the cavity open. Each
    frame is pulled in around the middle of its cavity: the cavity shrinks evenly, the wall is
    stretched over what it gives up, and nothing outside the wall moves. Cavity and wall are taken
    for circles of the same areas.

    Parameters
    ----------
    images, labels : ndarray, shape (T, Y, X)
        Frames of one slice and their labels.
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    amount : float
        Share of the cavity's area that is lost in the frame where it is smallest, 0 to 1 (not 1
        itself).

    Returns
    -------
    images, labels : ndarray, shape (T, Y, X)
        Copies, also where nothing changes: the frames with the largest cavity, and those without.
    """
    images, labels = images.copy(), labels.copy()
    areas = (labels == Label.LV).sum((1, 2)).astype(float)
    present = areas[areas > 0]
    if not present.size or present.max() == present.min():
        return images, labels
    closed = (present.max() - areas) / (present.max() - present.min())
    dy, dx = spacing
    for t in np.nonzero((areas > 0) & (closed > 0))[0]:
        cavity = np.sqrt(areas[t] * dy * dx / np.pi)  # mm
        outer = np.sqrt(np.isin(labels[t], (Label.LV, Label.MYO)).sum() * dy * dx / np.pi)
        shrunk = cavity * np.sqrt(1 - amount * closed[t])
        if outer <= cavity:
            continue  # a cavity without a wall has nothing to thicken
        row, column = (float(places.mean()) for places in np.nonzero(labels[t] == Label.LV))
        window = tuple(
            slice(
                max(0, int(middle - outer / step)),
                int(middle + outer / step) + 2,
            )
            for middle, step in ((row, dy), (column, dx))
        )
        y, x = np.mgrid[: labels.shape[1], : labels.shape[2]][(slice(None), *window)]
        y, x = (y - row) * dy, (x - column) * dx
        radius = np.hypot(y, x)
        source = np.interp(radius, [0, shrunk, outer, 2 * outer], [0, cavity, outer, 2 * outer])
        factor = source / np.maximum(radius, 1e-6)
        places = np.stack([row + y * factor / dy, column + x * factor / dx])
        moved = map_coordinates(images[t], places, order=1, mode="nearest")
        images[t][window] = moved
        labels[t][window] = map_coordinates(labels[t], places, order=0, mode="nearest")
    return images, labels
