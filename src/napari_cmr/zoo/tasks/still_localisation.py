"""Find the heart in still stacks, whatever their contrast."""

import numpy as np

from napari_cmr.scan import Scan
from napari_cmr.zoo.tasks.localisation import HeartLocation, Localiser


def locate_still(scan: Scan, localiser: Localiser) -> HeartLocation:
    """Find the heart in the first frame of a scan, by the sum of its maps over the slices.

    The localiser learned from cines, whose background is dark, and a phase-sensitive late
    enhancement image is grey where there is nothing: the 2nd percentile of each slice is taken off
    first.

    Parameters
    ----------
    scan : Scan
    localiser : Localiser

    Returns
    -------
    HeartLocation
        In pixels of the scan.
    """
    return localiser.locate(without_background(np.abs(scan.image[0])), scan.geometry)


def without_background(stack: np.ndarray) -> np.ndarray:
    """Slices (Z, Y, X) less their 2nd percentile, cut at 0; black padding does not count."""
    shown = np.zeros_like(stack)
    for slice_, out in zip(stack, shown, strict=True):
        filled = slice_[slice_ > 0]
        if filled.size:
            out[:] = np.maximum(slice_ - np.percentile(filled, 2), 0)
    return shown
