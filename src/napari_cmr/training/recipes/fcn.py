"""FCN: labels of fully sampled frames (Bai et al., JCMR 2018)."""

from napari_cmr.training.recipe import AVERAGED, CineRecipe
from napari_cmr.training.register import Model

MODEL = Model(
    name="fcn",
    title="Labels of fully sampled frames, one by one (Bai et al., JCMR 2018).",
    sees="magnitude of fully sampled frames",
    publication="Bai et al., JCMR 2018",
    network="napari_cmr.nets.segmentation.fcn:FCN",
    training="napari_cmr.training.tasks.segmentation:SegmentationTask",
    task="segmentation",
    presets={
        "live": CineRecipe(
            architecture={"features": (16, 32, 64, 128, 128), "reduced": 16, "head": 32},
            input_kind="magnitude",
            fully_sampled=True,
            sequences=6,
            looks=4,
            frames=1,
            steps=2500,
            departs=(
                "Adam up to 2e-3 with a one-cycle schedule and an exponential moving average of "
                "the weights, so that a few thousand steps on two CPU cores suffice",
                "fewer filters",
            ),
        ),
        "paper": CineRecipe(
            input_kind="magnitude",
            fully_sampled=True,
            sequences=20,
            looks=1,
            frames=1,
            steps=50000,
            learning_rate=1e-3,
            departs=(AVERAGED,),
        ),
    },
    tiny=CineRecipe(
        architecture={"features": (4, 4, 8, 8, 8), "reduced": 4, "head": 8},
        input_kind="magnitude",
        fully_sampled=True,
        size=32,
        spacing_mm=2.0,
        sequences=2,
        frames=1,
    ),
    default_for=("full cine",),
)
