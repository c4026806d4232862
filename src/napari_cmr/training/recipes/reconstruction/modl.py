"""MoDL: the model-based network of Aggarwal et al. (IEEE TMI, 2019)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

_PAPER = PAPER.with_(
    noise=0.01,
    learning_rate=1e-3,
    departs=(
        *PAPER.departs,
        "no batch norm, which has one slice to go by",
        "learned from lines of one coil, noise of up to 0.01 in 40 % of the steps",
    ),
)

MODEL = Model(
    name="modl",
    heading="MoDL",
    title="Images of few lines by a denoiser and conjugate gradients in turn, frame by frame "
    "(Aggarwal et al., IEEE TMI 2019).",
    sees="real and imaginary part of the zero-filled frame; `live`: of shared views",
    publication="Aggarwal et al., IEEE TMI 38, 2019",
    network="napari_cmr.nets.reconstruction.modl:Modl",
    training="napari_cmr.training.tasks.published_reconstruction:GrowingTask",
    task="reconstruction",
    presets={
        "live": _PAPER.with_(
            architecture={"unrolls": 5, "features": 32, "shared_views": True},
            **LIVE | {"noise": 0.01, "learning_rate": 5e-4, "grows": False},
            departs=live_departs(
                _PAPER,
                "five unrolls of 32 features, from shared views",
                "all unrolls learn from the first step on",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"unrolls": 2, "depth": 3, "features": 6, "shared_views": True},
        **TINY | {"noise": 0.01},
    ),
)
