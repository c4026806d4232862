"""Where the heart is, from temporal averages of measured lines."""

from typing import NamedTuple

import numpy as np
import torch

from napari_cmr.scan import Geometry
from napari_cmr.zoo.cancellation import watched
from napari_cmr.zoo.devices import choose_device
from napari_cmr.zoo.grid import sample, square_offsets
from napari_cmr.zoo.loader import load_network

#: The located centre is rounded to one part in so many of a pixel.
CENTRE_STEPS = 64


class HeartLocation(NamedTuple):
    """Where the heart is in the plane, in pixels, and how sure the localiser is (0 to 1)."""

    row: float
    column: float
    confidence: float


class Localiser:
    """Finds the heart on temporal averages of undersampled lines."""

    def __init__(self, preset: str = "live", device: str = "auto") -> None:
        self.device = choose_device(device)
        network, self.card = load_network("localiser", preset)
        self.network = watched(network.to(self.device))

    @torch.inference_mode()
    def locate(self, averages: np.ndarray, geometry: Geometry) -> HeartLocation:
        """Locate the heart in temporal averages ``(Z, Y, X)``, complex or magnitude.

        The probability maps of all slices are added up and the centre is that of the sum
        (chen2019), searched in a second look from the first one's centre where the field of view
        is larger than the network's.
        """
        _, dy, dx = geometry.spacing
        images = torch.from_numpy(np.abs(averages).astype(np.float32))
        height, width = images.shape[-2:]
        scale = images.flatten(1).kthvalue(max(1, int(0.99 * height * width)), dim=1).values
        images = images / scale.clamp(min=1e-12)[:, None, None]
        offsets = square_offsets(self.card.size, self.card.spacing_mm)
        row, column, confidence = (height - 1) / 2, (width - 1) / 2, 0.0
        for _ in range(2):
            rows, columns = row + offsets / dy, column + offsets / dx
            maps = self.network(sample(images[:, None], rows, columns).to(self.device))
            heart = maps.float().sigmoid()[:, 0].cpu().sum(0)
            heart = torch.where(heart > 0.5 * heart.max(), heart, torch.zeros(()))
            total = heart.sum()
            confidence = float(maps.float().sigmoid().amax())
            if total <= 0:
                break
            row = float((heart.sum(1) * rows).sum() / total)
            column = float((heart.sum(0) * columns).sum() / total)
        # Sums in another order, as other numbers of threads make them, must not move the crop.
        row, column = (round(place * CENTRE_STEPS) / CENTRE_STEPS for place in (row, column))
        return HeartLocation(row, column, confidence)
