"""What a segmenter of full images reads in reconstructions of a scan, and how well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_cmr.analysis.reconstruction.interpretability import (
    Interpretability,
    image_dice,
    interpretability,
)
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.workflow.segment.cine import load_localiser
from napari_cmr.zoo import ModelChoice, default_choice

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation

VENTRICLES = (Label.LV, Label.MYO, Label.RV)
ATRIUM = (Label.LA,)


def segmenter_for(scan: Scan, device: str = "auto") -> tuple[ModelChoice, tuple[Label, ...]]:
    """Segmenter of full images that belongs to a scan, and the classes that it labels.

    Raises
    ------
    ScanError
        If there is none: neither a cine across the ventricles, nor late enhancement of an atrium.
    """
    if scan.kind == "cine" and not scan.is_long_axis:
        return default_choice("full cine", device=device), VENTRICLES
    if scan.kind == "lge" and (scan.view == "other" or _shows_atrium(scan)):
        return default_choice("left atrium", device=device), ATRIUM
    raise ScanError(
        "no segmenter of full images belongs to this scan",
        source=scan.source or scan.name,
        remedy="score short-axis cines, or axial late enhancement of the left atrium",
    )


def _shows_atrium(scan: Scan) -> bool:
    return scan.labels is not None and bool((scan.labels == Label.LA).any())


@dataclass(frozen=True, eq=False)
class ImageReader:
    """Reads some slices of one scan, in images of any method, and scores what is read.

    Labels are compared with the scan's own where it has some; else with what the segmenter reads in
    the full images, so that the score is how far reading changes, not how right it is.

    Attributes
    ----------
    scan : Scan
    slices : tuple of int
    model : ModelChoice
        The segmenter, which learned from full images alone.
    classes : tuple of Label
    place : HeartLocation, optional
        Where the heart is in the full images, if that is known already.
    """

    scan: Scan
    slices: tuple[int, ...]
    model: ModelChoice
    classes: tuple[Label, ...]
    place: "HeartLocation | None" = None

    @classmethod
    def of(cls, scan: Scan, slices: Sequence[int], *, device: str = "auto") -> "ImageReader":
        """Reader with the segmenter that belongs to a scan; see :func:`segmenter_for`."""
        return cls(scan, tuple(slices), *segmenter_for(scan, device))

    @property
    def has_reference(self) -> bool:
        """Whether the scan's own labels show a class that the segmenter labels."""
        return self.scan.labels is not None and bool(np.isin(self.scan.labels, self.classes).any())

    @property
    def frames(self) -> tuple[int, ...]:
        """Frames that are scored: those with labels, or all."""
        if self.has_reference:
            return self.scan.labelled_frames
        return tuple(range(self.scan.n_frames))

    def read(self, images: np.ndarray) -> np.ndarray:
        """Labels of the frames that are scored.

        Parameters
        ----------
        images : ndarray, shape (T, Z', Y, X)
            Of the slices, complex or magnitude.

        Returns
        -------
        ndarray of uint8, shape (F, Z', Y, X)
        """
        magnitude = np.abs(images).astype(np.float32)
        if self.classes == ATRIUM:
            return self._read_atrium(magnitude)
        return self._read_ventricles(magnitude)

    @cached_property
    def in_full(self) -> np.ndarray:
        """What is read in the full images, shape (F, Z', Y, X)."""
        return self.read(self.scan.image[:, list(self.slices)])

    @cached_property
    def reference(self) -> np.ndarray:
        """Labels that others are compared with, shape (F, Z', Y, X)."""
        if not self.has_reference:
            return self.in_full
        assert self.scan.labels is not None
        return self.scan.labels[np.ix_(self.frames, self.slices)]

    def dice(self, read: np.ndarray) -> np.ndarray:
        """Dice of what was read, image by image, shape (F, Z', classes); NaN of an absent class."""
        flat = (read.reshape(-1, *read.shape[-2:]), self.reference.reshape(-1, *read.shape[-2:]))
        return image_dice(*flat, self.classes).reshape(*read.shape[:2], -1)

    @cached_property
    def full_dice(self) -> np.ndarray:
        """Dice of what is read in the full images; see :meth:`dice`."""
        return self.dice(self.in_full)

    def score(self, images: np.ndarray) -> Interpretability:
        """Semantic interpretability score of images of the slices.

        Raises
        ------
        ValueError
            If no image shows any of the classes.
        """
        count = len(self.classes)
        found = self.dice(self.read(images)).reshape(-1, count)
        return interpretability(found, self.full_dice.reshape(-1, count))

    @cached_property
    def weights(self) -> Mapping[str, str]:
        """SHA-256 of the segmenter's weights, by its name."""
        from napari_cmr.zoo import find_weights, read_card

        card = read_card(find_weights(self.model.name, self.model.preset))
        return {card.name: card.sha256}

    @cached_property
    def location(self) -> "HeartLocation":
        """Where the heart is in the full images, whatever image is read."""
        if self.place is not None:
            return self.place
        average = np.abs(self.scan.image).mean(axis=0)
        return load_localiser(self.model.device).locate(average, self.scan.geometry)

    def _read_ventricles(self, magnitude: np.ndarray) -> np.ndarray:
        from napari_cmr.zoo import load
        from napari_cmr.zoo.tasks.segmentation import Segmenter

        segmenter = load(self.model, Segmenter)
        shown = undersample(self.scan, Acquisition(), slices=self.slices).with_image(magnitude)
        frames = [
            segmenter.segment(shown, self.location, frames=(frame,)).labels[0]
            for frame in self.frames
        ]
        return np.stack(frames)

    def _read_atrium(self, magnitude: np.ndarray) -> np.ndarray:
        from napari_cmr.zoo import load
        from napari_cmr.zoo.tasks.atrium import AtriumSegmenter

        segmenter = load(self.model, AtriumSegmenter)
        chosen = magnitude[list(self.frames)]
        found = segmenter.segment(
            chosen.reshape(-1, *chosen.shape[-2:]), self.scan.spacing[1:]
        ).labels
        return found.reshape(chosen.shape)


@dataclass(frozen=True)
class SliceScore:
    """Semantic interpretability of one slice, and whose.

    Attributes
    ----------
    model : str
        The segmenter.
    mean : float
    classes : mapping of str to float
        Scores of the classes that the slice shows, by name.
    against_labels : bool
        Whether it is compared with labels of the scan, rather than with what is read in its full
        images.
    """

    model: str
    mean: float
    classes: Mapping[str, float]
    against_labels: bool


class SliceScorer:
    """Scores slices of one scan as they come; what is read in their full images is kept.

    Parameters
    ----------
    scan : Scan
    device : str
        Where the segmenter runs.
    """

    def __init__(self, scan: Scan, device: str = "auto") -> None:
        self.scan, self._device = scan, device
        self._readers: dict[int, ImageReader] = {}
        try:
            self._chosen: tuple[ModelChoice, tuple[Label, ...]] | None = segmenter_for(scan, device)
        except ScanError:  # a kind of scan that no segmenter of full images belongs to
            self._chosen = None

    @property
    def belongs(self) -> bool:
        """Whether a segmenter of full images belongs to the scan."""
        return self._chosen is not None

    def score(self, z: int, image: np.ndarray) -> SliceScore | None:
        """Score an image (T, Y, X) of a slice.

        Returns
        -------
        SliceScore or None
            None where no segmenter belongs to the scan, or the slice shows no class.
        """
        if self._chosen is None:
            return None
        reader = self._reader(z)
        if not np.isfinite(reader.full_dice).any():
            return None
        found = reader.score(image[:, None])
        named = zip(reader.classes, found.classes, strict=True)
        return SliceScore(
            reader.model.name,
            found.mean,
            {label.name: score for label, score in named if np.isfinite(score)},
            reader.has_reference,
        )

    def _reader(self, z: int) -> ImageReader:
        if z not in self._readers:
            assert self._chosen is not None
            first = next(iter(self._readers.values()), None)
            known = first is not None and first.classes == VENTRICLES
            place = first.location if first is not None and known else None
            self._readers[z] = ImageReader(self.scan, (z,), *self._chosen, place)
        return self._readers[z]
