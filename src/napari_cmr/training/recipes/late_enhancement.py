"""How the cascade for late enhancement is trained, stage by stage."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from napari_cmr.scan import ScanError

Contrast = Literal["bssfp", "synthetic", "painted"]
StageName = Literal["unet-bssfp", "unet-lge", "cascade-bssfp", "cascade-lge"]


class StageRecipe(BaseModel):
    """One stage: which U-net learns, from which images, for how long.

    Attributes
    ----------
    name : str
        ``unet-`` trains the first U-net, ``cascade-`` the second with the first one fixed.
    architecture : dict
        Keyword arguments of :class:`~napari_cmr.nets.segmentation.lge_cascade.Cascade`.
    size, spacing_mm : int, float
        The network's square grid.
    contrasts : dict of str to float
        Share of each kind of image: the cine's own, late enhancement that style transfer made of
        it, and late enhancement painted on it.
    infarcts : bool
        Whether infarcts are put into what style transfer made, too.
    batch_size, steps, learning_rate
    schedule : {"one-cycle", "constant"}
    rotation : float
        Largest angle in degrees; 180 also mirrors images.
    scale, stretch : float
        Standard deviation of the logarithm of size, and of height over width.
    shift_mm, elastic_mm : float
        Standard deviation of the place of the heart, and of the bending of a coarse grid.
    noise, blur : float
        Largest standard deviations: of grey values on [0, 1], and in pixels.
    """

    model_config = ConfigDict(frozen=True)

    name: StageName
    architecture: dict[str, Any] = {}
    size: int = 112
    spacing_mm: float = 1.5
    contrasts: dict[Contrast, float] = {"bssfp": 1.0}
    infarcts: bool = False
    batch_size: int = 16
    steps: int = 1500
    learning_rate: float = 2e-3
    schedule: Literal["one-cycle", "constant"] = "one-cycle"
    rotation: float = 180.0
    scale: float = 0.12
    stretch: float = 0.08
    shift_mm: float = 8.0
    elastic_mm: float = 2.5
    noise: float = 0.06
    blur: float = 1.0


#: The paper's 30 cine images and 150 synthetic ones.
PAPER_MIX: dict[Contrast, float] = {"bssfp": 1.0, "synthetic": 5.0}
PAINTED_MIX: dict[Contrast, float] = {"bssfp": 1.0, "painted": 5.0}
LIVE_MIX: dict[Contrast, float] = {"bssfp": 1.0, "synthetic": 2.5, "painted": 2.5}

LIVE_DEPARTS = (
    "112 x 112 pixels at 1.5 mm instead of 192 x 192 at 1.25 mm, and U-nets of 16 to 128 features",
    "instance norm instead of batch norm: no statistics of the cine's contrast are kept",
    "Adam up to 2e-3 with a one-cycle schedule in each stage and an exponential moving average of "
    "the weights, so that a few thousand steps on one CPU core suffice",
    "images are turned by any angle and mirrored, as pictures of late enhancement come in every "
    "orientation",
    "half of the synthetic late enhancement is painted: brightness of blood and muscle and scar "
    "drawn at random inside the labels, beside that of style transfer",
    "infarcts are drawn into most of both, as style transfer draws hardly any: walls with scar as "
    "bright as the blood were taken for cavity",
    "the members of the ensemble share their training on cines",
)

_LIVE: dict[str, Any] = {
    "architecture": {"features": (16, 32, 64, 128), "norm": "instance"},
    "infarcts": True,
}
_PAPER: dict[str, Any] = {
    "architecture": {"features": (64, 128, 256, 512, 1024), "norm": "batch"},
    "size": 192,
    "spacing_mm": 1.25,
    "schedule": "constant",
}

RECIPES: dict[str, tuple[StageRecipe, ...]] = {
    "live": (
        StageRecipe(name="unet-bssfp", steps=1400, **_LIVE),
        StageRecipe(name="unet-lge", contrasts=LIVE_MIX, steps=1000, learning_rate=1e-3, **_LIVE),
        StageRecipe(name="cascade-bssfp", steps=500, **_LIVE),
        StageRecipe(name="cascade-lge", contrasts=LIVE_MIX, steps=700, learning_rate=1e-3, **_LIVE),
    ),
    "paper": (
        StageRecipe(name="unet-bssfp", steps=60000, learning_rate=1e-3, **_PAPER),
        StageRecipe(
            name="unet-lge", contrasts=PAPER_MIX, steps=20000, learning_rate=1e-5, **_PAPER
        ),
        StageRecipe(name="cascade-bssfp", steps=60000, learning_rate=1e-3, **_PAPER),
        StageRecipe(
            name="cascade-lge", contrasts=PAPER_MIX, steps=20000, learning_rate=1e-5, **_PAPER
        ),
    ),
}


def stages(preset: str, *, with_style: bool = True) -> tuple[StageRecipe, ...]:
    """Stages of a preset, in order; without a style network painted contrasts take its part.

    Raises
    ------
    ScanError
        If there is no such preset.
    """
    if preset not in RECIPES:
        raise ScanError(f"no recipe for 'lge-cascade' ({preset})", remedy="choose live or paper")
    found = RECIPES[preset]
    if with_style:
        return found
    return tuple(
        stage
        if "synthetic" not in stage.contrasts
        else stage.model_copy(update={"contrasts": PAINTED_MIX})
        for stage in found
    )
