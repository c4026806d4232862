"""Scores of what a segmenter reads in reconstructions of a scan: Dice of each slice, and the EF."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from napari_cmr.analysis import volumes_ml
from napari_cmr.experiments.accuracy import clinical_parameters
from napari_cmr.kspace import Measured
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.workflow.reconstruct.image_reader import VENTRICLES, ImageReader
from napari_cmr.workflow.segment.cine import segment
from napari_cmr.zoo import default_choice, find_models, read_card

DIRECT = "direct"
"""Way of a model that reads labels out of the lines, without an image."""
FUNCTION = ("LV EDV", "LV ESV", "EF", "RV EDV", "RV ESV", "RV EF")
"""Quantities whose error is taken: volumes in mL, ejection fractions in percent."""


def reading_weights() -> dict[str, str]:
    """SHA-256 of the weights of every model that reads images or lines, by its name."""
    there = find_models()
    wanted = [default_choice(one) for one in ("full cine", "cine", "left atrium")]
    cards = [
        read_card(there[one.name, one.preset]) for one in wanted if (one.name, one.preset) in there
    ]
    return {card.name: card.sha256 for card in cards}


class ScanScores:
    """Scores of reconstructions of some slices of one scan.

    Parameters
    ----------
    scan : Scan
    slices : sequence of int
    """

    def __init__(self, scan: Scan, slices: Sequence[int]) -> None:
        self.scan, self.slices = scan, tuple(slices)
        try:
            self.reader: ImageReader | None = ImageReader.of(scan, slices)
        except ScanError:  # a kind of scan that no segmenter belongs to
            self.reader = None

    @property
    def has_function(self) -> bool:
        """Whether volumes can be measured: a whole stack of a cine across the ventricles."""
        whole = self.slices == tuple(range(self.scan.n_slices)) and len(self.slices) > 1
        if self.reader is None or self.reader.classes != VENTRICLES:
            return False
        return whole and len(self.reader.frames) > 1

    def dice_rows(self, read: np.ndarray) -> list[dict[str, Any]]:
        """Mean Dice over the frames of each slice, beside that in the full images, by class.

        Parameters
        ----------
        read : ndarray, shape (F, Z', Y, X)
            Of :meth:`~napari_cmr.workflow.reconstruct.image_reader.ImageReader.read`.
        """
        assert self.reader is not None
        found, full = (_frame_means(one) for one in (self.reader.dice(read), self.reader.full_dice))
        names = [label.name.lower() for label in self.reader.classes]
        return [
            {f"dice_{name}": _known(found[place, k]) for k, name in enumerate(names)}
            | {f"full_dice_{name}": _known(full[place, k]) for k, name in enumerate(names)}
            for place in range(len(self.slices))
        ]

    def function_row(self, labels: np.ndarray) -> dict[str, Any]:
        """Volumes and ejection fractions of labels, and how far each is from the reference.

        Parameters
        ----------
        labels : ndarray, shape (F, Z, Y, X)
            Of the frames that are scored.
        """
        assert self.reader is not None
        found, true = self._function(labels), self._reference_function
        row: dict[str, Any] = {"reference": "labels" if self._marked else "full images"}
        for name in FUNCTION:
            ours, theirs = found[name], true[name]
            error = None if ours is None or theirs is None else ours - theirs
            row |= {name: ours, f"{name} error": error}
        return row

    def direct_row(self, measured: Measured) -> dict[str, Any]:
        """As :meth:`function_row` of labels that are read out of the lines, without an image.

        The heart is where it is in the full images, as for what reads images, so that both differ
        in nothing else.
        """
        assert self.reader is not None
        found = segment(measured, default_choice("cine"), location=self.reader.location)
        return self.function_row(found.labels[list(self.reader.frames)])

    @cached_property
    def _marked(self) -> tuple[int, int] | None:
        """Places of ED and ES among the frames that are scored, where labels say them."""
        reader = self.reader
        assert reader is not None
        if not reader.has_reference or len(reader.frames) < 2:
            return None
        volumes = volumes_ml(reader.reference, self.scan.geometry, Label.LV)
        if not volumes.min() > 0:
            return None
        return int(volumes.argmax()), int(volumes.argmin())

    @cached_property
    def _reference_function(self) -> Mapping[str, float | None]:
        assert self.reader is not None
        return self._function(self.reader.reference if self._marked else self.reader.in_full)

    def _function(self, labels: np.ndarray) -> Mapping[str, float | None]:
        """At the ED and ES that are marked, or at the largest and the smallest cavity."""
        if self._marked is not None:
            at = self._marked
        else:
            volumes = volumes_ml(labels, self.scan.geometry, Label.LV)
            at = int(volumes.argmax()), int(volumes.argmin())
        return clinical_parameters(labels[list(at)], self.scan.geometry)


def _frame_means(dice: np.ndarray) -> np.ndarray:
    """Means (Z', classes) over the frames (F, Z', classes) that show a class; NaN if none does."""
    shown = np.isfinite(dice)
    count = shown.sum(0)
    total = np.where(shown, dice, 0.0).sum(0)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
