"""A reader of images that takes what is bright for the LV, and scans whose labels are known."""

import numpy as np

from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.workflow.reconstruct.image_reader import ImageReader


class BrightnessReader(ImageReader):
    """Labels by grey values: LV above 0.7, MYO above 0.3."""

    def read(self, images: np.ndarray) -> np.ndarray:
        shown = np.abs(images)[list(self.frames)]
        return np.select([shown > 0.7, shown > 0.3], [Label.LV, Label.MYO], 0).astype(np.uint8)


def beating_scan(*, labelled: bool, n_slices: int = 3) -> Scan:
    """Four frames of a cavity of 6, 4, 2 and 4 columns between walls of 2 columns a side.

    Labels, if there are any, are of the first and the third frame.
    """
    image = np.zeros((4, n_slices, 10, 20), dtype=np.float32)
    for frame, half in enumerate((3, 2, 1, 2)):
        image[frame, :, :, 10 - half - 2 : 10 + half + 2] = 0.5
        image[frame, :, :, 10 - half : 10 + half] = 1.0
    labels = np.select([image > 0.7, image > 0.3], [Label.LV, Label.MYO], 0).astype(np.uint8)
    return Scan(
        image,
        Geometry.regular((10.0, 1.0, 1.0), n_slices),
        labels=labels if labelled else None,
        labelled_frames=(0, 2) if labelled else (),
    )
