"""DAGAN: de-aliasing of magnitude images against a discriminator (Yang et al., IEEE TMI, 2018)."""

from napari_cmr.training.adversarial_recipes import (
    LIVE_JUDGE,
    PUBLISHED_JUDGE,
    TINY_JUDGE,
    AdversarialRecipe,
)
from napari_cmr.training.register import Model

_PAPER = AdversarialRecipe(
    architecture={},
    discriminator=PUBLISHED_JUDGE,
    root_nmse=15.0,
    frequency=0.1,
    adversarial=1.0,
    features=0.0,
    perceptual=0.0025,
    scaled=False,
    smoothed=0.0,
    replay=1,
    replayed=0.0,
    phase=0.0,
    columns=256,
    batch=25,
    steps=60_000,
    learning_rate=1e-4,
    departs=(
        "lines are drawn anew in each step; as published one mask is kept",
        "VGG-19 rather than VGG-16, read at its last convolution, at the images' own size",
        "the discriminator of Seitzer et al. (2018)",
        "the rate stays as it is; as published it is halved every five epochs",
    ),
)

MODEL = Model(
    name="dagan",
    heading="DAGAN",
    title="Late enhancement of few lines by a U-net on magnitudes that learned against a "
    "discriminator: details may be invented (Yang et al., IEEE TMI 2018).",
    sees="magnitude of the zero-filled slice",
    publication="Yang et al., IEEE TMI 37, 2018",
    network="napari_cmr.nets.reconstruction.dagan:Dagan",
    training="napari_cmr.training.tasks.adversarial:AdversarialTask",
    task="reconstruction",
    needs=("still",),
    learns_from="stills",
    published={"seitzer2018 Table 1": (28.41, 1.91, 0.812)},
    invents=True,
    presets={
        "live": _PAPER.with_(
            architecture={"features": (16, 32, 64, 128), "norm": "none", "side": None},
            discriminator=LIVE_JUDGE,
            root_nmse=3.0,
            perceptual=1.0,
            scaled=True,
            smoothed=0.1,
            replay=80,
            replayed=0.5,
            accelerations=(6.0, 10.0),
            phase=0.8,
            columns=96,
            batch=4,
            steps=1200,
            learning_rate=1e-3,
            judge_rate=0.5,
            schedule="linear",
            departs=(
                "four levels of 16 to 128 features, images of any size",
                "terms in parts of what they are in the first step, their weights 3 (error), 1 "
                "(discriminator), 1 (features) and 0.1 (spectrum)",
                "features of SqueezeNet rather than of VGG-16, which is not to be had freely",
                "a discriminator of patches, with label smoothing and images of earlier steps",
                "lines drawn anew in each step, 6- to 10-fold; as published one mask is kept",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"features": (4, 8), "norm": "none", "side": None, "consistent": True},
        discriminator=TINY_JUDGE,
        scaled=True,
        columns=32,
        batch=2,
        learning_rate=1e-3,
    ),
)
