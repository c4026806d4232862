"""DC-CNN: the 2-D cascade of Schlemper et al. (IEEE TMI, 2018)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

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
        "live": PAPER.with_(
            architecture={"cascades": 3, "depth": 3, "features": 32, "shared_views": True},
            **LIVE,
            departs=live_departs(
                PAPER,
                "three cascades of three convolutions of 32 features, from shared views",
            ),
        ),
        "paper": PAPER,
    },
    tiny=PAPER.with_(
        architecture={"cascades": 2, "depth": 3, "features": 6, "shared_views": True},
        **TINY,
    ),
    imports="napari_cmr.zoo.published:dc_cnn",
)
