"""What parts of a session file are made of: the base of its records, bounded fields, references."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_RUNS = 3 * 2_000_000
Whole = Annotated[int, Field(ge=0, le=2**48)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Runs = Annotated[tuple[Whole, ...], Field(max_length=MAX_RUNS)]
"""See :mod:`napari_cmr.workflow.session.label_runs`."""


class Record(BaseModel):
    """Frozen data without room for anything else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ModelReference(Record):
    """A model that made something in the session, and the SHA-256 of its weights file."""

    name: Name
    preset: Name
    sha256: Sha256
