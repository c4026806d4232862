"""Batches of full left-atrium slices in random views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from napari_cmr.nets.squares import sample, standardised
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.training.data.still_batches import draw_views
from napari_cmr.training.recipe import AtriumRecipe


@dataclass(frozen=True, eq=False)
class PackedAtria:
    """Slices of several patients, brought to one square by repeating their outermost pixels.

    Attributes
    ----------
    images : ndarray of float16, shape (N, S, S)
        Each patient's grey values in parts of the largest.
    labels : ndarray of uint8, shape (N, S, S)
        1 where the left atrium is.
    subjects : tuple of str
        Of each slice.
    """

    images: np.ndarray
    labels: np.ndarray
    subjects: tuple[str, ...]

    @classmethod
    def from_scans(cls, scans: Sequence[Scan]) -> "PackedAtria":
        """Pack all slices of labelled scans.

        Raises
        ------
        ScanError
            If a scan has no labels.
        """
        side = max(max(scan.shape[2:]) for scan in scans)
        images, labels, subjects = [], [], []
        for scan in scans:
            if scan.labels is None:
                raise ScanError("has no labels to learn from", source=scan.source or scan.name)
            image = np.abs(scan.image[0])
            before = [(side - length) // 2 for length in scan.shape[2:]]
            edges = [
                (first, side - length - first)
                for first, length in zip(before, scan.shape[2:], strict=True)
            ]
            width = ((0, 0), *edges)
            images.append(np.pad(image / image.max(), width, mode="edge").astype(np.float16))
            atrium = (scan.labels[0] == Label.LA).astype(np.uint8)
            labels.append(np.pad(atrium, width, mode="edge"))
            subjects += [scan.name] * len(image)
        return cls(np.concatenate(images), np.concatenate(labels), tuple(subjects))


class AtriumBatches:
    """Images (B, 1, H, W) and labels (B, H, W)."""

    def __init__(self, data: PackedAtria, recipe: AtriumRecipe) -> None:
        self.data, self.recipe = data, recipe

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Whole batch of a step."""
        recipe, data = self.recipe, self.data
        chosen = rng.integers(len(data.images), size=recipe.batch_size)
        exponents = np.exp(rng.normal(0, recipe.gamma, (recipe.batch_size, 1, 1)))
        images = data.images[chosen].astype(np.float32) ** exponents.astype(np.float32)
        grids = draw_views(recipe, data.images.shape[-1], recipe.batch_size, rng)
        seen = sample(torch.from_numpy(images)[:, None], grids)
        labels = torch.from_numpy(data.labels[chosen])[:, None].float()
        truth = sample(labels, grids, "nearest")[:, 0].long()
        return standardised(seen), truth


@dataclass(frozen=True)
class AtriumData:
    """Slices to learn from, and those of other patients to validate on."""

    training: PackedAtria
    validation: PackedAtria

    def check(self, recipe: AtriumRecipe) -> None:
        """Raise a ScanError if a part shows no atrium."""
        for part in (self.training, self.validation):
            if not part.labels.any():
                raise ScanError("no left atrium is labelled in what there is to learn from")

    def source(self, recipe: AtriumRecipe) -> AtriumBatches:
        """Training batches."""
        return AtriumBatches(self.training, recipe)

    def validation_source(self, recipe: AtriumRecipe) -> AtriumBatches:
        """Validation batches."""
        return AtriumBatches(self.validation, recipe)

    def summary(self) -> dict[str, Any]:
        """Names of the patients."""
        return {
            "training_subjects": list(dict.fromkeys(self.training.subjects)),
            "validation_subjects": list(dict.fromkeys(self.validation.subjects)),
        }
