"""Syn-net: labels straight from undersampled frames (Schlemper et al., MICCAI 2018)."""

from napari_cmr.training.recipe import AVERAGED, LINES_DRAWN, SHOWN_POOLED, CineRecipe
from napari_cmr.training.register import Model

MODEL = Model(
    name="syn-net",
    title="Labels straight from undersampled frames (Schlemper et al., MICCAI 2018).",
    sees="`live`: what our own model for few lines sees; `paper`: real and imaginary part of the "
    "zero-filled frames",
    publication="Schlemper et al., MICCAI 2018",
    network="napari_cmr.nets.segmentation.syn_net:SynNet",
    training="napari_cmr.training.tasks.segmentation:SegmentationTask",
    task="segmentation",
    presets={
        "live": CineRecipe(
            # What ships began as the mean of our own two models' weights, took 800 steps, and 600
            # more with one line in two fifths of the samples, as its card tells.
            architecture={"in_channels": 8, "features": (32, 64, 128, 192, 192), "fine": 16},
            input_kind="pooled-wide",
            one_line=0.1,
            stretch=0.06,
            elastic_mm=2.0,
            smoothing=0.03,
            sequences=6,
            looks=1,
            frames=5,
            steps=1500,
            learning_rate=1e-3,
            departs=(
                "Adam with a one-cycle schedule and an exponential moving average of the weights, "
                "so that a few thousand steps on two CPU cores suffice",
                LINES_DRAWN,
                SHOWN_POOLED,
            ),
        ),
        "paper": CineRecipe(
            architecture={"features": (64, 128, 256, 512, 1024)},
            frames=16,
            sequences=8,
            looks=1,
            steps=60000,
            learning_rate=1e-4,
            schedule="step",
            departs=(LINES_DRAWN, AVERAGED),
        ),
    },
    tiny=CineRecipe(
        architecture={"features": (4, 8, 8)}, size=32, spacing_mm=2.0, sequences=2, frames=2
    ),
    code="encoder",
    published={
        "percent errors": (
            *(9.0, 4.2, 3.4, 14.6, 7.2, 6.1, 9.9, 4.9, 4.1),
            *(13.4, 7.7, 6.5, 11.4, 6.8, 5.8, 8.2, 5.5, 4.6),
        ),
        "shape distances": (
            *(6.47, 3.23, 6.96, 5.05, 1.83, 0.99, 2.15, 1.34),
            *(10.62, 10.34, 11.56, 15.22, 4.16, 4.81, 4.78, 6.03),
        ),
    },
)
