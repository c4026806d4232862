"""MUNIT: renders a bSSFP slice as late enhancement (Huang et al., ECCV 2018; Chen et al., 2019)."""

from napari_cmr.training.recipe import TranslationRecipe
from napari_cmr.training.register import Model

_LIVE = TranslationRecipe(
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
)

MODEL = Model(
    name="munit",
    title="Renders a bSSFP slice as late enhancement in any number of styles; synthetic, for "
    "training and trying out (Chen et al., STACOM 2019; Huang et al., ECCV 2018).",
    sees="magnitude of a still image around the heart, and a style of 8 numbers",
    publication="Huang et al., ECCV 2018; Chen et al., STACOM 2019",
    network="napari_cmr.nets.style.munit:Munit",
    training="napari_cmr.training.tasks.translation:TranslationTask",
    task="translation",
    learns_from="two contrasts",
    presets={
        "live": _LIVE,
        "paper": TranslationRecipe(
            architecture={"features": 64, "n_blocks": 4, "hidden": 256, "kernel": 5},
            discriminator={"features": 64, "depth": 4, "scales": 3},
            size=192,
            spacing_mm=1.25,
        ),
    },
    tiny=_LIVE.with_(
        architecture={"features": 4, "n_blocks": 1, "hidden": 8, "kernel": 3},
        discriminator={"features": 4, "depth": 2, "scales": 2},
        size=32,
        spacing_mm=2.0,
        judged=3,
    ),
    default_for=("translation",),
)
