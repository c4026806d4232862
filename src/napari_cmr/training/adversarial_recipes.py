"""Settings of trainings against a discriminator, of still images and of cines. No torch."""

from typing import Any

from pydantic import BaseModel, Field

from napari_cmr.training.recipe import ReconstructionRecipe
from napari_cmr.training.still_recipes import StillReconstructionRecipe


class AdversarialTerms(BaseModel):
    """Terms of a loss against a discriminator, and what keeps both from running away.

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


class AdversarialRecipe(AdversarialTerms, StillReconstructionRecipe):
    """How a network learns to give back still images against a discriminator."""


class AdversarialCineRecipe(AdversarialTerms, ReconstructionRecipe):
    """How a network learns to give back cines against a discriminator, frame by frame.

    Attributes
    ----------
    batch : int
        Most frames, evenly spaced over the cycle, that are made and judged in a step. All are
        measured: a frame may borrow lines of others.
    """

    batch: int = 4


#: Discriminators, and refinements of two-stage models: as published, for a training of minutes, and
#: for tests.
PUBLISHED_JUDGE: dict[str, Any] = {"features": (64, 128, 256, 512, 1024, 1024), "norm": "batch"}
LIVE_JUDGE: dict[str, Any] = {"features": (32, 64, 128, 256, 256), "norm": "none"}
TINY_JUDGE: dict[str, Any] = {"features": (4, 8, 8), "norm": "none"}
PUBLISHED_REFINEMENT: dict[str, Any] = {"features": (32, 64, 128), "kernel": 4, "norm": "batch"}
LIVE_REFINEMENT: dict[str, Any] = {
    "features": (48, 96, 128),
    "kernel": 3,
    "norm": "none",
    "folded": 2,
}
TINY_REFINEMENT: dict[str, Any] = LIVE_REFINEMENT | {"features": (4, 8)}
