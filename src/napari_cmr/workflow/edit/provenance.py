"""What labels were made from, and which slices of them the user has corrected."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.analysis import CardiacFunction
from napari_cmr.kspace import Acquisition

_WHOLE = Annotated[int, Field(ge=0, le=2**31)]
_NAME = Annotated[str, Field(min_length=1, max_length=200)]
_SHA256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_PERCENT = Annotated[float, Field(ge=0.0, le=100.0)]


class Provenance(BaseModel):
    """Goes with labels wherever they are saved. Frozen, and plain data.

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
    lv_ef_percent : float or None
        LV EF in the labels as the model gave them.
    lv_ef_interval_percent : (float, float) or None
        90 % interval of that number, where the model has one.
    is_whole : bool
        False while only some frames and slices are of these lines.
    corrected : tuple of (int, int)
        Frames and slices, from 0, that differ from what the model or the file gave.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str | None = Field(default=None, max_length=200)
    preset: _NAME | None = None
    weights: dict[_NAME, _SHA256] = Field(default_factory=dict, max_length=16)
    acquisition: Acquisition | None = None
    lv_ef_percent: float | None = Field(default=None, allow_inf_nan=False)
    lv_ef_interval_percent: tuple[_PERCENT, _PERCENT] | None = None
    is_whole: bool = True
    corrected: tuple[tuple[_WHOLE, _WHOLE], ...] = Field(default=(), max_length=100_000)

    def interval_of(self, function: CardiacFunction) -> tuple[float, float] | None:
        """Interval of a measurement's LV EF, in percent; None where it is of another number."""
        is_its_own = self.lv_ef_percent == function.lv.ef_percent
        return self.lv_ef_interval_percent if is_its_own else None

    def record(self) -> dict[str, Any]:
        """As JSON-ready data."""
        record: dict[str, Any] = self.model_dump(mode="json")
        if self.acquisition is not None:
            record["acquisition"]["toggled"] = sorted(self.acquisition.toggled)
        return record


NO_MODEL = Provenance()
"""Of labels that were drawn, or came with the scan."""
