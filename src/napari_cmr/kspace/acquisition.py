"""What is acquired: the choice of k-space lines, as data that can be saved, hashed and drawn."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Pattern = Literal["variable-density", "uniform", "golden-step"]


class Acquisition(BaseModel):
    """How a cine is undersampled: which lines each frame keeps, and what the scanner adds.

    Frozen, so that it can key a cache; its fields are enough to draw a form and to write a session
    file. Line counts are clipped to the scan by :func:`napari_cmr.kspace.line_mask`, which raises
    a ``ScanError`` where that cannot be meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_lines: int | None = Field(
        default=None, ge=1, description="k-space lines kept in every frame; None keeps them all"
    )
    pattern: Pattern = Field(
        default="variable-density",
        description="how the lines of a frame are chosen: at random, mostly near the centre, where "
        "the energy is; every n-th line, which folds the image; or evenly over k-space, frame "
        "after frame",
        json_schema_extra={
            "choices": {
                "variable-density": "Variable density",
                "uniform": "Uniform, sheared",
                "golden-step": "Golden step",
            }
        },
    )
    centre_lines: int = Field(
        default=0,
        ge=0,
        description="lines around the k-space centre that every frame keeps, out of its lines: "
        "they hold the brightness and the coarse shape; dropped if a frame has fewer than that",
    )
    seed: int = Field(
        default=0, ge=0, description="the same seed draws the same lines, phase and noise again"
    )
    phase: bool = Field(
        default=True,
        title="Synthetic phase",
        description="add a smooth synthetic phase to magnitude images, without which half of "
        "k-space is a mirror image of the other half",
    )
    noise: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="standard deviation of the complex noise, as a fraction of the image's 99th "
        "percentile",
        json_schema_extra={"unit": "%"},
    )
    coils: int = Field(
        default=1,
        ge=1,
        le=8,
        description="receive coils: one that sees everything alike, or an array of eight loops "
        "around the field of view, whose lines are combined to so many virtual coils, 4 to 6 as a "
        "rule; what they see is estimated from the central lines",
    )
    toggled: frozenset[tuple[int, int]] = Field(
        default=frozenset(),
        description="(frame, line) cells whose state the user flipped by hand",
    )
