"""DC-MAC: the motion-augmented network of Seegoolam et al. (MICCAI, 2019)."""

from napari_cmr.training.recipe import LOGARITHMIC, MIXED_PATTERNS, ReconstructionRecipe
from napari_cmr.training.register import Model

_PAPER = ReconstructionRecipe(
    architecture={},
    frames=30,
    columns=64,
    steps=60000,
    learning_rate=1e-4,
    loss="published",
    departs=(
        MIXED_PATTERNS,
        "motion relative to one reference frame, read in images of shared views",
        "all parts learned at once, from the images alone",
    ),
)

MODEL = Model(
    name="dc-mac",
    heading="DC-MAC",
    title="Images of few lines from frames that are moved onto each other, and their motion "
    "(Seegoolam et al., MICCAI 2019).",
    sees="images of shared views: magnitudes for the motion, both parts for the rest",
    publication="Seegoolam et al., MICCAI 2019",
    network="napari_cmr.nets.reconstruction.dc_mac:DcMac",
    training="napari_cmr.training.tasks.published_reconstruction:SquaredErrorTask",
    task="reconstruction",
    unshipped="not trained yet",
    needs=("series",),
    presets={
        "live": _PAPER.with_(
            architecture={"motion_features": (16, 24, 32), "cascades": 3, "features": 24},
            frames=18,
            columns=40,
            steps=5000,
            learning_rate=1e-3,
            loss="logarithmic",
            departs=(*_PAPER.departs, LOGARITHMIC, "three cascades of 24 features"),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"motion_features": (4, 4), "cascades": 1, "depth": 3, "features": 6},
        frames=10,
        columns=16,
        learning_rate=1e-3,
    ),
)
