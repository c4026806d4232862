"""How close a reconstruction is to the full scan, slice by slice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from napari_cmr.analysis.image_quality import ImageQuality, image_quality
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.kspace.measured import acquired_slice
from napari_cmr.kspace.reconstruction import Reconstruction
from napari_cmr.scan import Notice, Scan


@dataclass(frozen=True, eq=False)
class MethodQuality:
    """Quality of a method's images of some lines, mean over slices.

    Attributes
    ----------
    method : str
    settings : mapping
        Of the method, all of them.
    acquisition : Acquisition
        Lines that the images were made from.
    slices : tuple of int
        Over which the mean is taken, from 0.
    quality : ImageQuality
    notices : tuple of Notice
        What a user should know before relying on the images.
    """

    method: str
    settings: Mapping[str, Any]
    acquisition: Acquisition
    slices: tuple[int, ...]
    quality: ImageQuality
    notices: tuple[Notice, ...] = ()


def mean_quality(several: Sequence[ImageQuality]) -> ImageQuality:
    """Mean of each number."""
    names = [one.name for one in fields(ImageQuality)]
    return ImageQuality(
        **{name: float(np.mean([getattr(one, name) for one in several])) for name in names}
    )


def has_full(scan: Scan, z: int) -> bool:
    """Whether the full image of a slice is known: a raw file may lack lines."""
    return scan.raw is None or bool(scan.raw.measured[:, z].all())


def full_slice(scan: Scan, z: int, acquisition: Acquisition) -> np.ndarray | None:
    """Image of a slice from all lines, without noise, in the phase of an acquisition.

    What several coils see is combined as they are for fewer lines, so that its phase is theirs.

    Returns
    -------
    ndarray, shape (T, Y, X), complex64, or None
        None where a raw file does not hold all lines: then nobody knows the full image.
    """
    if not has_full(scan, z):
        return None
    whole = acquisition.model_copy(update={"noise": 0.0, "n_lines": None, "toggled": frozenset()})
    if scan.raw is None and acquisition.coils == 1:
        return acquired_slice(scan, z, whole)
    return undersample(scan, whole, slices=(z,), keep=False)[0].zero_filled()


def quality_of(scan: Scan, result: Reconstruction) -> dict[int, ImageQuality]:
    """Quality of each slice of a reconstruction, by slice; none where there is no full image."""
    found = {}
    for place, z in enumerate(result.slices):
        full = full_slice(scan, z, result.acquisition)
        if full is not None and full.any():
            found[z] = image_quality(result.image[:, place], full)
    return found
