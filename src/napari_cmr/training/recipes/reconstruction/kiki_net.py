"""KIKI-net: the cross-domain network of Eo et al. (Magnetic Resonance in Medicine, 2018)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

_PAPER = PAPER.with_(
    departs=(
        *PAPER.departs,
        "networks over lines see image columns rather than both axes of k-space, and lines "
        "weighted by their distance from the middle",
    ),
)

MODEL = Model(
    name="kiki-net",
    heading="KIKI-net",
    title="Images of few lines by networks over lines and over images in turn, frame by frame (Eo "
    "et al., MRM 2018).",
    sees="real and imaginary part of the lines, and of the frame; `live`: of shared views",
    publication="Eo et al., Magnetic Resonance in Medicine 80, 2018",
    network="napari_cmr.nets.reconstruction.kiki_net:KikiNet",
    training="napari_cmr.training.tasks.published_reconstruction:GrowingTask",
    task="reconstruction",
    presets={
        "live": _PAPER.with_(
            architecture={"depth": 6, "features": 24, "shared_views": True, "residual": True},
            **LIVE | {"grows": False},
            departs=live_departs(
                _PAPER,
                "six layers of 24 features in each network, from shared views",
                "networks over lines answer with a correction",
                "all networks learn from the first step on",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"rounds": 1, "depth": 3, "features": 8, "shared_views": True},
        **TINY,
    ),
)
