"""RecNet for still images: the cascade that Seitzer et al. (MICCAI, 2018) refine."""

from napari_cmr.training.register import Model
from napari_cmr.training.still_recipes import StillReconstructionRecipe

_PAPER = StillReconstructionRecipe(
    architecture={"cascades": 3, "depth": 3, "features": 32, "residual": False},
    columns=4096,
    batch=20,
)

MODEL = Model(
    name="recnet-lge",
    heading="RecNet (LGE)",
    title="Late enhancement of few lines, slice by slice, by squared error (Schlemper et al., IEEE "
    "TMI 2018; stage 1 of Seitzer et al., MICCAI 2018).",
    sees="real and imaginary part of the zero-filled slice",
    publication="Schlemper et al., IEEE TMI 37, 2018; Seitzer et al., MICCAI 2018",
    network="napari_cmr.nets.reconstruction.dc_cnn:DcCnn",
    training="napari_cmr.training.tasks.still_reconstruction:StillReconstructionTask",
    task="reconstruction",
    needs=("still",),
    learns_from="stills",
    published={"seitzer2018 Table 1": (32.46, 2.26, 0.801)},
    presets={
        "live": _PAPER.with_(
            architecture={"cascades": 3, "depth": 3, "features": 32},
            accelerations=(6.0, 10.0),
            columns=64,
            batch=4,
            steps=9000,
            learning_rate=2e-3,
            schedule="one-cycle",
            departs=(
                "each sub-network answers with a correction, which learns faster",
                "6- to 10-fold acceleration rather than 8-fold alone",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"cascades": 2, "depth": 2, "features": 6},
        columns=16,
        batch=2,
        learning_rate=1e-3,
    ),
)
