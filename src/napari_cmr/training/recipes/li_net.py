"""LI-net: labels through a latent code (Schlemper et al., MICCAI 2018)."""

from napari_cmr.training.recipe import CineRecipe
from napari_cmr.training.register import Model

MODEL = Model(
    name="li-net",
    title="Labels through a latent code (Schlemper et al., MICCAI 2018).",
    sees="real and imaginary part of the zero-filled frames, through a code of 256 numbers for "
    "each frame",
    publication="Schlemper et al., MICCAI 2018",
    network="napari_cmr.nets.segmentation.li_net:LiNet",
    training="napari_cmr.training.tasks.latent:LatentTask",
    task="segmentation",
    presets={
        "live": CineRecipe(
            architecture={"features": (16, 32, 64, 128, 32), "code_size": 256},
            frames=4,
            sequences=3,
            # Not longer: after 3000 steps codes are sharper (Dice .94, .90 and .93), but what few
            # lines tell decodes to a heart without a cavity, and 3900 more steps of stage 2 do not
            # mend that.
            autoencoder_steps=450,
            steps=2500,
            learning_rate=1e-3,
            loss="latent",
            departs=(
                "Adam up to 1e-3 with a one-cycle schedule and an exponential moving average of "
                "the weights, so that a few thousand steps on two CPU cores suffice",
                "lines per frame log-uniform rather than uniform, since what matters happens below "
                "20 lines",
                "a code of 256 numbers for each frame",
            ),
        ),
        "paper": CineRecipe(
            architecture={"features": (64, 128, 256, 512, 512), "code_size": 1024},
            frames=16,
            sequences=8,
            looks=1,
            autoencoder_steps=20000,
            steps=60000,
            learning_rate=1e-4,
            schedule="step",
            loss="latent",
            departs=("a code for each frame rather than for the sequence, so that any T works",),
        ),
    },
    tiny=CineRecipe(
        architecture={"features": (4, 8, 8), "code_size": 12, "grid": 32},
        size=32,
        spacing_mm=2.0,
        sequences=2,
        frames=2,
        autoencoder_steps=3,
        loss="latent",
    ),
    code="predictor",
    published={
        "percent errors": (
            *(7.9, 3.6, 3.2, 15.8, 7.9, 7.0, 11.7, 6.5, 6.6),
            *(18.4, 10.5, 10.6, 25.0, 13.7, 12.9, 8.8, 5.5, 4.9),
        ),
        "shape distances": (
            *(3.63, 2.58, 4.68, 3.67, 1.47, 0.92, 1.71, 1.14),
            *(9.69, 10.30, 12.55, 14.31, 4.40, 4.94, 5.02, 5.91),
        ),
    },
)
