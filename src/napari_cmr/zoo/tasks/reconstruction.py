"""From measured lines to images: show the network a slice, turn its answer back."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.nets.reconstruction.dc_mac import DcMac
from napari_cmr.nets.reconstruction.refinement import Refined
from napari_cmr.scan import ScanError
from napari_cmr.zoo.predictor import Predictor


class Reconstructor(Predictor):
    """A trained reconstruction network, ready for measured lines."""

    task = "reconstruction"
    does = "reconstruct images"
    image = "frame"

    def refine(
        self, one: MeasuredSlice, *, trust: float | None = None, gate: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Reconstruct one slice with a network that refines.

        Parameters
        ----------
        one : MeasuredSlice
        trust : float, optional
            As of :meth:`reconstruct`.
        gate : float
            Share of the refinement.

        Returns
        -------
        image : ndarray, shape (T, Y, X), complex64
        added : ndarray, shape (T, Y, X), float32
            What the refinement has added to the magnitude.

        Raises
        ------
        ScanError
            If the network refines nothing, or memory runs out on the CPU too.
        """
        network = self.network
        if not isinstance(network, Refined):
            raise ScanError(f"{self.card.name} refines nothing", remedy="leave out the gate")
        image, before = self._answer(one, partial(network.both, trust=trust, gate=gate))
        assert image is not None
        assert before is not None
        return image, np.abs(image) - np.abs(before)

    def reconstruct(
        self, one: MeasuredSlice, *, trust: float | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Reconstruct one slice.

        Parameters
        ----------
        one : MeasuredSlice
        trust : float, optional
            Share of the measurement in each data consistency; as learned by default.

        Returns
        -------
        image : ndarray, shape (T, Y, X), complex64
        std : ndarray, shape (T, Y, X), float32, or None
            Standard deviation of the magnitude, calibrated by the card, from networks that give
            one.

        Raises
        ------
        ScanError
            If memory runs out on the CPU too.
        """
        image, std = self.raw(one, trust=trust)
        return image, None if std is None else std * np.float32(self._correction(one.mask))

    def raw(
        self, one: MeasuredSlice, *, trust: float | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """:meth:`reconstruct`, with the deviation as the network gives it."""
        image, std = self._answer(one, partial(self.network, trust=trust))
        assert image is not None  # what every network gives
        return image, std

    def motion(self, one: MeasuredSlice) -> np.ndarray:
        """Motion that a network read in the lines of a slice.

        Returns
        -------
        ndarray, shape (2, T, Y, X), float32
            How far what is at each pixel of the network's reference frame lies from there in each
            frame, along Y and X, in pixels.

        Raises
        ------
        ScanError
            If the network reads none, or memory runs out on the CPU too.
        """
        network = self.network
        if not isinstance(network, DcMac):
            raise ScanError(
                f"{self.card.name} reads no motion", remedy="choose a network that does"
            )
        parts = self._answer(one, lambda *given: network.motion(*given).unbind(1))
        along_x = one.encoding.transform.axis == -1
        return np.stack([part for part in (parts[::-1] if along_x else parts) if part is not None])

    @torch.inference_mode()
    def _answer(self, one: MeasuredSlice, ask: Callable[..., Any]) -> list[np.ndarray | None]:
        """Arrays (T, Y, X) that the network gives when it is asked about lines, mask and maps."""
        transform = one.encoding.transform
        along_x = transform.axis == -1
        maps = one.sensitivities
        if maps is not None and along_x:
            maps = maps.swapaxes(1, 2)
        spectrum = one.spectrum()  # phase encoding along axis -2, origin at the first row
        given: tuple[Any, ...] = (spectrum[0] if maps is None else spectrum, one.mask, maps)

        def compute() -> list[np.ndarray | None]:
            hybrid, mask, sensitivities = (
                None if part is None else torch.from_numpy(np.array(part)).to(self.device)
                for part in given
            )
            answer = ask(hybrid, mask, sensitivities)
            return [None if part is None else part.cpu().numpy() for part in answer]

        found = self.attempt(compute)
        if not along_x:
            return found
        return [
            None if part is None else np.ascontiguousarray(part.swapaxes(-1, -2)) for part in found
        ]

    def _correction(self, mask: np.ndarray) -> float:
        """Factor of the standard deviation at this acceleration, from the card's calibration."""
        points = self.card.std_factors
        if not points:
            return 1.0
        acceleration = mask.shape[1] / max(1.0, float(mask.sum(axis=1).mean()))
        known, factors = zip(*points, strict=True)
        return float(np.interp(np.log(acceleration), np.log(known), factors))
