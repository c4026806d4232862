"""Random training samples: a subject, a slice, an acquisition, a view of it, and its labels.

The order is that of the scanner: the augmented object is measured on its own grid, line by line,
and only the reconstruction of the measured lines is resampled to the network's grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.kspace.phase import with_phase
from napari_cmr.nets.inputs import network_input, temporal_average, to_hybrid
from napari_cmr.training.augment.contraction import contract
from napari_cmr.training.augment.elastic import smooth_bends
from napari_cmr.training.augment.variety import vary_appearance
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.recipe import CineRecipe

#: Share of the slices whose cavity closes further than it did.
CONTRACTED = 0.05


@dataclass(frozen=True)
class ViewSettings:
    """The network's grid and how far augmentation may move the heart on it.

    Lengths in mm, angles in degrees; ``scale`` of both axes and ``stretch`` of one against the
    other are standard deviations of the log, ``elastic_mm`` of what places are displaced by.
    """

    size: int = 128
    spacing_mm: float = 1.5
    shift_mm: float = 8.0
    rotation: float = 45.0
    scale: float = 0.08
    stretch: float = 0.0
    elastic_mm: float = 0.0


@dataclass(frozen=True, eq=False)
class Pose:
    """How one slice of a cine is turned and mirrored, and which frames of it are seen.

    ``order`` holds the frames of the cine, ``labels`` (T, N, X) are theirs, ``spacing`` of rows and
    columns is in mm, ``centre`` of the heart in pixels.
    """

    order: np.ndarray
    labels: Tensor
    spacing: tuple[float, float]
    centre: tuple[float, float]
    ed_frame: int
    es_frame: int
    transposed: bool
    flipped: tuple[int, ...]

    def apply(self, frames: np.ndarray) -> np.ndarray:
        """Turn and mirror frames (T, Y, X): rows and columns swapped, then mirrored."""
        if self.transposed:
            frames = frames.transpose(0, 2, 1)
        return np.flip(frames, self.flipped)


def draw_pose(cine: TrainingCine, z: int, rng: np.random.Generator) -> Pose:
    """Draw a cycle of frames of a slice, and one of the eight ways to turn and mirror it."""
    order, ed_frame, es_frame = draw_cycle(cine, rng)
    transposed = rng.random() < 0.5
    flipped = tuple(axis for axis in (1, 2) if rng.random() < 0.5)
    labels = cine.labels[order, z]
    spacing, centre = cine.spacing[1:], cine.heart_centre
    if transposed:
        labels = labels.transpose(0, 2, 1)
        spacing, centre = spacing[::-1], centre[::-1]
    row, column = (
        length - 1 - place if axis in flipped else place
        for axis, (place, length) in enumerate(zip(centre, labels.shape[1:], strict=True), start=1)
    )
    return Pose(
        order,
        torch.from_numpy(np.ascontiguousarray(np.flip(labels, flipped))),
        (float(spacing[0]), float(spacing[1])),
        (float(row), float(column)),
        ed_frame,
        es_frame,
        transposed,
        flipped,
    )


@dataclass(frozen=True, eq=False)
class Measured:
    """Measured lines of one augmented slice, before anything is resampled.

    ``complete`` (T, N, X) complex holds every line of the object, ``mask`` (T, N) says which were
    measured (see :mod:`napari_cmr.nets.inputs`).
    """

    complete: Tensor
    mask: Tensor
    pose: Pose

    @property
    def hybrid(self) -> Tensor:
        """Measured lines (T, N, X), zero elsewhere."""
        return self.complete * self.mask[..., None]


def draw_n_lines(
    n_phase_encodes: int,
    progress: float,
    rng: np.random.Generator,
    lines: tuple[int, int | None] = (1, None),
    one_line: float = 0.1,
) -> int:
    """Lines per frame, log-uniform between the fewest, which fall to their floor, and the most.

    The floor falls from full sampling to the fewest lines over the first third of training (the
    warm start of schlemper2018); log-uniform rather than the paper's uniform, because what matters
    happens below 20 lines. Where all lines are among the counts, a fifth of the samples has them;
    where one line is, a share ``one_line`` has it once the floor has fallen, the hardest case.
    """
    fewest, most = lines
    pick = rng.random()
    if pick < 0.2 and most is None:
        return n_phase_encodes
    if 0.2 <= pick < 0.2 + one_line and progress > 1 / 3 and fewest == 1:
        return 1
    top = n_phase_encodes * 0.6 if most is None else most
    floor = max(fewest, (0.5 * n_phase_encodes) ** max(0.0, 1.0 - 3.0 * progress))
    drawn = np.exp(rng.uniform(np.log(min(floor, top)), np.log(top)))
    return max(1, min(n_phase_encodes, round(float(drawn))))


def draw_cycle(cine: TrainingCine, rng: np.random.Generator) -> tuple[np.ndarray, int, int]:
    """Which frames make up the cycle that is shown, and where ED and ES are among them.

    Every cine is seen with many frame rates: between 12 frames and all that there are, evenly
    spaced, the ED and ES frames always among them, because their labels were drawn by hand.
    """
    total = len(cine.image)
    if rng.random() < 0.15:
        # The labelled pair alone, as two-phase scans come: nothing synthetic about it.
        return np.array([cine.ed_frame, cine.es_frame]), 0, 1
    count = int(rng.integers(min(12, total), total + 1))
    order = (cine.ed_frame + np.round(np.arange(count) * total / count).astype(int)) % total
    es_frame = int(np.abs((order - cine.es_frame + total // 2) % total - total // 2)[1:].argmin())
    es_frame += 1
    order[es_frame] = cine.es_frame
    # A cine rarely starts exactly at the R wave.
    shift = int(rng.integers(-1, 2))
    return np.roll(order, shift), shift % count, (es_frame + shift) % count


def measure_slice(
    cine: TrainingCine,
    z: int,
    progress: float,
    rng: np.random.Generator,
    *,
    fully_sampled: bool = False,
    lines: tuple[int, int | None] = (1, None),
    one_line: float = 0.1,
) -> Measured:
    """Augment one slice of a cine and measure it with a newly drawn acquisition."""
    pose = draw_pose(cine, z, rng)
    shape = (pose.labels.shape[1], pose.labels.shape[2])
    noise = float(rng.uniform(0, 0.06)) if rng.random() < 0.5 else 0.0
    n_lines = shape[0] if fully_sampled else draw_n_lines(shape[0], progress, rng, lines, one_line)
    acquisition = Acquisition(
        n_lines=min(n_lines, shape[0]),
        centre_lines=int(rng.choice([0, 0, 0, 2, 4])),
        seed=int(rng.integers(2**31)),
    )
    mask = torch.from_numpy(line_mask(acquisition, len(pose.order), shape[0]).array.copy())

    image = pose.apply(cine.image[pose.order, z].astype(np.float32))
    if rng.random() < CONTRACTED:
        amount = float(rng.uniform(0.2, 0.9))
        image, labels = contract(image, pose.labels.numpy(), pose.spacing, amount)
        pose = replace(pose, labels=torch.from_numpy(labels))
    signal = with_phase(vary_appearance(image, pose.spacing, rng), rng)
    if noise:
        pair = rng.standard_normal((*signal.shape, 2), dtype=np.float32) * np.float32(noise)
        signal = signal + pair.view(np.complex64)[..., 0]
    complete = to_hybrid(torch.from_numpy(np.ascontiguousarray(signal)))
    return Measured(complete, mask, pose)


def view_grid(pose: Pose, view: ViewSettings, rng: np.random.Generator) -> Tensor:
    """Grid (H, W, 2) of a randomly shifted, turned, scaled and bent view of the heart."""
    angle = np.deg2rad(rng.uniform(-view.rotation, view.rotation))
    scale, stretch = np.exp(rng.normal(0, (view.scale, view.stretch)))
    shift = rng.normal(0, view.shift_mm, 2)
    half = (view.size - 1) / 2
    offset = (torch.arange(view.size, dtype=torch.float32) - half) * view.spacing_mm * scale
    y, x = torch.meshgrid(offset * stretch, offset / stretch, indexing="ij")
    if view.elastic_mm:
        bend = smooth_bends(1, view.size, view.elastic_mm, rng)[0]
        y, x = y + bend[..., 0], x + bend[..., 1]
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    rows = pose.centre[0] + (cos * y - sin * x + shift[0]) / pose.spacing[0]
    columns = pose.centre[1] + (sin * y + cos * x + shift[1]) / pose.spacing[1]
    height, width = pose.labels.shape[1:]
    return torch.stack([2 * columns / (width - 1) - 1, 2 * rows / (height - 1) - 1], dim=-1)


def resample(images: Tensor, grid: Tensor, mode: str = "bilinear") -> Tensor:
    """Sample (F, C, N, X) images at a (H, W, 2) grid, or each at its own of (F, H, W, 2).

    Outside the image is zero.
    """
    grids = grid.expand(len(images), -1, -1, -1)
    return F.grid_sample(images, grids, mode=mode, align_corners=True)


def draw_frames(pose: Pose, n_frames: int, rng: np.random.Generator) -> Tensor:
    """Neighbouring frames, half of the time around ED or ES, whose labels were drawn by hand."""
    total = len(pose.order)
    pick = rng.random()
    middle = (
        pose.ed_frame if pick < 0.25 else pose.es_frame if pick < 0.5 else int(rng.integers(total))
    )
    return torch.arange(middle - n_frames // 2, middle - n_frames // 2 + n_frames) % total


def draw_slice(cine: TrainingCine, rng: np.random.Generator) -> int:
    """Any slice, but nine times in ten one in which there is heart.

    A quarter of the time it is one of the two at its base or apex, where networks err most.
    """
    heart, pick = cine.heart_slices, rng.random()
    if not heart.size or pick >= 0.9:
        return int(rng.integers(cine.labels.shape[1]))
    return int(rng.choice(np.r_[heart[:2], heart[-2:]] if pick < 0.25 else heart))


def segmentation_batch(
    cines: Sequence[TrainingCine],
    recipe: CineRecipe,
    view: ViewSettings,
    *,
    progress: float,
    rng: np.random.Generator,
) -> tuple[Tensor, ...]:
    """Neighbouring frames of sequences of different subjects, ``looks`` windows of each.

    Returns
    -------
    channels : Tensor, shape (B * F, C, H, W)
        B is ``sequences * looks``, F ``frames``.
    labels : integer Tensor, shape (B * F, H, W)
    complete : Tensor, shape (B * F, C, H, W)
        The fully sampled frames' channels; only for the ``latent`` loss, which compares codes.
    """
    parts: list[tuple[Tensor, ...]] = []
    count = recipe.sequences
    for index in rng.choice(len(cines), count, replace=count > len(cines)):
        cine = cines[int(index)]
        z = draw_slice(cine, rng)
        measured = measure_slice(
            cine,
            z,
            progress,
            rng,
            fully_sampled=recipe.fully_sampled,
            lines=recipe.lines,
            one_line=recipe.one_line,
        )
        parts.append(_looks(measured, recipe, view, rng))
    return tuple(torch.cat(tensors) for tensors in zip(*parts, strict=True))


def _looks(
    measured: Measured, recipe: CineRecipe, view: ViewSettings, rng: np.random.Generator
) -> tuple[Tensor, ...]:
    """Windows of frames, each in a view of its own: channels, labels, and complete channels.

    Measuring costs more than looking: each acquisition is looked at several times.
    """
    known = len(measured.mask) > 2 and rng.random() < 0.7
    windows = [draw_frames(measured.pose, recipe.frames, rng) for _ in range(recipe.looks)]
    frames = torch.cat(windows)
    views = torch.stack([view_grid(measured.pose, view, rng) for _ in windows])
    grids = views.repeat_interleave(recipe.frames, dim=0)
    kind = recipe.input_kind
    shown = network_input(measured.hybrid, measured.mask, frames, kind, cycle_known=known)
    labels = seen_labels(measured.pose, frames, grids)
    if recipe.loss != "latent":
        return resample(shown, grids), labels
    every = torch.ones_like(measured.mask)
    complete = network_input(measured.complete, every, frames, kind, cycle_known=known)
    return resample(shown, grids), labels, resample(complete, grids)


def seen_labels(pose: Pose, frames: Tensor, grid: Tensor) -> Tensor:
    """Labels (F, H, W) of some frames on a view's grid, or each on its own."""
    return resample(pose.labels[frames, None].float(), grid, "nearest")[:, 0].long()


def label_batch(
    cines: Sequence[TrainingCine],
    recipe: CineRecipe,
    view: ViewSettings,
    *,
    rng: np.random.Generator,
) -> tuple[Tensor]:
    """Label maps alone, as LI-net's auto-encoder learns from: nothing is measured.

    Returns
    -------
    labels : integer Tensor, shape (B * F, H, W)
        As many as in :func:`segmentation_batch`, every one a view of its own.
    """
    count = recipe.sequences * recipe.looks * recipe.frames
    parts = []
    for index in rng.choice(len(cines), count, replace=count > len(cines)):
        cine = cines[int(index)]
        pose = draw_pose(cine, draw_slice(cine, rng), rng)
        frames = draw_frames(pose, 1, rng)
        parts.append(seen_labels(pose, frames, view_grid(pose, view, rng)))
    return (torch.cat(parts),)


def localiser_batch(
    cines: Sequence[TrainingCine],
    view: ViewSettings,
    *,
    batch_size: int,
    progress: float,
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Magnitude of temporal averages (B, 1, H, W) and where there is heart (B, H, W)."""
    images, targets = [], []
    for index in rng.choice(len(cines), batch_size, replace=batch_size > len(cines)):
        cine = cines[int(index)]
        measured = measure_slice(cine, int(rng.integers(cine.labels.shape[1])), progress, rng)
        grid = view_grid(measured.pose, view, rng)
        average = temporal_average(measured.hybrid, measured.mask).abs()
        images.append(resample(average[None, None], grid)[0])
        heart = (measured.pose.labels > 0).any(0)[None, None].float()
        targets.append(resample(heart, grid, "nearest")[0, 0])
    return torch.stack(images), torch.stack(targets)
