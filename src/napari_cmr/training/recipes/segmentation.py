"""One recipe per network and preset: what is built, what it is shown, for how long."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from torch import nn

from napari_cmr.nets.catalogue import build_network
from napari_cmr.nets.input_kinds import InputKind
from napari_cmr.scan import ScanError

Preset = Literal["live", "paper"]


class Recipe(BaseModel):
    """How one network is trained. The card of the weights records it whole.

    Attributes
    ----------
    model, preset : str
    task : {"segmentation", "localisation"}
    architecture : dict
        Keyword arguments of the network.
    input_kind : str
        What :func:`napari_cmr.nets.inputs.network_input` shows it.
    size, spacing_mm : int, float
        Side of the network's grid in pixels, and its spacing.
    shift_mm, rotation, stretch, elastic_mm : float
        How far views are moved, turned (in degrees), stretched (standard deviation of the log) and
        bent (of what places are displaced by).
    sequences, looks, frames : int
        Acquisitions in a batch, each of another subject, views of each, and neighbouring frames
        in a view.
    fully_sampled : bool
        Whether every training sample is fully sampled.
    lines : tuple of int and (int or None)
        Fewest and most lines per frame to learn from; None is up to all of them.
    smoothing : float
        Of answers over time once it is trained, see :class:`~napari_cmr.zoo.cards.ModelCard`.
    autoencoder_steps : int
        LI-net: the first of the steps train the auto-encoder of labels (stage 1).
    steps, learning_rate, schedule
        Optimiser steps; Adam's rate; ``one-cycle``, or the paper's ``x0.8 every 2 epochs``.
    loss : {"cross-entropy", "binary", "latent"}
        ``latent`` is eq. 2 of schlemper2018. Cross-entropy alone, whatever is gained in Dice by
        adding soft Dice: that counts doubtful pixels in for the thinner class, which drew walls
        15 % too heavy and end-systolic cavities too small.
    departs : tuple of str
        Where the recipe departs from its publication, and why.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    preset: Preset
    task: Literal["segmentation", "localisation"] = "segmentation"
    architecture: dict[str, Any] = {}
    input_kind: InputKind = "zero-filled"
    size: int = 128
    spacing_mm: float = 1.5
    shift_mm: float = 8.0
    rotation: float = 45.0
    stretch: float = 0.0
    elastic_mm: float = 0.0
    sequences: int = 4
    looks: int = 2
    frames: int = 3
    fully_sampled: bool = False
    lines: tuple[int, int | None] = (1, None)
    smoothing: float = 0.0
    autoencoder_steps: int = 0
    steps: int = 4000
    learning_rate: float = 2e-3
    schedule: Literal["one-cycle", "step"] = "one-cycle"
    loss: Literal["cross-entropy", "binary", "latent"] = "cross-entropy"
    departs: tuple[str, ...] = ()

    def build(self) -> nn.Module:
        """Network with freshly initialised weights."""
        return build_network(self.model, self.architecture)


_LIVE = (
    "Adam up to 2e-3 with a one-cycle schedule and an exponential moving average of the weights, "
    "so that a few thousand steps on two CPU cores suffice",
    "lines per frame log-uniform rather than uniform, since what matters happens below 20 lines",
)
_PAPER: dict[str, Any] = {
    "schedule": "step",
    "learning_rate": 1e-4,
    "sequences": 8,
    "looks": 1,
}

_POOLED: dict[str, Any] = {"stretch": 0.06, "elastic_mm": 2.0, "smoothing": 0.03}

_RECIPES = (
    Recipe(
        model="localiser",
        preset="live",
        task="localisation",
        architecture={"features": (12, 24, 48, 64)},
        size=96,
        spacing_mm=3.0,
        shift_mm=25.0,
        sequences=8,
        looks=1,
        frames=1,
        steps=1500,
        loss="binary",
    ),
    Recipe(
        model="localiser",
        preset="paper",
        task="localisation",
        architecture={"features": (32, 64, 128, 256)},
        size=128,
        spacing_mm=2.5,
        shift_mm=25.0,
        sequences=16,
        looks=1,
        frames=1,
        steps=20000,
        learning_rate=1e-3,
        loss="binary",
    ),
    Recipe(
        model="pooled-net",
        preset="live",
        architecture={"features": (32, 64, 128, 192, 192)},
        input_kind="pooled",
        lines=(6, None),
        **_POOLED,
        sequences=6,
        looks=4,
        frames=1,
        steps=29000,
    ),
    Recipe(
        # For fewer lines than pooled-net knows, as the paper tunes a network for each number of
        # lines: what is left of a frame then is its share of the average, and a place in the cycle.
        # What ships started from pooled-net's weights, and took 1,500 steps.
        model="pooled-net-few",
        preset="live",
        architecture={"in_channels": 8, "features": (32, 64, 128, 192, 192)},
        input_kind="pooled-wide",
        lines=(1, 8),
        **_POOLED,
        sequences=6,
        looks=4,
        frames=1,
        steps=3000,
    ),
    Recipe(
        model="pooled-net",
        preset="paper",
        architecture={"features": (64, 128, 256, 512, 512), "fine": 32},
        input_kind="pooled",
        lines=(6, None),
        **_POOLED,
        sequences=16,
        looks=4,
        frames=1,
        steps=60000,
        learning_rate=1e-3,
    ),
    Recipe(
        model="pooled-net-few",
        preset="paper",
        architecture={"in_channels": 8, "features": (64, 128, 256, 512, 512), "fine": 32},
        input_kind="pooled-wide",
        lines=(1, 8),
        **_POOLED,
        sequences=16,
        looks=4,
        frames=1,
        steps=20000,
        learning_rate=1e-3,
    ),
    Recipe(
        model="syn-net",
        preset="live",
        architecture={"features": (16, 32, 64, 128, 128)},
        frames=4,
        sequences=3,
        steps=3000,
        departs=_LIVE,
    ),
    Recipe(
        model="syn-net",
        preset="paper",
        architecture={"features": (64, 128, 256, 512, 1024)},
        frames=16,
        steps=60000,
        **_PAPER,
    ),
    Recipe(
        model="li-net",
        preset="live",
        architecture={"features": (16, 32, 64, 128, 32), "code_size": 256},
        frames=4,
        sequences=3,
        # Not longer: after 3000 steps codes are sharper (Dice .94, .90 and .93), but what few lines
        # tell decodes to a heart without a cavity, and another 3900 steps of stage 2 mend it not.
        autoencoder_steps=450,
        steps=2500,
        learning_rate=1e-3,
        loss="latent",
        departs=(*_LIVE, "a code of 256 numbers for each frame"),
    ),
    Recipe(
        model="li-net",
        preset="paper",
        architecture={"features": (64, 128, 256, 512, 512), "code_size": 1024},
        frames=16,
        autoencoder_steps=20000,
        steps=60000,
        **{**_PAPER, "loss": "latent"},
        departs=("a code for each frame rather than for the sequence, so that any T works",),
    ),
    Recipe(
        model="fcn",
        preset="live",
        architecture={"features": (16, 32, 64, 128, 128), "reduced": 16, "head": 32},
        input_kind="magnitude",
        fully_sampled=True,
        sequences=6,
        looks=4,
        frames=1,
        steps=2500,
        departs=(_LIVE[0], "fewer filters"),
    ),
    Recipe(
        model="fcn",
        preset="paper",
        architecture={},
        input_kind="magnitude",
        fully_sampled=True,
        sequences=20,
        looks=1,
        frames=1,
        steps=50000,
        learning_rate=1e-3,
    ),
)

RECIPES: dict[tuple[str, str], Recipe] = {
    (recipe.model, recipe.preset): recipe for recipe in _RECIPES
}


def recipe(model: str, preset: str) -> Recipe:
    """Look a recipe up.

    Raises
    ------
    ScanError
        If there is none of that name.
    """
    if (model, preset) not in RECIPES:
        known = ", ".join(f"{name} ({size})" for name, size in RECIPES)
        raise ScanError(f"no recipe for {model!r} ({preset})", remedy=f"there are {known}")
    return RECIPES[model, preset]
