"""Contrasts of late enhancement painted on labelled cine images, without any network.

A second road to synthetic late enhancement beside style transfer: the labels say where blood and
muscle are, so that their brightness can be set to anything, and scar be put into the wall.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cmr.scan import Label

#: Share of synthetic late enhancement that shows an infarct.
INFARCTED = 0.7


def paint(image: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give a cine image a random contrast of late enhancement.

    Around the heart grey values pass through a random rising curve; blood and muscle get
    brightnesses of their own (muscle nulled to nearly so), and :data:`INFARCTED` of the images get
    an infarct.

    Parameters
    ----------
    image : ndarray of float32, shape (Y, X)
        On [0, 1].
    labels : ndarray of uint8, shape (Y, X)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (Y, X)
        About [0, 1].
    """
    low = rng.uniform(0, 0.5)
    painted = _tone(image, low, rng)
    # nulled muscle is as grey as lung and air in phase-sensitive images
    muscle = low + rng.normal(0, 0.06) if rng.random() < 0.6 else rng.uniform(0.05, 0.5)
    blood = muscle + rng.uniform(0.05, 0.5)
    levels = {Label.RV: blood + rng.normal(0, 0.04), Label.MYO: muscle, Label.LV: blood}
    keep = rng.uniform(0.1, 0.6)
    softness = rng.uniform(0.3, 1.0)
    for label, level in levels.items():
        inside = labels == label
        if inside.any():
            texture = keep * (image - image[inside].mean())
            painted = _lay(painted, inside, level + texture, softness)
    if rng.random() < INFARCTED:
        painted = _infarcted(painted, labels, rng, blood=blood, muscle=muscle, softness=softness)
    return painted.astype(np.float32)


def infarct_in_texture(
    image: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Put an infarct into real late enhancement: the wall with its own texture, but bright.

    Parameters
    ----------
    image : ndarray of float32, shape (Y, X)
        On [0, 1].
    labels : ndarray of uint8, shape (Y, X)
    rng : numpy.random.Generator

    Returns
    -------
    image : ndarray of float32, shape (Y, X)
    infarcted : ndarray of bool, shape (Y, X)
        Scar and core; none where there is no wall around a cavity.
    """
    scar, core = draw_scar(labels, rng)
    if not scar.any():
        return image, scar
    wall = image[labels == Label.MYO]
    blood, muscle = float(np.median(image[labels == Label.LV])), float(np.percentile(wall, 25))
    softness = rng.uniform(0.3, 0.8)
    contrast = max(blood - muscle, 0.05)
    texture = np.clip(image - muscle, -0.3 * contrast, 0.3 * contrast)
    bright = blood + contrast * rng.uniform(-0.3, 1.2)
    made = _lay(image, scar, bright + texture, softness)
    if core.any():
        made = _lay(made, core, muscle + texture, softness)
    return made.astype(np.float32), scar | core


def infarct(image: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put an infarct into late enhancement that style transfer made, which draws hardly any.

    Parameters
    ----------
    image : ndarray of float32, shape (Y, X)
        On [0, 1].
    labels : ndarray of uint8, shape (Y, X)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (Y, X)
        The image itself where there is no wall around a cavity.
    """
    cavity, wall = labels == Label.LV, labels == Label.MYO
    if not cavity.any() or not wall.any():
        return image
    blood, muscle = (float(np.median(image[inside])) for inside in (cavity, wall))
    softness = rng.uniform(0.3, 1.0)
    made = _infarcted(image, labels, rng, blood=blood, muscle=muscle, softness=softness)
    return made.astype(np.float32)


def _infarcted(
    image: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    *,
    blood: float,
    muscle: float,
    softness: float,
) -> np.ndarray:
    """Scar about as bright as blood or brighter, and at times a core as dark as muscle."""
    scar, core = draw_scar(labels, rng)
    bright = blood + rng.uniform(-0.1, 0.35)
    image = _lay(image, scar, bright + rng.normal(0, 0.05, labels.shape), softness)
    if core.any():
        image = _lay(image, core, muscle + rng.normal(0, 0.04, labels.shape), softness)
    return image


def _lay(
    image: np.ndarray, where: np.ndarray, values: np.ndarray | float, softness: float
) -> np.ndarray:
    """Cover a structure, with edges as soft as a pixel of the scan makes them."""
    from scipy import ndimage

    share = ndimage.gaussian_filter(where.astype(np.float32), softness)
    covered: np.ndarray = image + share * (values - image)
    return covered


def draw_scar(labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw an infarct in a sector of the wall, from the cavity outwards, and its dark core.

    Returns
    -------
    scar, core : ndarrays of bool, shape (Y, X)
        Nothing where there is no wall around a cavity.
    """
    from scipy import ndimage

    wall, cavity = labels == Label.MYO, labels == Label.LV
    scar = np.zeros(labels.shape, dtype=bool)
    if not wall.any() or not cavity.any():
        return scar, scar
    from_cavity = ndimage.distance_transform_edt(~cavity)
    from_outside = ndimage.distance_transform_edt(wall | cavity)
    depth = from_cavity / np.maximum(from_cavity + from_outside, 1e-6)
    rows, columns = np.nonzero(cavity)
    y, x = np.indices(labels.shape)
    angle = np.arctan2(y - rows.mean(), x - columns.mean())
    for _ in range(int(rng.integers(1, 3))):
        half = rng.uniform(0.2, 2.0)
        off = np.abs(np.angle(np.exp(1j * (angle - rng.uniform(-np.pi, np.pi))))) / half
        reach = rng.uniform(0.4, 1.3) * np.sqrt(np.maximum(1 - off**2, 0))
        scar |= wall & (depth <= reach) & (off < 1)
    core = np.zeros_like(scar)
    if rng.random() < 0.25:
        core = ndimage.binary_erosion(scar, iterations=int(rng.integers(1, 3)))
        core &= depth < 0.6
    return scar & ~core, core


def _tone(image: np.ndarray, low: float, rng: np.random.Generator) -> np.ndarray:
    """Random rising curve through five points, from a background of that grey."""
    high = rng.uniform(max(0.6, low + 0.2), 1.0)
    between = np.sort(rng.uniform(low, high, 3))
    curve: np.ndarray = np.interp(image, np.linspace(0, 1, 5), [low, *between, high])
    return curve.astype(np.float32)


def spoil(images: Tensor, rng: np.random.Generator, *, noise: float, blur: float) -> Tensor:
    """Gamma, coil shading, blur and noise, each image (B, 1, H, W) on about [0, 1] its own.

    Parameters
    ----------
    images : Tensor, shape (B, 1, H, W)
    rng : numpy.random.Generator
    noise : float
        Largest standard deviation.
    blur : float
        Largest standard deviation in pixels.
    """
    count, _, height, width = images.shape

    def each(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.astype(np.float32))[:, None, None, None]

    images = images.clamp(0, None) ** each(np.exp(rng.normal(0, 0.25, count)))
    y, x = torch.meshgrid(
        torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij"
    )
    a, b, c = (each(rng.normal(0, 0.12, count)) for _ in range(3))
    images = images * torch.exp(a * y + b * x + c * x * y)
    widths = rng.uniform(0, blur, count) * (rng.random(count) < 0.5)
    offsets = torch.arange(-3, 4, dtype=torch.float32)
    kernels = torch.exp(-0.5 * (offsets / each(np.maximum(widths, 0.1))[:, :, 0, 0]) ** 2)
    kernels = kernels / kernels.sum(1, keepdim=True)
    stack = images.transpose(0, 1)
    stack = F.conv2d(stack, kernels[:, None, :, None], padding=(3, 0), groups=count)
    stack = F.conv2d(stack, kernels[:, None, None, :], padding=(0, 3), groups=count)
    level = each(rng.uniform(0, noise, count))
    grain = torch.from_numpy(rng.standard_normal(images.shape, dtype=np.float32))
    return stack.transpose(0, 1) + level * grain
