"""From measured lines to images: show the network a slice, turn its answer back."""

from typing import Any

import numpy as np
import torch

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.zoo.predictor import Predictor


class Reconstructor(Predictor):
    """A trained reconstruction network, ready for measured lines."""

    task = "reconstruction"
    does = "reconstruct images"
    image = "slice"

    @torch.inference_mode()
    def reconstruct(
        self, one: MeasuredSlice, *, trust: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Reconstruct one slice.

        Parameters
        ----------
        one : MeasuredSlice
        trust : float, optional
            Share of the measurement in each data consistency; as learned by default.

        Returns
        -------
        image : ndarray, shape (T, Y, X), complex64
        std : ndarray, shape (T, Y, X), float32
            Standard deviation of the magnitude, calibrated by the card.

        Raises
        ------
        ScanError
            If memory runs out on the CPU too.
        """
        transform = one.encoding.transform
        along_x = transform.axis == -1
        maps = one.sensitivities
        if maps is not None and along_x:
            maps = maps.swapaxes(1, 2)
        spectrum = one.spectrum()  # phase encoding along axis -2, origin at the first row
        given: tuple[Any, ...] = (spectrum[0] if maps is None else spectrum, one.mask, maps)

        def compute() -> tuple[np.ndarray, np.ndarray]:
            hybrid, mask, sensitivities = (
                None if part is None else torch.from_numpy(np.array(part)).to(self.device)
                for part in given
            )
            image, std = self.network(hybrid, mask, sensitivities, trust=trust)
            return image.cpu().numpy(), std.cpu().numpy()

        image, std = self.attempt(compute)
        std = std * np.float32(self._correction(one.mask))
        if along_x:
            image, std = image.swapaxes(-1, -2), std.swapaxes(-1, -2)
        return np.ascontiguousarray(image), np.ascontiguousarray(std)

    def _correction(self, mask: np.ndarray) -> float:
        """Factor of the standard deviation at this acceleration, from the card's calibration."""
        points = self.card.std_factors
        if not points:
            return 1.0
        acceleration = mask.shape[1] / max(1.0, float(mask.sum(axis=1).mean()))
        known, factors = zip(*points, strict=True)
        return float(np.interp(np.log(acceleration), np.log(known), factors))
