"""How a scan is segmented, whichever kind of model does it, and doing it."""

import hashlib
import json
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import napari_cmr
from napari_cmr.kspace import Pattern
from napari_cmr.scan import Scan, ScanError
from napari_cmr.workflow.segment.cine import segment_lines, segmentation_record
from napari_cmr.workflow.segment.late_enhancement import is_lge_model, lge_record, segment_lge
from napari_cmr.zoo import ModelChoice, default_choice, find_weights, read_card


class SegmentationSettings(BaseModel):
    """Everything that changes a label, apart from the scan.

    Attributes
    ----------
    model : ModelChoice
        For cines, the default one, or for late enhancement.
    n_lines : int or None
        Lines per frame; None is all of them, which late enhancement takes.
    seed : int
    pattern : str
    views : int or None
        Mirror images that are averaged; the model's own number if None.
    crf, ensemble : bool
        Of late enhancement: whether a dense CRF refines each slice, and whether all cascades vote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelChoice = Field(default_factory=lambda: default_choice("cine"))
    n_lines: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0)
    pattern: Pattern = "variable-density"
    views: int | None = Field(default=None, ge=1, le=8)
    crf: bool = True
    ensemble: bool = True

    @property
    def is_lge(self) -> bool:
        """Whether the model labels late enhancement."""
        return is_lge_model(self.model.name)

    def digest(self) -> str:
        """Fingerprint of the settings, the weights and the version; where it runs is no part.

        Raises
        ------
        ScanError
            If there is no such model.
        """
        content = self.model_dump(mode="json", exclude={"model": {"device"}})
        weights = find_weights(self.model.name, self.model.preset)
        content |= {"version": napari_cmr.__version__, "sha256": read_card(weights).sha256}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def segment_as_set(scan: Scan, settings: SegmentationSettings) -> tuple[np.ndarray, dict[str, Any]]:
    """Segment a scan.

    Returns
    -------
    labels : ndarray of uint8, shape (T, Z, Y, X)
    content : dict
        The measurement of them and what they were made from, JSON-ready.

    Raises
    ------
    ScanError
        If the scan is none for the model, or the model cannot be run.
    """
    if not settings.is_lge:
        result = segment_lines(
            scan,
            settings.n_lines,
            seed=settings.seed,
            pattern=settings.pattern,
            model=settings.model,
            views=settings.views or 1,
        )
        return result.labels, segmentation_record(scan, result)
    from napari_cmr.zoo.tasks.late_enhancement import LgeSteps

    if settings.n_lines is not None:
        raise ScanError(
            f"{settings.model.name} labels late enhancement from whole images, not from "
            f"{settings.n_lines} lines",
            remedy="leave --lines out",
        )
    steps = LgeSteps(members=None if settings.ensemble else 1, crf=settings.crf)
    if settings.views is not None:
        steps = steps._replace(views=settings.views)
    stack = segment_lge(scan, settings.model, steps=steps)
    return stack.labels, lge_record(scan, stack)
