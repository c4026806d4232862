"""From a late enhancement stack to labels: look, look again, smooth each slice, tidy the stack."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from napari_cmr.analysis.morphology import keep_wall, tidy_stack
from napari_cmr.nets.segmentation.dense_crf import CRFSettings, refine
from napari_cmr.nets.squares import clipped, sample, sample_at, square_grid, standardised, way_back
from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.zoo.cancellation import end_if_asked
from napari_cmr.zoo.cards import by_lines
from napari_cmr.zoo.expected_overlap import expected_dice
from napari_cmr.zoo.orientation import canonical_turn
from napari_cmr.zoo.predictor import Predictor
from napari_cmr.zoo.views import Turn, check_views, mirrored

#: The field of the post-processing, on the network's grid and brightness from 0 to 1. It is gentle:
#: walls are a few pixels thick and wear away under a strong one, and scar is as bright as the blood
#: beside it.
CRF = CRFSettings(
    smooth_sd=2.0,
    smooth_weight=0.5,
    bilateral_sd=12.0,
    brightness_sd=0.1,
    bilateral_weight=0.2,
    iterations=5,
)
#: The second look is taken around what the first one found, if that is so far off.
RECENTRE_MM = 6.0


class LgeSteps(NamedTuple):
    """Which of the steps are taken; all by default.

    Attributes
    ----------
    members : int or None
        Cascades that vote; None for all of the ensemble.
    cascade : bool
        Whether the second U-nets have their say.
    crf : bool
        Whether a dense CRF refines each slice.
    tidy : bool
        Whether the stack is closed and opened, structure by structure.
    wall : bool
        Whether the wall keeps a part of its mean thickness everywhere.
    views : int
        Mirror images and quarter turns that are averaged, 1 to 8.
    """

    members: int | None = None
    cascade: bool = True
    crf: bool = True
    tidy: bool = True
    wall: bool = True
    views: int = 4


@dataclass(frozen=True, eq=False)
class LgePrediction:
    """Labels of a still stack.

    Attributes
    ----------
    labels : ndarray of uint8, shape (Z, Y, X)
        LV, MYO (with any scar in it) and RV.
    uncertainty : ndarray of float32, shape (Z, Y, X)
        One minus the probability of the label before the stack was tidied, 0 out of view.
    centre : tuple of 2 floats
        Row and column that the network looked around.
    confidence : ndarray of float32, shape (Z, 3)
        Dice of LV, MYO and RV with a reader's that is to be expected in each slice, see
        :func:`~napari_cmr.zoo.expected_overlap.expected_dice`.
    stack_confidence : ndarray of float32, shape (3,)
        The same of the whole stack.
    """

    labels: np.ndarray
    uncertainty: np.ndarray
    centre: tuple[float, float]
    confidence: np.ndarray
    stack_confidence: np.ndarray


class LgeSegmenter(Predictor):
    """The cascade, ready to label late enhancement stacks."""

    task = "lge-segmentation"
    does = "segment late enhancement"
    image = "slice"

    @property
    def n_members(self) -> int:
        """Cascades in the ensemble."""
        return len(self.network.members)  # type: ignore[arg-type]

    @torch.inference_mode()
    def segment(
        self, scan: Scan, centre: tuple[float, float], steps: LgeSteps | None = None
    ) -> LgePrediction:
        """Label the first frame of a scan.

        Parameters
        ----------
        scan : Scan
        centre : tuple of 2 floats
            Row and column of the heart in pixels, as the localiser finds it.
        steps : LgeSteps, optional

        Raises
        ------
        ScanError
            If ``views`` is out of range, or the place lies outside the image.
        """
        steps = steps or LgeSteps()
        check_views(steps.views)
        magnitude = np.abs(scan.image[0])
        stack = torch.from_numpy(magnitude)[:, None]
        turn = canonical_turn(magnitude, scan.geometry)
        centre = self._look_again(stack, scan.geometry, centre, turn)
        squares = self._squares(stack, scan.geometry, centre)
        probabilities = self._probabilities(squares, steps, turn)
        if steps.crf:
            cut, low, high = clipped(squares)
            brightness = ((cut - low) / (high - low).clamp(min=1e-6))[:, 0]
            refined = []
            for slice_, shown in zip(probabilities, brightness, strict=True):
                end_if_asked()
                refined.append(refine(slice_, shown, CRF))
            probabilities = torch.stack(refined)
        native, rows, columns = self._back(probabilities, scan, centre)
        best, label = native.max(1)
        labels = np.zeros(scan.shape[1:], dtype=np.uint8)
        uncertainty = np.zeros(scan.shape[1:], dtype=np.float32)
        labels[:, rows, columns] = label.to(torch.uint8).numpy()
        uncertainty[:, rows, columns] = (1 - best).clamp(min=0).numpy()
        if steps.tidy and labels.any():
            labels = tidy_stack(labels, scan.spacing)
        if steps.wall:
            labels = keep_wall(labels, scan.spacing)
        own = torch.from_numpy(labels[:, rows, columns].copy())
        each = expected_dice(own, native, scan.spacing[1:]).numpy()
        flat = own.reshape(1, -1, own.shape[-1]), native.transpose(0, 1).flatten(1, 2)[None]
        whole = expected_dice(*flat, scan.spacing[1:])[0].numpy()
        return LgePrediction(labels, uncertainty, centre, each, whole)

    def _squares(self, stack: Tensor, geometry: Geometry, centre: tuple[float, float]) -> Tensor:
        """What lies around a place (Z, 1, size, size), in grey values of the scan."""
        height, width = stack.shape[-2:]
        grid = square_grid(
            centre, geometry.spacing[1:], (height, width), self.card.size, self.card.spacing_mm
        )
        return sample(stack, grid)

    def _probabilities(self, squares: Tensor, steps: LgeSteps, shown: Turn) -> Tensor:
        """Probabilities (Z, C, size, size) on the network's grid.

        A loss that counts muscle for more teaches a network to say muscle too often, which drew
        walls up to a fifth too heavy on held-out cines: the weights are divided out again.
        """
        seen = shown.there(standardised(squares))
        weights = torch.zeros(())
        if self.card.class_weights is not None:
            weights = torch.tensor(self.card.class_weights).log()[:, None, None]
        total = torch.zeros(())
        for turn in mirrored(steps.views):
            odds = self._logits(turn.there(seen), steps) - weights
            total = total + turn.back((odds / by_lines(self.card.temperature, None)).softmax(1))
        return shown.back(total / steps.views)

    def _logits(self, squares: Tensor, steps: LgeSteps) -> Tensor:
        def run() -> Tensor:
            parts = []
            for piece in self.pieces(len(squares)):
                batch = squares[piece].to(self.device, self.dtype)
                batch = batch.contiguous(memory_format=torch.channels_last)
                answer = self.network(batch, members=steps.members, refine=steps.cascade)
                parts.append(answer.float().cpu())
            return torch.cat(parts)

        return self.attempt(run)

    def _look_again(
        self,
        stack: Tensor,
        geometry: Geometry,
        centre: tuple[float, float],
        turn: Turn,
    ) -> tuple[float, float]:
        """Centre of what one first U-net takes for the heart, if it is well off the centre given.

        Masks are summed over the slices, and half of the largest sum counts, as for the localiser.
        """
        first = LgeSteps(members=1, cascade=False, views=1)
        heart = 1 - self._probabilities(self._squares(stack, geometry, centre), first, turn)[:, 0]
        total = heart.sum(0)
        total = torch.where(total > 0.5 * total.max(), total, torch.zeros(()))
        mass = float(total.sum())
        if mass <= 0:
            return centre
        half = (self.card.size - 1) / 2
        places = torch.arange(self.card.size) - half
        off = [float((total.sum(axis) * places).sum()) / mass for axis in (1, 0)]
        if float(np.hypot(off[0], off[1])) * self.card.spacing_mm < RECENTRE_MM:
            return centre
        row, column = (
            middle + shift * self.card.spacing_mm / step
            for middle, shift, step in zip(centre, off, geometry.spacing[1:], strict=True)
        )
        # sums in another order must not move the crop
        return round(row * 64) / 64, round(column * 64) / 64

    def _back(
        self, probabilities: Tensor, scan: Scan, centre: tuple[float, float]
    ) -> tuple[Tensor, slice, slice]:
        """Probabilities on the scan's own pixels, and which rows and columns these are."""
        (rows, up), (columns, across) = (
            way_back(middle, step, length, self.card.size, self.card.spacing_mm)
            for middle, step, length in zip(centre, scan.spacing[1:], scan.shape[2:], strict=True)
        )
        return sample_at(probabilities, up, across), rows, columns


def missing_structures(labels: np.ndarray) -> list[str]:
    """Names of the structures that no voxel of label maps is of."""
    names = {Label.LV: "left ventricular cavity", Label.MYO: "myocardium", Label.RV: "RV cavity"}
    return [name for label, name in names.items() if not (labels == label).any()]
