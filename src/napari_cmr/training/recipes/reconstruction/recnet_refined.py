"""RecNet and a visual refinement of its images: the two stages of Seitzer et al. (MICCAI, 2018)."""

from napari_cmr.training.adversarial_recipes import (
    LIVE_JUDGE,
    LIVE_REFINEMENT,
    PUBLISHED_JUDGE,
    PUBLISHED_REFINEMENT,
    TINY_JUDGE,
    TINY_REFINEMENT,
    AdversarialRecipe,
)
from napari_cmr.training.register import Model

_RECNET = {"cascades": 3, "depth": 3, "features": 32}
_PAPER = AdversarialRecipe(
    architecture={
        "reconstruction": _RECNET | {"residual": False},
        "refinement": PUBLISHED_REFINEMENT,
        "along_phase": False,
        "consistent": False,
    },
    discriminator=PUBLISHED_JUDGE,
    penalty=0.02,
    columns=4096,
    batch=5,
    steps=49_920,
)

MODEL = Model(
    name="recnet-refined",
    heading="RecNet, refined",
    title="Late enhancement of few lines, sharpened by a network that learned against a "
    "discriminator: details may be invented (Seitzer et al., MICCAI 2018).",
    sees="real and imaginary part of the zero-filled slice; the refinement, the magnitude of what "
    "RecNet made of it",
    publication="Seitzer et al., MICCAI 2018",
    network="napari_cmr.nets.reconstruction.refinement:Refined",
    training="napari_cmr.training.tasks.adversarial:AdversarialTask",
    task="reconstruction",
    needs=("still",),
    learns_from="stills",
    published={"seitzer2018 Table 1": (31.89, 2.18, 0.941)},
    first_stage="recnet-lge",
    gated=True,
    invents=True,
    presets={
        "live": _PAPER.with_(
            architecture={
                "reconstruction": _RECNET,
                "refinement": LIVE_REFINEMENT,
            },
            discriminator=LIVE_JUDGE,
            accelerations=(6.0, 10.0),
            columns=64,
            batch=4,
            steps=3500,
            learning_rate=5e-4,
            gate_rate=20.0,
            schedule="linear",
            departs=(
                "the magnitude is refined along the phase of RecNet, and the measured lines are "
                "put back; as published the real part alone, and nothing is put back",
                "3x3 convolutions on squares of 2 x 2 pixels and no norm, which is faster",
                "the penalty is taken as it is rather than in parts of its first value, which is "
                "next to nothing here",
                "a discriminator of five layers, a quarter as wide, without a norm",
                "features of SqueezeNet rather than of VGG-19, which is not to be had freely",
                "6- to 10-fold acceleration rather than 8-fold alone",
                "Adam at 5e-4, twenty times that for the gate, let down over the last third",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={
            "reconstruction": {"cascades": 1, "depth": 2, "features": 4},
            "refinement": TINY_REFINEMENT,
            "gate": 0.5,
        },
        discriminator=TINY_JUDGE,
        columns=32,
        batch=2,
        learning_rate=1e-3,
    ),
)
