"""Unrolled-net: our own reconstruction of a cine from few lines."""

from napari_cmr.training.recipe import ReconstructionRecipe
from napari_cmr.training.register import Model

_LIVE = ReconstructionRecipe(
    architecture={"features": (32, 48, 64), "stages": 2},
    frames=18,
    columns=40,
    steps=5000,
)

MODEL = Model(
    name="unrolled-net",
    heading="Unrolled network",
    title="Images of few lines, and how sure they are.",
    sees="an image of little total variation in space and time; beside it lines pooled over 1/12, "
    "1/4 and 1/2 of the cycle, the temporal average, and the share of the lines that was measured",
    publication="our own",
    network="napari_cmr.nets.reconstruction.unrolled_net:UnrolledNet",
    training="napari_cmr.training.tasks.reconstruction:ReconstructionTask",
    task="reconstruction",
    needs=("series",),
    presets={
        "live": _LIVE,
        "paper": _LIVE.with_(
            architecture={"features": (64, 96, 128), "stages": 6},
            frames=30,
            columns=64,
            steps=60000,
        ),
    },
    tiny=_LIVE.with_(architecture={"features": (4, 8), "stages": 2}, frames=10, columns=16),
    default_for=("image",),
)
