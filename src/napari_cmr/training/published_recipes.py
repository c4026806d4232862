"""Settings that published reconstruction networks for cines share. Imports no torch."""

from typing import Any

from napari_cmr.training.recipe import LOGARITHMIC, MIXED_PATTERNS, ReconstructionRecipe

#: Of the preset ``paper``, where a publication says no other: Adam at one rate, without noise.
PAPER = ReconstructionRecipe(
    frames=30,
    columns=64,
    noise=0.0,
    steps=60000,
    learning_rate=1e-4,
    schedule="constant",
    loss="published",
    departs=(
        MIXED_PATTERNS,
        "learned one slice a step from animated cines, without weight decay, with clipped "
        "gradients; the moving average of the weights is kept",
    ),
)

#: What the preset ``live`` changes.
LIVE: dict[str, Any] = {
    "frames": 18,
    "columns": 40,
    "noise": 0.03,
    "steps": 5000,
    "learning_rate": 1e-3,
    "schedule": "one-cycle",
    "loss": "logarithmic",
}

#: What small variants for tests change.
TINY: dict[str, Any] = {
    "frames": 10,
    "columns": 16,
    "noise": 0.03,
    "learning_rate": 1e-3,
    "schedule": "one-cycle",
}


def live_departs(paper: ReconstructionRecipe, *more: str) -> tuple[str, ...]:
    """Where a ``live`` preset departs: as ``paper`` does, in its loss, and in so much more."""
    return (*paper.departs, LOGARITHMIC, *more)
