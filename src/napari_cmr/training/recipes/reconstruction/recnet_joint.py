"""RecNet by squared error and a discriminator at once, which Seitzer et al. argue against."""

from napari_cmr.training.adversarial_recipes import (
    LIVE_JUDGE,
    PUBLISHED_JUDGE,
    TINY_JUDGE,
    AdversarialRecipe,
)
from napari_cmr.training.register import Model

_PAPER = AdversarialRecipe(
    architecture={"cascades": 3, "depth": 3, "features": 32, "residual": False},
    discriminator=PUBLISHED_JUDGE,
    mse=1.0,
    columns=4096,
    batch=5,
    steps=49_920,
)

MODEL = Model(
    name="recnet-joint",
    heading="RecNet, joint",
    title="Late enhancement of few lines by RecNet, trained by squared error and against a "
    "discriminator at once: details may be invented (the comparison of Seitzer et al., 2018).",
    sees="real and imaginary part of the zero-filled slice",
    publication="Seitzer et al., MICCAI 2018, section 2",
    network="napari_cmr.nets.reconstruction.dc_cnn:DcCnn",
    training="napari_cmr.training.tasks.adversarial:AdversarialTask",
    task="reconstruction",
    needs=("still",),
    learns_from="stills",
    invents=True,
    presets={
        "live": _PAPER.with_(
            architecture={"cascades": 3, "depth": 3, "features": 32},
            discriminator=LIVE_JUDGE,
            accelerations=(6.0, 10.0),
            columns=64,
            batch=4,
            steps=2500,
            learning_rate=1e-3,
            judge_rate=0.5,
            schedule="linear",
            departs=(
                "each sub-network answers with a correction",
                "a discriminator of five layers, a quarter as wide, without a norm",
                "features of SqueezeNet rather than of VGG-19, which is not to be had freely",
                "6- to 10-fold acceleration rather than 8-fold alone",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"cascades": 2, "depth": 2, "features": 6},
        discriminator=TINY_JUDGE,
        columns=32,
        batch=2,
        learning_rate=1e-3,
    ),
)
