"""U-net that labels the left atrium in full late enhancement slices (Seitzer et al., 2018)."""

from napari_cmr.training.recipe import AtriumRecipe
from napari_cmr.training.register import Model

_LIVE = AtriumRecipe(
    architecture={
        "in_channels": 1,
        "n_classes": 2,
        "features": (12, 24, 48, 64, 96),
        "norm": "batch",
        "dropout": 0.1,
    },
    departs=(
        "the paper says no more than an off-the-shelf U-net: this one has five levels, and learns "
        "from views that are turned, scaled, bent and brightened",
    ),
)

MODEL = Model(
    name="atrium-unet",
    title="Labels of the left atrium in full late enhancement slices, for the semantic "
    "interpretability score (Seitzer et al., MICCAI 2018).",
    sees="magnitude of one full slice",
    publication="after Seitzer et al., MICCAI 2018; Ronneberger et al., MICCAI 2015",
    network="napari_cmr.nets.segmentation.lge_cascade:UNet",
    training="napari_cmr.training.tasks.atrium:AtriumTask",
    task="atrium-segmentation",
    learns_from="atria",
    presets={
        "live": _LIVE,
        "paper": _LIVE.with_(
            architecture=_LIVE.architecture | {"features": (64, 128, 256, 512, 1024)},
            batch_size=16,
            steps=20000,
            learning_rate=1e-3,
        ),
    },
    tiny=_LIVE.with_(
        architecture=_LIVE.architecture | {"features": (4, 8), "dropout": 0.0},
        size=32,
        batch_size=2,
    ),
    default_for=("left atrium",),
)
