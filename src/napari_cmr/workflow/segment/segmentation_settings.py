"""How a scan is segmented, whichever kind of model does it, and doing it."""

import hashlib
import json
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import napari_cmr
from napari_cmr.kspace import Acquisition, Pattern, undersample
from napari_cmr.scan import Code, Notice, Scan, ScanError
from napari_cmr.scan.file_parts import is_there
from napari_cmr.training.register import Purpose
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.workflow.segment.chain import Chain
from napari_cmr.workflow.segment.cine import Segmentation, segment_lines, segmentation_record
from napari_cmr.workflow.segment.late_enhancement import (
    LgeSegmentation,
    is_lge_model,
    lge_record,
    segment_lge,
)
from napari_cmr.zoo import (
    ModelCard,
    ModelChoice,
    default_choice,
    find_models,
    find_weights,
    read_card,
)
from napari_cmr.zoo.suitability import LABELLING, choice_for, unsuited

Result = TypeVar("Result", Segmentation, LgeSegmentation)
#: Notices that a scan is none of a kind, which the reason why a model is not for it says too.
_SAYING_THE_SAME = (Code.NOT_A_CINE, Code.NOT_LATE_ENHANCEMENT)


class SegmentationSettings(BaseModel):
    """Everything that changes a label, apart from the scan.

    Attributes
    ----------
    model : ModelChoice or None
        The first choice of the register for what the scan is if None.
    device : str
        Where a model runs that was not named.
    n_lines : int or None
        Lines per frame; None is all of them, which late enhancement takes.
    seed : int
    pattern : str
    coils : int
        As in :class:`~napari_cmr.kspace.Acquisition`.
    reconstruct : str or None
        Method whose image the model sees; None where it sees the lines.
    views : int or None
        Mirror images that are averaged; the model's own number if None.
    mend : bool
        Whether labels of a cine are mended along the stack.
    crf, ensemble : bool
        Of late enhancement: whether a dense CRF refines each slice, and whether all cascades vote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelChoice | None = None
    device: str = "auto"
    n_lines: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0)
    pattern: Pattern = "variable-density"
    coils: int = Field(default=1, ge=1, le=8)
    reconstruct: str | None = None
    views: int | None = Field(default=None, ge=1, le=8)
    mend: bool = True
    crf: bool = True
    ensemble: bool = True

    @property
    def is_lge(self) -> bool:
        """Whether a model for late enhancement was named."""
        return self.model is not None and is_lge_model(self.model.name)

    @property
    def acquisition(self) -> Acquisition:
        """How each scan is acquired."""
        return Acquisition(
            n_lines=self.n_lines, seed=self.seed, pattern=self.pattern, coils=self.coils
        )

    def choice(self, scan: Scan) -> ModelChoice:
        """The model that labels a scan.

        Raises
        ------
        ScanError
            If none was named, and none is for the scan.
        """
        return self.model or choice_for(scan, device=self.device)

    def digest(self) -> str:
        """Fingerprint of the settings, the models and the version; where it runs is no part.

        Of every model that may have a say, the one that finds the heart, the one for fewer lines
        and the network that makes an image included, with what it was calibrated to.

        Raises
        ------
        ScanError
            If there is no such model or method.
        """
        content = self.model_dump(mode="json", exclude={"model": {"device"}, "device": True})
        cards = [card.model_dump(mode="json") for card in self._cards()]
        content |= {"version": napari_cmr.__version__, "cards": cards}
        if self.reconstruct is not None:
            content["image_weights"] = dict(find_method(self.reconstruct).weights or {})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _cards(self) -> list[ModelCard]:
        """Cards of the models that may label a scan or find its heart."""
        known = find_models()
        may_run = [] if self.model is None else [find_weights(self.model.name, self.model.preset)]
        purposes: tuple[Purpose, ...] = ("heart",) if may_run else (*LABELLING, "heart")
        firsts = (default_choice(purpose) for purpose in purposes)
        may_run += [known[key] for one in firsts if (key := (one.name, one.preset)) in known]
        cards = []
        for weights in may_run:
            card = read_card(weights)
            fewer = weights.with_name(f"{card.for_fewer}-{card.preset}{weights.suffix}")
            cards += [card, *([read_card(fewer)] if card.for_fewer and is_there(fewer) else ())]
        return cards


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
        If no model was named and none is for the scan, or the model cannot be run.
    """
    model = settings.choice(scan)
    doubt = unsuited(read_card(find_weights(model.name, model.preset)), scan)
    if settings.reconstruct is not None:
        if is_lge_model(model.name):
            raise ScanError(
                f"{model.name} labels late enhancement from whole images",
                remedy="leave --reconstruct out",
            )
        made = Chain(settings.reconstruct, model).segment(
            undersample(scan, settings.acquisition),
            views=settings.views or 1,
            mend=settings.mend,
        )
        content = segmentation_record(scan, _doubted(made, doubt))
        content["weights"] |= find_method(settings.reconstruct).weights or {}
        return made.labels, content
    if not is_lge_model(model.name):
        result = segment_lines(
            scan,
            settings.acquisition,
            model=model,
            views=settings.views or 1,
            mend=settings.mend,
        )
        return result.labels, segmentation_record(scan, _doubted(result, doubt))
    from napari_cmr.zoo.tasks.late_enhancement import LgeSteps

    if settings.n_lines is not None:
        raise ScanError(
            f"{model.name} labels late enhancement from whole images, not from "
            f"{settings.n_lines} lines",
            remedy="leave --lines out",
        )
    steps = LgeSteps(members=None if settings.ensemble else 1, crf=settings.crf)
    if settings.views is not None:
        steps = steps._replace(views=settings.views)
    stack = segment_lge(scan, model, steps=steps)
    return stack.labels, lge_record(scan, _doubted(stack, doubt))


def _doubted(result: Result, doubt: Notice | None) -> Result:
    """Result that tells, before anything else, why its model is not for the scan."""
    if doubt is None:
        return result
    return replace(
        result,
        warnings=(doubt, *(one for one in result.warnings if one.code not in _SAYING_THE_SAME)),
    )
