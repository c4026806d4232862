"""From late enhancement slices to labels of the left atrium."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.nets.squares import standardised
from napari_cmr.scan import Label
from napari_cmr.zoo.cancellation import end_if_asked
from napari_cmr.zoo.cards import by_lines
from napari_cmr.zoo.predictor import Predictor

#: Pixels are taken as they are if their size differs by no more than this share of the network's.
SAME_SPACING = 0.02


@dataclass(frozen=True, eq=False)
class AtriumPrediction:
    """Labels of some slices.

    Attributes
    ----------
    labels : ndarray of uint8, shape (N, Y, X)
        The left atrium, or background.
    uncertainty : ndarray of float32, shape (N, Y, X)
        One minus the probability of the label.
    """

    labels: np.ndarray
    uncertainty: np.ndarray


class AtriumSegmenter(Predictor):
    """A U-net that labels the left atrium, slice by slice."""

    task = "atrium-segmentation"
    does = "segment left atria"
    image = "slice"

    @torch.inference_mode()
    def segment(self, images: np.ndarray, spacing: tuple[float, float]) -> AtriumPrediction:
        """Label slices of any size.

        Parameters
        ----------
        images : ndarray, shape (N, Y, X)
            Magnitudes.
        spacing : tuple of 2 floats
            ``(dy, dx)`` in mm; slices are resampled to the network's where they differ.
        """
        labels = np.zeros(images.shape, dtype=np.uint8)
        uncertainty = np.zeros(images.shape, dtype=np.float32)
        for index, image in enumerate(images):
            end_if_asked()
            shown = torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32))
            atrium = self._probability(shown, spacing).numpy()
            inside = atrium > 0.5
            labels[index] = np.where(inside, np.uint8(Label.LA), np.uint8(Label.BACKGROUND))
            uncertainty[index] = np.where(inside, 1 - atrium, atrium)
        return AtriumPrediction(labels, uncertainty)

    def _probability(self, image: Tensor, spacing: tuple[float, float]) -> Tensor:
        """Probability of atrium (Y, X) of a slice."""
        height, width = image.shape
        wanted = [
            length
            if abs(step / self.card.spacing_mm - 1) <= SAME_SPACING
            else max(1, round(length * step / self.card.spacing_mm))
            for length, step in zip(image.shape, spacing, strict=True)
        ]
        seen = standardised(_resized(image[None, None], (wanted[0], wanted[1])))
        # slices are continued by their outermost pixels, as in training
        depth = 2 ** (len(self.network.encoder.blocks) - 1)  # type: ignore[union-attr, arg-type]
        below, right = (-length % depth for length in wanted)
        seen = F.pad(seen, (0, right, 0, below), mode="replicate")

        def run() -> Tensor:
            batch = seen.to(self.device, self.dtype).contiguous(memory_format=torch.channels_last)
            answer: Tensor = self.network(batch)
            return answer.float().cpu()

        temperature = by_lines(self.card.temperature, None)
        logits = self.attempt(run)[..., : wanted[0], : wanted[1]] / temperature
        return _resized(logits.softmax(1)[:, 1:], (height, width))[0, 0]


def _resized(images: Tensor, shape: tuple[int, int]) -> Tensor:
    if tuple(images.shape[-2:]) == shape:
        return images
    return F.interpolate(images, size=shape, mode="bilinear", align_corners=False, antialias=True)
