"""Which model runs, at which size, where and in which precision. Imports no network library."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from napari_cmr.training.register import Purpose, default

Precision = Literal["auto", "float32"]


class ModelChoice(BaseModel):
    """A model and how it is run, as :func:`napari_cmr.zoo.load` takes it.

    Attributes
    ----------
    name : str
        As ``napari-cmr models`` lists it.
    preset : str
        ``live`` or ``paper``.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``; see :func:`napari_cmr.zoo.devices.choose_device`.
    precision : {"auto", "float32"}
        Of the convolutions; see :func:`napari_cmr.zoo.devices.choose_dtype`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    preset: str = "live"
    device: str = "auto"
    precision: Precision = "auto"

    def of(self, name: str) -> "ModelChoice":
        """Another model with the same preset, device and precision."""
        return self.model_copy(update={"name": name})


def default_choice(purpose: Purpose, **fields: Any) -> ModelChoice:
    """First choice of the register for a purpose, with other fields of a choice if given."""
    return ModelChoice(name=default(purpose).name, **fields)
