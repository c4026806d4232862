"""Lines of slices of cines, and the images that they were measured from."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from napari_cmr.kspace import Acquisition, MeasuredSlice, Pattern, line_mask
from napari_cmr.kspace.coil_array import CoilArray, compression
from napari_cmr.kspace.coils import FEWEST_CALIBRATION_LINES, estimate_sensitivities
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.kspace.phase import with_phase
from napari_cmr.kspace.pooling import pool_lines
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

    Where the recipe has several coils, ``hybrid`` is (C, T, N, X), the images are those that all
    lines give with the same sensitivities, and these (C, N, X) come last.

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
        whole, columns = self._drawn(cine, rng)
        n_frames, n_lines = whole.shape[:2]
        acquisition, noise = self._acquisition(n_lines, rng)
        measured = line_mask(acquisition, n_frames, n_lines).array.copy()
        if self.recipe.coils > 1:
            return self._by_array(whole, columns, measured, noise, rng)
        mask = torch.from_numpy(measured)
        image = np.ascontiguousarray(whole[..., columns])
        hybrid = to_hybrid(torch.from_numpy(image))
        if noise:
            hybrid = hybrid + noise * torch.from_numpy(_gaussian(hybrid.shape, rng))
        return hybrid * mask[..., None], mask, torch.from_numpy(image)

    def _by_array(
        self,
        image: np.ndarray,
        columns: slice,
        mask: np.ndarray,
        noise: float,
        rng: np.random.Generator,
    ) -> tuple[Tensor, ...]:
        """Lines of the coils of an array, mask, images and estimated sensitivities."""
        array, encoding = CoilArray.draw(image.shape[1:], rng), Encoding(mask)
        # of noise, the single coil has a standard deviation in each part
        of_loops = array.measure(image, encoding.transform, noise_sd=noise * np.sqrt(2.0), rng=rng)
        weights = compression(of_loops, self.recipe.coils)
        lines = np.einsum("vc,tcnx->tvnx", weights, of_loops, optimize=True)
        maps = estimate_sensitivities(pool_lines(lines, encoding.transform), reference=0)
        one = MeasuredSlice(0, lines, encoding.with_sensitivities(maps)).columns(columns)
        # what all lines of these coils give, with the sensitivities that few of them gave
        seen = np.einsum("vyx,vc,cyx->yx", maps.conj(), weights, array.maps, optimize=True)
        target = np.ascontiguousarray((image * seen)[..., columns])
        assert one.sensitivities is not None
        arrays = one.spectrum(), mask, target, one.sensitivities
        return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in arrays)

    def _drawn(self, cine: TrainingCine, rng: np.random.Generator) -> tuple[np.ndarray, slice]:
        """Complex images (T, N, X) of a slice, and the columns of it that are shown."""
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
        return signal, slice(first, min(first + self.recipe.columns, signal.shape[-1]))

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
        coils = self.recipe.coils > 1
        kept = max(FEWEST_CALIBRATION_LINES if coils else 2, round(n_lines / acceleration))
        centre = min(int(rng.choice([0, 2, 4])), kept // 2)
        acquisition = Acquisition(
            n_lines=kept,
            pattern=pattern,
            centre_lines=FEWEST_CALIBRATION_LINES if coils else centre,
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
