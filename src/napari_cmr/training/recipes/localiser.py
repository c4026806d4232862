"""The localiser: finds the heart for all other models."""

from napari_cmr.training.recipe import CineRecipe
from napari_cmr.training.register import Model

_LIVE = CineRecipe(
    architecture={"features": (12, 24, 48, 64)},
    input_kind="magnitude",
    size=96,
    spacing_mm=3.0,
    shift_mm=25.0,
    sequences=8,
    looks=1,
    frames=1,
    steps=1500,
    loss="binary",
)

MODEL = Model(
    name="localiser",
    title="Finds the heart on temporal averages of undersampled lines.",
    sees="magnitude of the temporal average, whatever its contrast",
    publication="after Chen et al., STACOM 2019",
    network="napari_cmr.nets.segmentation.localiser:Localiser",
    training="napari_cmr.training.tasks.segmentation:SegmentationTask",
    task="localisation",
    presets={
        "live": _LIVE,
        "paper": _LIVE.with_(
            architecture={"features": (32, 64, 128, 256)},
            size=128,
            spacing_mm=2.5,
            sequences=16,
            steps=20000,
            learning_rate=1e-3,
        ),
    },
    tiny=_LIVE.with_(architecture={"features": (4, 8)}, size=32, spacing_mm=2.0, sequences=2),
    default_for=("heart",),
)
