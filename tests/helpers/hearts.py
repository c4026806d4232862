"""Small labelled hearts with volumes that can be counted by hand."""

import numpy as np

from napari_cmr.scan import Geometry, Label

N_SLICES = 5
GEOMETRY = Geometry.regular((20.0, 10.0, 5.0), N_SLICES)  # a voxel is 1 mL


def heart(lv: list[int], rv: list[int] | None = None, myo: int = 0) -> np.ndarray:
    """Labels of volumes in mL, spread over the three inner slices, each in one piece there."""
    labels = np.zeros((len(lv), N_SLICES, 20, 20), dtype=np.uint8)
    flat = labels.reshape(len(lv), N_SLICES, -1)
    for label, volumes, start in (
        (Label.LV, lv, 0),
        (Label.RV, rv or [0] * len(lv), 160),
        (Label.MYO, [myo] * len(lv), 300),
    ):
        for frame, volume in enumerate(volumes):
            for place, share in enumerate(np.array_split(np.arange(volume), 3)):
                flat[frame, 1 + place, start : start + share.size] = label
    return labels
