"""How far label maps are from their mean shape, and the grid that subjects share."""

from dataclasses import dataclass

import numpy as np

from napari_cmr.analysis.contours import label_distances
from napari_cmr.scan import Label

SHAPE_LABELS = (Label.MYO, Label.RV)  # of Table 2
GRID_SIZE, GRID_SPACING_MM = 128, 1.5  # of the frame that subjects share


@dataclass(frozen=True)
class ShapeDistance:
    """Mean distances of shapes to their mean, in mm; None where no slice has both.

    Attributes
    ----------
    mean_contour, hausdorff : dict of str to float or None
        By label name, averaged over shapes, frames and slices.
    missing_percent : dict of str to float or None
        Share of shapes that lack a label which the mean has: no distance tells of them.
    """

    mean_contour: dict[str, float | None]
    hausdorff: dict[str, float | None]
    missing_percent: dict[str, float | None]


def distances_to_mean(
    labels: np.ndarray, mean: np.ndarray, spacing: tuple[float, float]
) -> ShapeDistance:
    """Distances of label maps (N, T, Z, Y, X) to a mean (T, Z, Y, X), in each slice's plane."""
    planes = mean.reshape(-1, *mean.shape[2:])
    distances = label_distances(
        labels.reshape(len(labels), *planes.shape),
        np.broadcast_to(planes, (len(labels), *planes.shape)),
        spacing,
        labels=SHAPE_LABELS,
    )
    lost = (distances.in_second & ~distances.in_first).sum(axis=(0, 1))
    there = distances.in_second.sum(axis=(0, 1))
    return ShapeDistance(
        mean_contour=_named(distances.mean("mean_contour")),
        hausdorff=_named(distances.mean("hausdorff")),
        missing_percent={
            label.name: 100.0 * int(a) / int(b) if b else None
            for label, a, b in zip(SHAPE_LABELS, lost, there, strict=True)
        },
    )


def to_common_frame(
    labels: np.ndarray, spacing: tuple[float, float], centre: tuple[float, float]
) -> np.ndarray:
    """Label maps (..., Y, X) on a grid around the heart that all subjects share.

    The heart's located centre comes to the middle; nothing is turned or scaled.

    Parameters
    ----------
    labels : ndarray of uint8, shape (..., Y, X)
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    centre : tuple of 2 floats
        Row and column of the heart, in pixels.

    Returns
    -------
    ndarray of uint8, shape (..., 128, 128)
        At 1.5 mm, by the nearest neighbour; background beyond the image.
    """
    offsets = (np.arange(GRID_SIZE) - (GRID_SIZE - 1) / 2) * GRID_SPACING_MM
    places, inside = [], []
    for middle, step, length in zip(centre, spacing, labels.shape[-2:], strict=True):
        nearest = np.rint(middle + offsets / step).astype(int)
        inside.append((nearest >= 0) & (nearest < length))
        places.append(np.clip(nearest, 0, length - 1))
    common = labels[..., places[0][:, None], places[1]]
    common[..., ~(inside[0][:, None] & inside[1])] = Label.BACKGROUND
    return common


def _named(values: dict[int, float]) -> dict[str, float | None]:
    return {
        Label(label).name: None if np.isnan(value) else value for label, value in values.items()
    }
