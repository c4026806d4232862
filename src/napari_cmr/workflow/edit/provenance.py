"""What labels were made from, and which slices of them the user has corrected."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from napari_cmr.kspace import Acquisition
from napari_cmr.scan import ScanError
from napari_cmr.zoo import find_weights, read_card

_WHOLE = Annotated[int, Field(ge=0, le=2**31)]


class Provenance(BaseModel):
    """Goes with labels wherever they are saved. Frozen, and plain data.

    Attributes
    ----------
    model : str or None
        None for labels that were drawn, or came with the scan.
    sha256 : str or None
        Of the model's weights.
    acquisition : Acquisition or None
        Lines that the model saw: how many, of which seed, and those changed by hand.
    corrected : tuple of (int, int)
        Frames and slices, from 0, that differ from what the model or the file gave.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = Field(default=None, max_length=200)
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    acquisition: Acquisition | None = None
    corrected: tuple[tuple[_WHOLE, _WHOLE], ...] = Field(default=(), max_length=100_000)

    def with_hash(self) -> "Provenance":
        """Name the weights that are installed, where they are not named yet."""
        if self.model is None or self.sha256 is not None:
            return self
        try:
            card = read_card(find_weights(self.model, "live"))
        except ScanError:
            return self  # they are not installed any more
        return self.model_copy(update={"sha256": card.sha256})

    def record(self) -> dict[str, Any]:
        """As JSON-ready data."""
        record: dict[str, Any] = self.model_dump(mode="json")
        return record
