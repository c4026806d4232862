"""Lines of slices of still images, and the images that they were measured from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.kspace.phase import with_phase
from napari_cmr.nets.inputs import from_hybrid, to_hybrid
from napari_cmr.scan import ScanError
from napari_cmr.training.still_recipes import StillReconstructionRecipe

#: Slices whose magnitude is empty teach nothing, and have no peak to scale by.
_TRIES = 100


@dataclass(frozen=True, eq=False)
class StillStack:
    """Slices of one subject: magnitudes (Z, Y, X), phase encoding along Y."""

    subject: str
    image: np.ndarray


class StillLines:
    """Some slices a batch, each of any subject.

    A batch is ``hybrid`` (B, N, X), ``mask`` (B, N), the complex images (B, N, X), and ``unit``
    (B, 1, 1), the peak of the zero-filled image, which is what networks take for one. The slices
    of a batch are cut to the height of the lowest before they are measured, and some columns of
    them are shown: a line mask never mixes columns. Slices are mirrored at random.

    Notes
    -----
    Lines are simulated from magnitudes that their publisher may have cut and filtered. What a
    network scores on them flatters it (Shimron et al., PNAS 119, 2022).
    """

    def __init__(
        self,
        stacks: Sequence[StillStack],
        recipe: StillReconstructionRecipe,
        *,
        augment: bool = True,
    ) -> None:
        self.stacks, self.recipe, self.augment = stacks, recipe, augment

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Whole batch of a step; see the class."""
        drawn = [self._slice(rng) for _ in range(self.recipe.batch)]
        height = min(len(one) for one in drawn)
        found = [self._measured(one, height, rng) for one in drawn]
        width = min(one[0].shape[1] for one in found)
        hybrid, mask, image, unit = (list(part) for part in zip(*found, strict=True))
        return (
            torch.stack([one[:, :width] for one in hybrid]),
            torch.stack(mask),
            torch.stack([one[:, :width] for one in image]),
            torch.stack(unit),
        )

    def _slice(self, rng: np.random.Generator) -> np.ndarray:
        for _ in range(_TRIES):
            stack = self.stacks[int(rng.integers(len(self.stacks)))].image
            image = stack[int(rng.integers(len(stack)))].astype(np.float32)
            if image.any():
                break
        else:
            raise ScanError("nearly all slices to learn from are empty")
        if self.augment:
            image = np.flip(image, tuple(axis for axis in (0, 1) if rng.random() < 0.5))
        return image

    def _measured(
        self, image: np.ndarray, height: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """``hybrid``, ``mask``, image and unit of one slice."""
        top = int(rng.integers(len(image) - height + 1))
        image = image[top : top + height] / image.max()
        image = with_phase(image, rng) if rng.random() < self.recipe.phase else image + 0j
        mask = torch.from_numpy(self._mask(height, rng))
        signal = torch.from_numpy(np.ascontiguousarray(image, dtype=np.complex64))
        hybrid = to_hybrid(signal) * mask[:, None]
        unit = from_hybrid(hybrid).abs().max().reshape(1, 1)
        columns = min(self.recipe.columns, image.shape[1])
        first = int(rng.integers(image.shape[1] - columns + 1))
        shown = slice(first, first + columns)
        return hybrid[:, shown], mask, signal[:, shown], unit

    def _mask(self, n_lines: int, rng: np.random.Generator) -> np.ndarray:
        least, most = np.log(self.recipe.accelerations)
        kept = max(2, round(n_lines / float(np.exp(rng.uniform(least, most)))))
        fewest, most_centre = self.recipe.centre_lines
        acquisition = Acquisition(
            n_lines=kept,
            centre_lines=min(int(rng.integers(fewest, most_centre + 1)), kept),
            seed=int(rng.integers(2**31)),
        )
        return line_mask(acquisition, 1, n_lines).array[0].copy()


@dataclass(frozen=True)
class StillData:
    """Stacks of some subjects to learn from, and of others to validate on."""

    training: Sequence[StillStack]
    validation: Sequence[StillStack]

    def check(self, recipe: StillReconstructionRecipe) -> None:
        """Raise a ScanError if there is nothing to learn from."""
        if not self.training:
            raise ScanError("training needs at least one stack of still images")
        most = max(recipe.accelerations)
        lowest = min(self.training, key=lambda one: one.image.shape[1])
        if lowest.image.shape[1] < 2 * most:
            raise ScanError(
                f"{lowest.image.shape[1]} lines are too few to keep every {most:g}th of them",
                source=lowest.subject,
                remedy="leave it out, or train for smaller accelerations",
            )

    def source(self, recipe: StillReconstructionRecipe) -> StillLines:
        """Training batches."""
        return StillLines(self.training, recipe)

    def validation_source(self, recipe: StillReconstructionRecipe) -> StillLines | None:
        """Validation batches, of whole slices."""
        if not self.validation:
            return None
        return StillLines(self.validation, recipe.with_(columns=4096), augment=False)

    def summary(self) -> dict[str, Any]:
        """How many slices of which subjects."""
        return {
            "slices": sum(len(one.image) for one in self.training),
            "training_subjects": [one.subject for one in self.training],
            "validation_subjects": [one.subject for one in self.validation],
        }
