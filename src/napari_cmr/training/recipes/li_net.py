"""LI-net: labels through a latent code (Schlemper et al., MICCAI 2018)."""

from napari_cmr.training.recipe import AVERAGED, LINES_DRAWN, SHOWN_POOLED, CineRecipe
from napari_cmr.training.register import Model

_OF_CODES = (
    "soft Dice beside the cross-entropy while the auto-encoder learns",
    "root mean squares over the code for distances between codes, whatever its length; the lambdas "
    "are the paper's",
)

MODEL = Model(
    name="li-net",
    title="Labels through a latent code (Schlemper et al., MICCAI 2018).",
    sees="`live`: what Syn-net sees, whose labels become a code of 768 numbers for each frame; "
    "`paper`: real and imaginary part of the zero-filled frames, through a code of 1024",
    publication="Schlemper et al., MICCAI 2018",
    network="napari_cmr.nets.segmentation.li_net:LiNet",
    training="napari_cmr.training.tasks.latent:LatentTask",
    task="segmentation",
    presets={
        "live": CineRecipe(
            # What ships draws with a mean of the weights of Syn-net and our model for few lines.
            architecture={
                "in_channels": 8,
                "features": (24, 48, 96, 128),
                "drawing_features": (32, 64, 128, 192, 192),
                "code_size": 768,
                "narrow": 12,
                "folds": True,
                "unit_codes": True,
            },
            input_kind="pooled-wide",
            one_line=0.45,  # where the image shows least, the code is to tell most
            stretch=0.06,
            elastic_mm=2.0,
            smoothing=0.03,
            sequences=8,
            looks=1,
            frames=3,
            autoencoder_steps=1500,
            code_noise=0.5,
            steps=3900,
            learning_rate=1e-3,
            loss="latent",
            departs=(
                "Adam with a one-cycle schedule and an exponential moving average of the weights, "
                "so that a few thousand steps on two CPU cores suffice",
                LINES_DRAWN,
                SHOWN_POOLED,
                "a code of 768 numbers for each frame",
                "the predictor draws labels first and encodes their probabilities, beginning as "
                "the encoder of labels is, rather than encoding the image",
                *_OF_CODES,
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
            departs=(
                "a code for each frame rather than for the sequence, so that any T works",
                *_OF_CODES,
                LINES_DRAWN,
                AVERAGED,
            ),
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
