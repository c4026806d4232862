"""Settings of trainings that give back still images of few lines. Imports no torch."""

from typing import Literal

from napari_cmr.training.recipe import Recipe


class StillReconstructionRecipe(Recipe):
    """How a network learns to give back still images of few lines.

    Attributes
    ----------
    accelerations : tuple of float
        Least and largest, log-uniform between them.
    centre_lines : tuple of int
        Least and most lines around the centre that are always kept.
    columns : int
        Of a slice that is shown; a line mask never mixes columns.
    batch : int
        Slices in a step.
    phase : float
        Share of the slices that get a smooth phase; the others are real.
    """

    accelerations: tuple[float, float] = (8.0, 8.0)
    centre_lines: tuple[int, int] = (4, 10)
    columns: int = 96
    batch: int = 4
    phase: float = 0.8
    steps: int = 93_600
    learning_rate: float = 2e-4
    schedule: Literal["one-cycle", "constant", "linear"] = "constant"

    def sampling(self, cine_frames: int) -> str:
        """Words for what :mod:`napari_cmr.training.data.still_lines` draws."""
        least, most = self.accelerations
        fold = f"{least:g}-fold" if least == most else f"{least:g}- to {most:g}-fold"
        return (
            f"still slices of magnitude images as published; {fold} acceleration, lines drawn anew "
            f"in each step from a Gaussian density, {self.centre_lines[0]} to "
            f"{self.centre_lines[1]} of them at the centre; smooth phase in "
            f"{100 * self.phase:.0f} % of the slices; no noise added"
        )
