"""DC-MAC: the motion-augmented network of Seegoolam et al. (MICCAI, 2019)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

_PAPER = PAPER.with_(
    departs=(
        *PAPER.departs,
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
    needs=("series",),
    reads_motion=True,
    presets={
        "live": _PAPER.with_(
            architecture={"motion_features": (16, 24, 32), "cascades": 3, "features": 24},
            **LIVE,
            departs=live_departs(_PAPER, "three cascades of 24 features"),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"motion_features": (4, 4), "cascades": 1, "depth": 3, "features": 6},
        **TINY,
    ),
)
