"""k-t NEXT: the alternating network of Qin et al. (MICCAI, 2019)."""

from napari_cmr.training.recipe import LOGARITHMIC, MIXED_PATTERNS, ReconstructionRecipe
from napari_cmr.training.register import Model

_PAPER = ReconstructionRecipe(
    architecture={"periodic": False},
    frames=30,
    columns=64,
    steps=60000,
    learning_rate=1e-3,
    loss="published",
    departs=(MIXED_PATTERNS,),
)

MODEL = Model(
    name="kt-next",
    heading="k-t NEXT",
    title="Images of few lines, corrected in x-f space and as frames in turn (Qin et al., MICCAI "
    "2019).",
    sees="real and imaginary part of the zero-filled frames and of their temporal frequencies "
    "beside the average; `live`: of shared views",
    publication="Qin et al., MICCAI 2019",
    network="napari_cmr.nets.reconstruction.kt_next:KtNext",
    training="napari_cmr.training.tasks.published_reconstruction:AlternatingTask",
    task="reconstruction",
    unshipped="after 190 steps worse than view sharing",
    needs=("series",),
    presets={
        "live": _PAPER.with_(
            architecture={"stages": 2, "features": 24, "shared_views": True},
            frames=18,
            columns=40,
            steps=5000,
            loss="logarithmic",
            departs=(
                *_PAPER.departs,
                "two stages of 24 features, from shared views",
                "a closed cycle",
                LOGARITHMIC,
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"stages": 1, "features": 4, "shared_views": True},
        frames=10,
        columns=16,
    ),
)
