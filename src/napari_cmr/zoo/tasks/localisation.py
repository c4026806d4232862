"""Where the heart is, from temporal averages of measured lines or from a still image."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from napari_cmr.nets.squares import sample_at, square_places
from napari_cmr.scan import Geometry, Scan
from napari_cmr.zoo.orientation import canonical_turn
from napari_cmr.zoo.predictor import Predictor
from napari_cmr.zoo.views import AS_STORED, Turn

#: The located centre is rounded to one part in so many of a pixel.
CENTRE_STEPS = 64
#: The heart reaches as far as its probability exceeds this somewhere along the stack.
PERHAPS = 0.25


class HeartLocation(NamedTuple):
    """Where the heart is in the plane, in pixels, and how sure the localiser is (0 to 1).

    ``turn`` brings the picture to the orientation that networks are shown; ``weights`` are pairs
    of the name of what found it and the SHA-256 of its weights, none where a user said it;
    ``extent`` is the first and the last row, and the first and the last column, that it may reach,
    None where nobody knows.
    """

    row: float
    column: float
    confidence: float
    turn: Turn = AS_STORED
    weights: tuple[tuple[str, str], ...] = ()
    extent: tuple[tuple[float, float], ...] | None = None


class Localiser(Predictor):
    """Finds the heart on temporal averages of undersampled lines."""

    task = "localisation"
    does = "locate hearts"
    image = "slice"

    def _choose_dtype(self) -> torch.dtype:
        return torch.float32  # small enough to be fast, and the crop must not move

    @torch.inference_mode()
    def locate(self, averages: np.ndarray, geometry: Geometry) -> HeartLocation:
        """Locate the heart in temporal averages ``(Z, Y, X)``, complex or magnitude.

        The probability maps of all slices are added up and the centre is that of the sum
        (chen2019), searched in a second look from the first one's centre where the field of view
        is larger than the network's.
        """
        magnitude = np.abs(averages).astype(np.float32)
        turn = canonical_turn(magnitude, geometry)
        images = turn.there(torch.from_numpy(magnitude)[:, None])[:, 0]
        height, width = images.shape[-2:]
        _, dy, dx = geometry.spacing
        spacing = (dx, dy) if turn.transposed else (dy, dx)
        scale = images.flatten(1).kthvalue(max(1, int(0.99 * height * width)), dim=1).values
        images = images / scale.clamp(min=1e-12)[:, None, None]
        row, column, confidence = (height - 1) / 2, (width - 1) / 2, 0.0
        corners: list[tuple[float, float]] = []
        for _ in range(2):
            rows, columns = square_places(
                (row, column), spacing, self.card.size, self.card.spacing_mm
            )
            maps = self._maps(sample_at(images[:, None], rows, columns))
            heart = maps.sum(0)
            heart = torch.where(heart > 0.5 * heart.max(), heart, torch.zeros(()))
            total = heart.sum()
            confidence = float(maps.amax())
            if total <= 0:
                break
            row = float((heart.sum(1) * rows).sum() / total)
            column = float((heart.sum(0) * columns).sum() / total)
            perhaps = maps.amax(0) > PERHAPS
            if perhaps.any():
                at_rows, at_columns = (perhaps | (heart > 0)).nonzero(as_tuple=True)
                corners = [
                    (float(rows[end(at_rows)]), float(columns[end(at_columns)]))
                    for end in (torch.amin, torch.amax)
                ]
        # Sums in another order, as other numbers of threads make them, must not move the crop.
        row, column = (round(place * CENTRE_STEPS) / CENTRE_STEPS for place in (row, column))
        (row, column), *corners = (
            turn.place_back(place, (height, width)) for place in [(row, column), *corners]
        )
        extent = tuple((min(pair), max(pair)) for pair in zip(*corners, strict=True))
        weights = tuple(self.weights.items())
        return HeartLocation(row, column, confidence, turn, weights, extent or None)

    def locate_still(self, scan: Scan, frame: int = 0) -> HeartLocation:
        """Find the heart in one frame of a scan whose background is not dark.

        The network learned from cines, whose background is, and a phase-sensitive late enhancement
        image is grey where there is nothing: the 2nd percentile of each slice is taken off first.
        """
        return self.locate(without_background(np.abs(scan.image[frame])), scan.geometry)

    def _maps(self, squares: Tensor) -> Tensor:
        """Probability of heart (Z, size, size) in squares (Z, 1, size, size)."""

        def run() -> Tensor:
            maps = [
                self.network(squares[piece].to(self.device)).float().sigmoid()[:, 0].cpu()
                for piece in self.pieces(len(squares))
            ]
            return torch.cat(maps)

        return self.attempt(run)


def without_background(stack: np.ndarray) -> np.ndarray:
    """Slices (Z, Y, X) less their 2nd percentile, cut at 0; black padding does not count."""
    shown = np.zeros_like(stack)
    for slice_, out in zip(stack, shown, strict=True):
        filled = slice_[slice_ > 0]
        if filled.size:
            out[:] = np.maximum(slice_ - np.percentile(filled, 2), 0)
    return shown
