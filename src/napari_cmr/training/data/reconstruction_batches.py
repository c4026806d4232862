"""Lines of slices of cines, and the images that they were measured from."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from napari_cmr.kspace import Acquisition, Pattern, line_mask
from napari_cmr.kspace.phase import with_phase
from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.recipe import ReconstructionRecipe

#: Fewest frames of a cycle that is shown.
_FRAMES = 10
#: Largest standard deviation of the flicker from frame to frame, which animated cines lack.
_FLICKER = 0.004
#: Share of the samples whose air is black, as some scanners make it.
_DARK = 0.3


class ReconstructionBatches:
    """One slice a batch: ``hybrid`` (T, N, X), ``mask`` (T, N), and the images (T, N, X).

    Images are complex, in the unit of the cine. Some of the columns are shown: a line mask never
    mixes columns. Each cine is seen with many frame rates, ways to turn and mirror it, contrasts,
    phases and patterns; for validation only the sampling is drawn.
    """

    def __init__(
        self,
        cines: Sequence[TrainingCine],
        recipe: ReconstructionRecipe,
        *,
        augment: bool = True,
    ) -> None:
        self.cines, self.recipe, self.augment = cines, recipe, augment

    def batch(self, step: int, rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Whole batch of a step; see the class."""
        cine = self.cines[int(rng.integers(len(self.cines)))]
        image = self._drawn(cine, rng)
        n_frames, n_lines = image.shape[:2]
        acquisition, noise = self._acquisition(n_lines, rng)
        mask = torch.from_numpy(line_mask(acquisition, n_frames, n_lines).array.copy())
        hybrid = to_hybrid(torch.from_numpy(image))
        if noise:
            hybrid = hybrid + noise * torch.from_numpy(_gaussian(hybrid.shape, rng))
        return hybrid * mask[..., None], mask, torch.from_numpy(image)

    def _drawn(self, cine: TrainingCine, rng: np.random.Generator) -> np.ndarray:
        """Complex images (T, N, X) of some columns of a slice."""
        z = int(rng.choice(cine.heart_slices)) if cine.heart_slices.size else 0
        frames = cine.image[:, z]
        if self.augment:
            frames = frames[_cycle(len(frames), self.recipe.frames, rng)]
            if rng.random() < 0.5:
                frames = frames.transpose(0, 2, 1)
            frames = np.flip(frames, tuple(axis for axis in (1, 2) if rng.random() < 0.5))
        frames = frames.astype(np.float32)
        first = _columns(frames, self.recipe.columns, rng)
        signal = with_phase(self._appearance(frames, rng) if self.augment else frames, rng)
        # the phase is that of the whole image: columns are cut out afterwards
        return np.ascontiguousarray(signal[..., first : first + self.recipe.columns])

    def _appearance(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Another contrast and shading, flicker, air set to zero, and the images' own noise.

        Animated cines have a tenth of the noise between frames that real ones have, and a network
        that has seen only them keeps what does not change as if it were signal.
        """
        frames = np.maximum(frames, 0) ** np.float32(np.exp(rng.normal(0, 0.2)))
        y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in frames.shape[1:])
        slope = rng.normal(0, 0.2, 2).astype(np.float32)
        frames = frames * np.exp(slope[0] * y[:, None] + slope[1] * x)
        flicker = rng.normal(0, _FLICKER * rng.random(), (len(frames), 3)).astype(np.float32)
        frames = frames * (
            1
            + flicker[:, 0, None, None]
            + flicker[:, 1, None, None] * y[:, None]
            + flicker[:, 2, None, None] * x
        )
        mean = frames.mean(axis=0)
        if rng.random() < _DARK:
            frames = frames * (mean > rng.uniform(0.02, 0.08))
        least, most = np.log(self.recipe.own_noise)
        own = np.float32(np.exp(rng.uniform(least, most)))
        even = np.float32(rng.random())
        grain = rng.standard_normal(frames.shape, dtype=np.float32)
        if rng.random() < 0.5:  # as of images that were interpolated
            grain = (grain + np.roll(grain, 1, 1) + np.roll(grain, 1, 2)) / np.float32(3**0.5)
        return np.abs(frames + own * (even + (1 - even) * mean) * grain)

    def _acquisition(self, n_lines: int, rng: np.random.Generator) -> tuple[Acquisition, float]:
        """A way to sample, with so many lines, and the noise of measuring."""
        least, most = np.log(self.recipe.accelerations)
        acceleration = float(np.exp(rng.uniform(least, most)))
        pattern: Pattern = rng.choice(
            ["variable-density", "uniform", "golden-step"], p=[0.55, 0.35, 0.1]
        )
        kept = max(2, round(n_lines / acceleration))
        acquisition = Acquisition(
            n_lines=kept,
            pattern=pattern,
            centre_lines=min(int(rng.choice([0, 2, 4])), kept // 2),
            seed=int(rng.integers(2**31)),
        )
        noisy = rng.random() < 0.4
        return acquisition, float(rng.uniform(0, self.recipe.noise)) if noisy else 0.0


def _cycle(total: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Frames of one cycle, unevenly spaced a little, from any of them on."""
    count = int(rng.integers(min(_FRAMES, total), min(total, most) + 1))
    step = total / count
    jitter = rng.uniform(-0.3, 0.3, count) * (step - 1 if step > 1 else 0.0)
    order = np.round(np.arange(count) * step + jitter + rng.integers(total)).astype(int) % total
    return order


def _columns(frames: np.ndarray, count: int, rng: np.random.Generator) -> int:
    """First of some columns, drawn where there is motion more often than elsewhere."""
    width = frames.shape[-1]
    if width <= count:
        return 0
    motion = frames.std(axis=0).mean(axis=0) + 1e-6
    weights = np.convolve(motion, np.ones(count), mode="valid") ** 2
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def _gaussian(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Complex noise of standard deviation one in each part."""
    pair = rng.standard_normal((*shape, 2), dtype=np.float32)
    return pair.view(np.complex64)[..., 0]
