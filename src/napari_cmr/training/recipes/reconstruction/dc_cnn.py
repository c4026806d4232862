"""DC-CNN: the 2-D cascade of Schlemper et al. (IEEE TMI, 2018)."""

from napari_cmr.training.recipe import LOGARITHMIC, MIXED_PATTERNS, ReconstructionRecipe
from napari_cmr.training.register import Model

_PAPER = ReconstructionRecipe(
    architecture={},
    frames=30,
    columns=64,
    steps=60000,
    learning_rate=1e-4,
    loss="published",
    departs=(MIXED_PATTERNS,),
)

MODEL = Model(
    name="dc-cnn",
    heading="DC-CNN",
    title="Images of few lines, frame by frame (Schlemper et al., IEEE TMI 2018).",
    sees="real and imaginary part of the zero-filled frame; `live`: of shared views",
    publication="Schlemper et al., IEEE TMI 37, 2018",
    network="napari_cmr.nets.reconstruction.dc_cnn:DcCnn",
    training="napari_cmr.training.tasks.published_reconstruction:SquaredErrorTask",
    task="reconstruction",
    presets={
        "live": _PAPER.with_(
            architecture={"cascades": 3, "depth": 3, "features": 32, "shared_views": True},
            frames=18,
            columns=40,
            steps=5000,
            learning_rate=1e-3,
            loss="logarithmic",
            departs=(
                *_PAPER.departs,
                LOGARITHMIC,
                "three cascades of three convolutions of 32 features, from shared views",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"cascades": 2, "depth": 3, "features": 6, "shared_views": True},
        frames=10,
        columns=16,
        learning_rate=1e-3,
    ),
    imports="napari_cmr.zoo.published:dc_cnn",
)
