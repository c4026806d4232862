"""DC-CNN in 2-D and time: the dynamic cascade of Schlemper et al. (IEEE TMI, 2018)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

MODEL = Model(
    name="dc-cnn-3d",
    heading="DC-CNN, 2-D+t",
    title="Images of few lines from frames together, which share their lines (Schlemper et al., "
    "IEEE TMI 2018).",
    sees="real and imaginary part of the zero-filled frames, `live`: of shared views; and windows "
    "of up to 4 frames to each side",
    publication="Schlemper et al., IEEE TMI 37, 2018",
    network="napari_cmr.nets.reconstruction.dc_cnn_3d:DcCnn3d",
    training="napari_cmr.training.tasks.published_reconstruction:SquaredErrorTask",
    task="reconstruction",
    needs=("series",),
    presets={
        "live": PAPER.with_(
            architecture={"cascades": 5, "features": 16, "shared_views": True},
            **LIVE,
            departs=live_departs(
                PAPER,
                "five cascades of 16 features, from shared views",
            ),
        ),
        "paper": PAPER,
    },
    tiny=PAPER.with_(
        architecture={"cascades": 1, "depth": 2, "features": 6, "shared_views": True},
        **TINY,
    ),
)
