"""What labels were made from, what was said of them, and which slices the user has corrected."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.analysis import CardiacFunction
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Notice, Ventricle

_WHOLE = Annotated[int, Field(ge=0, le=2**31)]
_NAME = Annotated[str, Field(min_length=1, max_length=200)]
_SHA256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_SHARE = Annotated[float, Field(ge=0.0, le=1.0)]
_PERCENT = Annotated[float, Field(ge=0.0, le=100.0)]


class MadeFrom(BaseModel):
    """Which model made labels, and which lines it saw.

    Attributes
    ----------
    model : str or None
        None for labels that were drawn, or came with the scan.
    preset : str or None
        Of the model: ``live`` or ``paper``.
    weights : dict of str to str
        SHA-256 of the weights that it ran with, by model: few lines are handed to another one.
    acquisition : Acquisition or None
        Lines that the model saw: how many, of which seed, and those changed by hand.
    method_settings : dict, or None
        Settings, where they are not its own, of the method whose image the model saw.
    is_whole : bool
        False while only some frames and slices are of these lines.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str | None = Field(default=None, max_length=200)
    preset: _NAME | None = None
    weights: dict[_NAME, _SHA256] = Field(default_factory=dict, max_length=16)
    acquisition: Acquisition | None = None
    method_settings: dict[_NAME, bool | int | float | str | None] | None = None
    is_whole: bool = True


class KeptSlices(MadeFrom):
    """Slices that a later run has left alone, and what these were made from.

    Attributes
    ----------
    slices : tuple of (int, int)
        Frames and slices, from 0.
    """

    slices: tuple[tuple[_WHOLE, _WHOLE], ...] = Field(default=(), max_length=100_000)


class Provenance(MadeFrom):
    """Goes with labels wherever they are saved. Frozen, and plain data.

    Attributes
    ----------
    lv_ef_percent, rv_ef_percent : float or None
        EF in the labels as the model gave them.
    lv_ef_interval_percent, rv_ef_interval_percent : (float, float) or None
        90 % intervals of these numbers, where the model has them.
    slice_confidence : dict of tuple of float
        How sure the model was of its labels in each slice at these frames, see
        :func:`~napari_cmr.workflow.segment.slice_confidence.phase_confidence`.
    warnings : tuple of Notice
        What the model, or the method whose image it saw, said of its labels.
    mended : tuple of (int, int)
        Frames and slices, from 0, in which the model's own labels were mended along the stack.
    corrected : tuple of (int, int)
        Frames and slices, from 0, that differ from what the model or the file gave.
    kept : tuple of KeptSlices
        Slices that the last run would have changed, but left alone, as the user had accepted or
        corrected them: what they were made from instead.
    """

    lv_ef_percent: float | None = Field(default=None, allow_inf_nan=False)
    lv_ef_interval_percent: tuple[_PERCENT, _PERCENT] | None = None
    rv_ef_percent: float | None = Field(default=None, allow_inf_nan=False)
    rv_ef_interval_percent: tuple[_PERCENT, _PERCENT] | None = None
    slice_confidence: dict[_NAME, tuple[_SHARE, ...]] = Field(default_factory=dict, max_length=9)
    mended: tuple[tuple[_WHOLE, _WHOLE], ...] = Field(default=(), max_length=100_000)
    warnings: tuple[Notice, ...] = Field(default=(), max_length=1000)
    corrected: tuple[tuple[_WHOLE, _WHOLE], ...] = Field(default=(), max_length=100_000)
    kept: tuple[KeptSlices, ...] = Field(default=(), max_length=1000)

    def at(self, frame: int, z: int) -> MadeFrom:
        """What the labels of a slice were made from, also where a run has kept them."""
        place = (frame, z)
        return next((one for one in self.kept if place in one.slices), self)

    def intervals_of(self, function: CardiacFunction) -> dict[Ventricle, tuple[float, float]]:
        """Intervals of a measurement's EFs, in percent, but for those that are of other numbers."""
        lv, rv = self.lv_ef_interval_percent, self.rv_ef_interval_percent
        found: dict[Ventricle, tuple[float, float]] = {}
        if lv is not None and self.lv_ef_percent == function.lv.ef_percent:
            found["LV"] = lv
        if rv is not None and self.rv_ef_percent == function.rv.ef_percent:
            found["RV"] = rv
        return found

    def record(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return with_ordered_lines(self.model_dump(mode="json"))


def with_ordered_lines(record: dict[str, Any]) -> dict[str, Any]:
    """Order the lines changed by hand in a dumped record: a set has no order of its own."""
    for one in (record, *record.get("kept", ())):
        if one["acquisition"] is not None:
            one["acquisition"]["toggled"] = sorted(one["acquisition"]["toggled"])
    return record


def ef_fields(
    function: CardiacFunction | None, intervals: Mapping[Ventricle, tuple[float, float]]
) -> dict[str, Any]:
    """Fields of a :class:`Provenance`: what a model's own labels measure."""
    fields = interval_fields(intervals)
    if function is not None:
        fields["lv_ef_percent"] = function.lv.ef_percent
        fields["rv_ef_percent"] = function.rv.ef_percent
    return fields


def interval_fields(intervals: Mapping[Ventricle, tuple[float, float]]) -> dict[str, Any]:
    """Intervals of EFs as records call them; None where there is none."""
    sides: tuple[Ventricle, ...] = ("LV", "RV")
    return {f"{side.lower()}_ef_interval_percent": intervals.get(side) for side in sides}


NO_MODEL = Provenance()
"""Of labels that were drawn, or came with the scan."""
