"""Settings of trainings that give back still images of few lines. Imports no torch."""

from typing import Any, Literal

from pydantic import Field

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


class AdversarialRecipe(StillReconstructionRecipe):
    """How a network learns to give back still images against a discriminator.

    Each weight but that of the penalty is of a term that is divided by what it is in the first step
    (eq. 2 of seitzer2018), unless ``scaled`` is off.

    Attributes
    ----------
    discriminator : dict
        Keyword arguments of
        :class:`~napari_cmr.nets.adversarial.patch_discriminator.PatchDiscriminator`.
    mse, root_nmse, frequency : float
        Squared error of the complex image; root of that of the magnitude, relative to it; squared
        error of the magnitude of its spectrum (the last two are of DAGAN).
    adversarial, features, perceptual : float
        Logarithm of the discriminator's verdict, distance of its features, and perceptual distance.
    penalty : float
        Mean absolute change that a refinement makes before its gate, in grey values from -1 to 1.
    scaled : bool
    smoothed : float
        What is taken off the target of real images (one-sided label smoothing).
    replay, replayed : int, float
        Images that are kept for the discriminator, and the share of its images that come from them.
    gate_rate, judge_rate : float
        Rate of the gate, and of the discriminator, in parts of the network's.
    """

    discriminator: dict[str, Any] = Field(default_factory=dict)
    mse: float = 0.0
    root_nmse: float = 0.0
    frequency: float = 0.0
    adversarial: float = 0.5
    features: float = 0.5
    perceptual: float = 1.0
    penalty: float = 0.0
    scaled: bool = True
    smoothed: float = 0.1
    replay: int = 80
    replayed: float = 0.5
    gate_rate: float = 1.0
    judge_rate: float = 1.0
