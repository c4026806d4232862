"""Mean shapes of many label maps of one heart, kept as running sums.

The mean is taken of signed distances to the borders of LV, of LV with MYO, and of RV, so that a
thin wall keeps its thickness where a vote of the pixels would break it.
"""

from math import ceil

import numpy as np

from napari_cmr.scan import Label

#: Farther from a border than this, a point says nothing more about the mean shape.
DISTANCE_CAP_MM = 10.0
#: Distances are summed in whole steps of 1/16 mm: sums of many maps then fit into 16 bits.
STEPS_PER_MM = 16
_CAP = round(DISTANCE_CAP_MM * STEPS_PER_MM)
_N_BORDERS = 3  # of LV, of LV with MYO, of RV


class ShapeSum:
    """Sum of the signed distances of label maps, from which their mean shape can be read.

    Adding a map costs no more memory: 6 bytes a pixel for up to 204 maps, 12 for more. A tissue
    that fewer than half of the maps hold is left out of the mean; maps without it do not count for
    its shape.

    Parameters
    ----------
    shape : tuple of int
        ``(..., Y, X)`` of the label maps; each plane has a mean of its own.
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.
    capacity : int
        Largest number of maps that will be added.
    """

    def __init__(self, shape: tuple[int, ...], spacing: tuple[float, float], capacity: int) -> None:
        self.shape = shape
        self.spacing = spacing
        self.n = 0
        n_planes = int(np.prod(shape[:-2]))
        # Sums of distance + cap, which is zero away from the label: only its surroundings change.
        dtype = np.uint16 if 2 * _CAP * capacity <= np.iinfo(np.uint16).max else np.uint32
        self._total = np.zeros((n_planes, _N_BORDERS, *shape[-2:]), dtype)
        self._held = np.zeros((n_planes, _N_BORDERS), np.int64)

    def add(self, labels: np.ndarray) -> None:
        """Add one label map, of the shape that was announced."""
        self.n += 1
        for plane, total, held in zip(
            labels.reshape(-1, *self.shape[-2:]), self._total, self._held, strict=True
        ):
            if not plane.any():
                continue
            lv = plane == Label.LV
            for border, mask in enumerate((lv, lv | (plane == Label.MYO), plane == Label.RV)):
                if mask.any():
                    held[border] += 1
                    self._add(total[border], mask)

    def _add(self, total: np.ndarray, mask: np.ndarray) -> None:
        """Add one mask; beyond the box around it every distance is capped."""
        from scipy.ndimage import distance_transform_edt

        box = []
        for axis, step in enumerate(self.spacing):
            inside = np.flatnonzero(mask.any(axis=1 - axis))
            reach = ceil(DISTANCE_CAP_MM / step)
            box.append(slice(max(0, inside[0] - reach), inside[-1] + 1 + reach))
        padded = np.pad(mask[*box], 1)
        inward = distance_transform_edt(padded, sampling=self.spacing)
        outward = distance_transform_edt(~padded, sampling=self.spacing)
        half = min(self.spacing) / 2  # a border runs between pixels
        signed = np.where(padded, inward - half, half - outward)[1:-1, 1:-1]
        steps = np.rint(signed.clip(-DISTANCE_CAP_MM, DISTANCE_CAP_MM) * STEPS_PER_MM) + _CAP
        total[*box] += steps.astype(total.dtype)

    def mean(self) -> np.ndarray:
        """Mean shape of what was added: uint8, of the shape of the maps."""
        mean = np.zeros((len(self._total), *self.shape[-2:]), np.uint8)
        known = (self._held > 0) & (2 * self._held >= self.n)
        for plane in np.flatnonzero(known.any(axis=1)):
            lv, heart, rv = (
                total / held - _CAP if is_known else np.float64(-np.inf)
                for total, held, is_known in zip(
                    self._total[plane], self._held[plane], known[plane], strict=True
                )
            )
            found = mean[plane]
            found[np.broadcast_to(rv > 0, found.shape)] = Label.RV
            found[np.broadcast_to((heart > 0) & (heart >= rv), found.shape)] = Label.MYO
            found[np.broadcast_to(lv > 0, found.shape) & (found != Label.RV)] = Label.LV
        return mean.reshape(self.shape)


def mean_shape(labels: np.ndarray, spacing: tuple[float, float]) -> np.ndarray:
    """Mean over the first axis of label maps, plane by plane; see :class:`ShapeSum`.

    Parameters
    ----------
    labels : ndarray of uint8, shape (N, ..., Y, X)
    spacing : tuple of 2 floats
        ``(dy, dx)`` in mm.

    Returns
    -------
    ndarray of uint8, shape (..., Y, X)
    """
    total = ShapeSum(labels.shape[1:], spacing, len(labels))
    for one in labels:
        total.add(one)
    return total.mean()
