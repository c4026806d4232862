"""MoDL: the model-based network of Aggarwal et al. (IEEE TMI, 2019)."""

from napari_cmr.training.recipe import LOGARITHMIC, MIXED_PATTERNS, ReconstructionRecipe
from napari_cmr.training.register import Model

_PAPER = ReconstructionRecipe(
    architecture={},
    frames=30,
    columns=64,
    noise=0.01,
    steps=60000,
    learning_rate=1e-3,
    loss="published",
    departs=(
        MIXED_PATTERNS,
        "no batch norm, which has one slice to go by",
        "learned from lines of one coil",
    ),
)

MODEL = Model(
    name="modl",
    heading="MoDL",
    title="Images of few lines by a denoiser and conjugate gradients in turn, frame by frame "
    "(Aggarwal et al., IEEE TMI 2019).",
    sees="real and imaginary part of the zero-filled frame; `live`: of shared views",
    publication="Aggarwal et al., IEEE TMI 38, 2019",
    network="napari_cmr.nets.reconstruction.modl:Modl",
    training="napari_cmr.training.tasks.published_reconstruction:GrowingTask",
    task="reconstruction",
    unshipped="not trained yet",
    presets={
        "live": _PAPER.with_(
            architecture={"unrolls": 5, "features": 32, "shared_views": True},
            frames=18,
            columns=40,
            steps=5000,
            loss="logarithmic",
            departs=(
                *_PAPER.departs,
                LOGARITHMIC,
                "five unrolls of 32 features, from shared views",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"unrolls": 2, "depth": 3, "features": 6, "shared_views": True},
        frames=10,
        columns=16,
    ),
)
