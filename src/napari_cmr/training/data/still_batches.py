"""Batches of still images in random views: packed slices, elastic views, and contrasts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from napari_cmr.nets.squares import clipped, sample, standardised
from napari_cmr.scan import ScanError
from napari_cmr.scan.atomic import atomic_path
from napari_cmr.training.augment.elastic import smooth_bends
from napari_cmr.training.augment.late_enhancement import (
    INFARCTED,
    infarct,
    infarct_in_texture,
    paint,
    spoil,
)
from napari_cmr.training.data.slices import TrainingSlice, crop
from napari_cmr.training.losses import DOUBTFUL
from napari_cmr.training.recipe import AtriumRecipe, StageRecipe

#: Packed squares are this much larger than the network's, so that turned views have corners.
MARGIN = 1.5
#: Share of the real late enhancement that gets an infarct beside those that it shows.
ENHANCED_INFARCTED = 0.4


@dataclass(frozen=True, eq=False)
class PackedSlices:
    """Labelled slices on one grid, and what other contrasts were made of them.

    Attributes
    ----------
    images : ndarray of float16, shape (N, S, S)
        The cine's, 1st to 99th percentile on [0, 1].
    labels : ndarray of uint8, shape (N, S, S)
    subjects : tuple of str
    synthetic : ndarray of float16, shape (N, K, S, S), or None
        K translations of each image to late enhancement, on [0, 1].
    """

    images: np.ndarray
    labels: np.ndarray
    subjects: tuple[str, ...]
    synthetic: np.ndarray | None = field(default=None)

    @classmethod
    def from_slices(
        cls, slices: Sequence[TrainingSlice], size: int, spacing_mm: float
    ) -> "PackedSlices":
        """Pack labelled slices for a network of that grid; those without heart stay, too."""
        side = round(size * MARGIN / 16) * 16
        images, labels = crop(slices, side, spacing_mm)
        assert labels is not None  # cine_slices gives labels
        edge = (side - size) // 2
        _, low, high = clipped(images[..., edge:-edge, edge:-edge])
        images = ((images - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)
        return cls(
            images[:, 0].numpy().astype(np.float16),
            labels.numpy(),
            tuple(one.subject for one in slices),
        )

    def of(self, subjects: Sequence[str]) -> "PackedSlices":
        """Slices of some subjects."""
        chosen = [i for i, name in enumerate(self.subjects) if name in set(subjects)]
        return PackedSlices(
            self.images[chosen],
            self.labels[chosen],
            tuple(self.subjects[i] for i in chosen),
            None if self.synthetic is None else self.synthetic[chosen],
        )

    def save(self, path: Path) -> None:
        """Write as ``.npz`` (no pickles)."""
        arrays = {"images": self.images, "labels": self.labels, "subjects": np.array(self.subjects)}
        if self.synthetic is not None:
            arrays["synthetic"] = self.synthetic
        with atomic_path(path) as temporary, open(temporary, "wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> "PackedSlices":
        """Read a file of :meth:`save`."""
        with np.load(path, allow_pickle=False) as data:
            return cls(
                data["images"],
                data["labels"],
                tuple(data["subjects"].tolist()),
                data.get("synthetic"),
            )


@dataclass(frozen=True, eq=False)
class EnhancedSlices:
    """Real late enhancement with labels that a network gave it.

    Attributes
    ----------
    slices : PackedSlices
    doubtful : ndarray of bool, shape (N, S, S)
        Where the network was not sure of its label.
    trust : ndarray of float, shape (N,)
        How often a slice is seen, in parts of the sum.
    """

    slices: PackedSlices
    doubtful: np.ndarray
    trust: np.ndarray

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """An image and its labels; :data:`ENHANCED_INFARCTED` of them get a further infarct."""
        i = int(rng.choice(len(self.trust), p=self.trust / self.trust.sum()))
        image, labels = self.slices.images[i].astype(np.float32), self.slices.labels[i]
        doubtful = self.doubtful[i]
        if rng.random() < ENHANCED_INFARCTED:
            image, infarcted = infarct_in_texture(image, labels, rng)
            doubtful = doubtful & ~infarcted  # what was drawn into the wall is wall
        return image, np.where(doubtful, np.uint8(DOUBTFUL), labels)


def draw_views(
    recipe: StageRecipe | AtriumRecipe, side: int, count: int, rng: np.random.Generator
) -> Tensor:
    """Grids (count, size, size, 2) of turned, mirrored, stretched, shifted and bent views."""
    size = recipe.size
    half = (size - 1) / 2
    offsets = torch.arange(size, dtype=torch.float32) - half
    places = torch.stack(torch.meshgrid(offsets, offsets, indexing="ij"), dim=-1)  # (H, W, 2)
    angle = rng.uniform(-np.pi, np.pi, count) * recipe.rotation / 180
    scale = np.exp(rng.normal(0, recipe.scale, count))[:, None]
    scale = scale * np.exp(rng.normal(0, recipe.stretch, count)[:, None] * [[1, -1]])
    if recipe.rotation >= 180:
        scale[:, 0] *= rng.choice([-1, 1], count)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)  # (B, 2, 2)
    matrix = torch.from_numpy((turn * scale[:, None, :]).astype(np.float32))
    shift = rng.normal(0, recipe.shift_mm / recipe.spacing_mm, (count, 1, 1, 2))
    bent = smooth_bends(count, size, recipe.elastic_mm / recipe.spacing_mm, rng)
    moved = torch.einsum("hwj,bij->bhwi", places, matrix) + bent
    moved = moved + torch.from_numpy(shift.astype(np.float32))
    return (moved / ((side - 1) / 2)).flip(-1)


class StillBatches:
    """Images (B, 1, H, W) and labels (B, H, W) of a stage."""

    def __init__(
        self, data: PackedSlices, recipe: StageRecipe, enhanced: EnhancedSlices | None = None
    ) -> None:
        self.data, self.recipe, self.enhanced = data, recipe, enhanced
        #: Slices with heart are seen nine times in ten.
        self.with_heart = np.flatnonzero((data.labels > 0).any(axis=(1, 2)))

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Whole batch of a step."""
        recipe, data = self.recipe, self.data
        names = list(recipe.contrasts)
        shares = np.array([recipe.contrasts[name] for name in names])
        images, labels = [], []
        for contrast in rng.choice(names, recipe.batch_size, p=shares / shares.sum()):
            if contrast == "enhanced":
                assert self.enhanced is not None  # checked before the run
                image, given = self.enhanced.draw(rng)
                images.append(torch.from_numpy(image))
                labels.append(torch.from_numpy(given))
                continue
            pool = self.with_heart if rng.random() < 0.9 else np.arange(len(data.images))
            i = int(rng.choice(pool))
            image = data.images[i].astype(np.float32)
            if contrast == "painted":
                image = paint(image, data.labels[i], rng)
            elif contrast == "synthetic":
                assert data.synthetic is not None  # checked before the run
                image = data.synthetic[i, rng.integers(data.synthetic.shape[1])]
                if recipe.infarcts and rng.random() < INFARCTED:
                    image = infarct(image.astype(np.float32), data.labels[i], rng)
            images.append(torch.from_numpy(np.asarray(image, dtype=np.float32)))
            labels.append(torch.from_numpy(data.labels[i]))
        grids = draw_views(recipe, data.images.shape[-1], recipe.batch_size, rng)
        seen = sample(torch.stack(images)[:, None], grids)
        truth = sample(torch.stack(labels)[:, None].float(), grids, "nearest")[:, 0].long()
        return standardised(spoil(seen, rng, noise=recipe.noise, blur=recipe.blur)), truth


@dataclass(frozen=True)
class StillData:
    """Slices to learn from, and those of other patients to validate on.

    Attributes
    ----------
    training, validation : PackedSlices
    enhanced : EnhancedSlices, optional
        For self-training.
    """

    training: PackedSlices
    validation: PackedSlices
    enhanced: EnhancedSlices | None = None

    def check(self, recipe: StageRecipe) -> None:
        """Raise a ScanError if a part has no labels, or lacks translations that are asked for."""
        for part in (self.training, self.validation):
            if not len(part.images) or not (part.labels > 0).any():
                raise ScanError(
                    "training needs labelled slices of training and validation subjects"
                )
            if "synthetic" in recipe.contrasts and part.synthetic is None:
                raise ScanError(
                    f"stage {recipe.name} needs synthetic late enhancement",
                    remedy="give a style network, or leave 'synthetic' out of its contrasts",
                )
        if "enhanced" in recipe.contrasts and self.enhanced is None:
            raise ScanError(
                f"stage {recipe.name} needs late enhancement that a cascade has labelled",
                remedy="give a folder of late enhancement",
            )

    def source(self, recipe: StageRecipe) -> StillBatches:
        """Training batches."""
        return StillBatches(self.training, recipe, self.enhanced)

    def validation_source(self, recipe: StageRecipe) -> StillBatches:
        """Validation batches: of what has true labels."""
        true = {name: part for name, part in recipe.contrasts.items() if name != "enhanced"}
        return StillBatches(self.validation, recipe.with_(contrasts=true))

    def summary(self) -> dict[str, Any]:
        """Names of the subjects."""
        parts = {"training": self.training, "validation": self.validation}
        if self.enhanced is not None:
            parts["self_training"] = self.enhanced.slices
        return {
            f"{name}_subjects": list(dict.fromkeys(part.subjects)) for name, part in parts.items()
        }
