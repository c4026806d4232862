"""Recipes of the network that translates between contrasts."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from napari_cmr.nets.style.munit import Munit
from napari_cmr.scan import ScanError


class StyleRecipe(BaseModel):
    """How the translation network is trained. The card of the weights records it whole.

    Attributes
    ----------
    architecture, discriminator : dict
        Keyword arguments of :class:`~napari_cmr.nets.style.munit.Munit` and of
        :class:`~napari_cmr.nets.style.discriminator.MultiScaleDiscriminator`.
    size, spacing_mm : int, float
        Side of the grid around the heart in pixels, and its spacing.
    shift_mm, rotation, zoom, aspect : float
        Limits of the random views of both contrasts: shift, rotation in degrees, and parts of
        the scale, of both axes together and of one against the other.
    gamma : float
        Limit of the exponent of source intensities, as a factor.
    batch : int
        Images of each contrast in a step.
    judged : int
        Real and made images that the judges look at in a step; where these are more than a batch,
        made ones of earlier steps are among them (Shrivastava et al., CVPR 2017).
    steps, learning_rate : int, float
        Steps of each of the two Adam optimisers (betas 0.5 and 0.999), and their rate.
    judges_rate : float
        Rate of the judges' optimiser, in parts of the network's.
    schedule : {"halving", "linear"}
        The rate halved every 100 000 steps as published, or let down to zero over the last third.
    image, content, style, adversarial : float
        Weights of huang2018: L1 of reconstructed images, contents and styles, and LSGAN.
    kl : float
        Weight that draws encoded styles to N(0, I), the term that chen2019 names.
    cycle : float
        Weight of the L1 of an image that went to the other contrast and back.
    anatomy : float
        Weight of the labels that a head reads off the content of the source image, and again off
        that of its translation. The source's labels alone are used.
    both_ways : bool
        Whether target images are translated too, as published.
    departs : tuple of str
        Where the recipe departs from its publication, and why.
    """

    model_config = ConfigDict(frozen=True)

    model: Literal["style"] = "style"
    preset: Literal["live", "paper"]
    task: Literal["style"] = "style"
    architecture: dict[str, Any] = {}
    discriminator: dict[str, Any] = {}
    size: int = 112
    spacing_mm: float = 1.5
    shift_mm: float = 6.0
    rotation: float = 25.0
    zoom: float = 0.1
    aspect: float = 0.08
    gamma: float = 1.25
    batch: int = 1
    judged: int = 1
    steps: int = 20000
    learning_rate: float = 1e-4
    judges_rate: float = 1.0
    schedule: Literal["halving", "linear"] = "halving"
    image: float = 10.0
    content: float = 1.0
    style: float = 1.0
    adversarial: float = 1.0
    kl: float = 0.0
    cycle: float = 0.0
    anatomy: float = 0.0
    both_ways: bool = True
    departs: tuple[str, ...] = ()

    def build(self) -> Munit:
        """Network with freshly initialised weights."""
        return Munit(**self.architecture)


STYLE_RECIPES: dict[str, StyleRecipe] = {
    "paper": StyleRecipe(
        preset="paper",
        architecture={"features": 64, "n_blocks": 4, "hidden": 256, "kernel": 5},
        discriminator={"features": 64, "depth": 4, "scales": 3},
        size=192,
        spacing_mm=1.25,
    ),
    "live": StyleRecipe(
        preset="live",
        architecture={
            "features": 16,
            "n_blocks": 3,
            "hidden": 128,
            "kernel": 3,
            "shared_content": True,
        },
        discriminator={"features": 32, "depth": 4, "scales": 2},
        batch=2,
        judged=8,
        steps=8500,
        learning_rate=3e-4,
        judges_rate=2.0,
        schedule="linear",
        style=2.0,
        adversarial=2.0,
        kl=0.01,
        anatomy=2.0,
        both_ways=False,
        departs=(
            "a quarter of the features and a grid of 112 x 112 at 1.5 mm, so that an hour of one "
            "processor core is enough",
            "Adam at 3e-4 let down to zero over the last third, and an exponential moving average "
            "of the weights",
            "one content encoder for both contrasts, so that bright stays bright: with one each, "
            "the first few hundred steps settled on the negative",
            "LGE is not translated to bSSFP, which nobody needs and a third of the time went into",
            "judges and styles count twice: at their published weight the styles stayed alike",
            "a head reads the labels of the source image off its content, and off the content of "
            "its translation, so that anatomy stays",
        ),
    ),
}


def style_recipe(preset: str) -> StyleRecipe:
    """Look a recipe up; ScanError if there is none of that name."""
    if preset not in STYLE_RECIPES:
        raise ScanError(
            f"no recipe for style ({preset})", remedy=f"choose {' or '.join(STYLE_RECIPES)}"
        )
    return STYLE_RECIPES[preset]
