"""One slice of a reconstructed image, what it came from, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_cmr.analysis.image_quality import ImageQuality
from napari_cmr.kspace import Acquisition
from napari_cmr.kspace.reconstruction import Reconstruction
from napari_cmr.motion.tracking import TissueMotion
from napari_cmr.viewer.core.results import lines_text
from napari_cmr.workflow.reconstruct.image_reader import SliceScore


@dataclass(frozen=True)
class ImageSource:
    """What an image was made from.

    Attributes
    ----------
    method : str
    settings : mapping
        Of the method, all of them.
    acquisition : Acquisition
        Lines, seed and noise.
    """

    method: str
    settings: Mapping[str, Any]
    acquisition: Acquisition


@dataclass(frozen=True, eq=False)
class SliceImage:
    """One slice as a method made it.

    Attributes
    ----------
    z : int
    source : ImageSource
    image : ndarray, shape (T, Y, X), float32
        Magnitude.
    std : ndarray, shape (T, Y, X), float32, or None
        Standard deviation of the magnitude, from methods that know it.
    seconds : float
    added : ndarray, shape (T, Y, X), float32, or None
        What a refinement has added to the magnitude, from methods that refine.
    is_judged : bool
        Whether it has been compared with the full scan.
    quality : ImageQuality or None
        What that gave; None where nobody knows the full scan.
    """

    z: int
    source: ImageSource
    image: np.ndarray
    std: np.ndarray | None
    seconds: float
    added: np.ndarray | None = None
    is_judged: bool = False
    quality: ImageQuality | None = None


@dataclass(frozen=True)
class SliceRecord:
    """What is kept of a slice beside its pixels.

    Attributes
    ----------
    source : ImageSource
        Of the pixels.
    seconds : float
        That its method took.
    quality : ImageQuality or None
        Against the full scan; None where nobody knows that, or nobody has compared them yet.
    judged : ImageSource or None
        What the image was made from that was compared last.
    score : SliceScore or None
        What a segmenter of full images reads in it; None where there is nothing to read, or nobody
        has read it yet.
    read : ImageSource or None
        What the image was made from that was read last.
    """

    source: ImageSource
    seconds: float
    quality: ImageQuality | None = None
    judged: ImageSource | None = None
    score: SliceScore | None = None
    read: ImageSource | None = None


@dataclass(frozen=True, eq=False)
class SliceMotion:
    """How tissue moves in the images of a slice.

    Attributes
    ----------
    source : ImageSource or None
        Of the images; None for the full scan.
    motion : TissueMotion
    error_mm : float or None
        Mean distance from where the full scan has the tissue; None where nobody knows that.
    """

    source: ImageSource | None
    motion: TissueMotion
    error_mm: float | None = None


def slice_of(result: Reconstruction, source: ImageSource) -> SliceImage:
    """First slice of a reconstruction."""
    return SliceImage(
        z=result.slices[0],
        source=source,
        image=np.abs(result.image[:, 0]),
        std=None if result.std is None else result.std[:, 0],
        seconds=result.seconds,
        added=None if result.added is None else result.added[:, 0],
    )


def old_image_text(made: ImageSource, now: ImageSource, n_phase_encodes: int) -> str:
    """Say what an image came from, where that is not what is chosen now; empty where it is."""
    if made == now:
        return ""
    text = f"from {lines_text(made.acquisition, n_phase_encodes)}"
    if made.method != now.method:
        text = f"by {made.method}, {text}"
    elif made.acquisition == now.acquisition:
        return f"{text} with other settings"
    if text == f"from {lines_text(now.acquisition, n_phase_encodes)}":
        return f"{text} of another acquisition"
    return text
