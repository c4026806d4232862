"""DC-CNN and a visual refinement of its frames: Seitzer et al. (MICCAI, 2018), on cines."""

from napari_cmr.training.adversarial_recipes import (
    LIVE_JUDGE,
    LIVE_REFINEMENT,
    PUBLISHED_JUDGE,
    PUBLISHED_REFINEMENT,
    TINY_JUDGE,
    TINY_REFINEMENT,
    AdversarialCineRecipe,
)
from napari_cmr.training.recipe import MIXED_PATTERNS
from napari_cmr.training.register import Model

_PAPER = AdversarialCineRecipe(
    architecture={
        "refinement": PUBLISHED_REFINEMENT,
        "along_phase": False,
        "consistent": False,
    },
    discriminator=PUBLISHED_JUDGE,
    penalty=0.02,
    accelerations=(6.0, 20.0),
    frames=30,
    columns=64,
    steps=49_920,
    learning_rate=2e-4,
    schedule="constant",
    departs=("cines rather than late enhancement", MIXED_PATTERNS),
)

MODEL = Model(
    name="dc-cnn-refined",
    heading="DC-CNN, refined",
    title="Cines of few lines, sharpened frame by frame by a network that learned against a "
    "discriminator: details may be invented (Seitzer et al., MICCAI 2018).",
    sees="as `dc-cnn`; the refinement, the magnitude of what that made of a frame",
    publication="Schlemper et al., IEEE TMI 37, 2018; Seitzer et al., MICCAI 2018",
    network="napari_cmr.nets.reconstruction.refinement:Refined",
    training="napari_cmr.training.tasks.adversarial:AdversarialTask",
    task="reconstruction",
    needs=("series",),
    first_stage="dc-cnn",
    gated=True,
    invents=True,
    presets={
        "live": _PAPER.with_(
            architecture={
                "reconstruction": {"cascades": 3, "depth": 3, "features": 32, "shared_views": True},
                "refinement": LIVE_REFINEMENT,
            },
            discriminator=LIVE_JUDGE,
            frames=16,
            columns=48,
            steps=2000,
            learning_rate=5e-4,
            gate_rate=20.0,
            schedule="linear",
            departs=(
                *_PAPER.departs,
                "the magnitude is refined along the phase of what DC-CNN made, and the measured "
                "lines are put back; as published the real part alone, and nothing is put back",
                "3x3 convolutions on squares of 2 x 2 pixels and no norm, which is faster",
                "the penalty is taken as it is rather than in parts of its first value",
                "a discriminator of five layers, a quarter as wide, without a norm",
                "features of SqueezeNet rather than of VGG-19, which is not to be had freely",
                "Adam at 5e-4, twenty times that for the gate, let down over the last third",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={
            "reconstruction": {"cascades": 1, "depth": 2, "features": 4, "shared_views": True},
            "refinement": TINY_REFINEMENT,
            "gate": 0.5,
        },
        discriminator=TINY_JUDGE,
        frames=10,
        columns=32,
        batch=2,
        learning_rate=1e-3,
    ),
)
