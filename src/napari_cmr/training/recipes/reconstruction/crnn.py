"""CRNN-MRI: the recurrent network of Qin et al. (IEEE TMI, 2019)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

_PAPER = PAPER.with_(architecture={"periodic": False})

MODEL = Model(
    name="crnn",
    heading="CRNN-MRI",
    title="Images of few lines by recurrence over time (Qin et al., IEEE TMI 2019).",
    sees="real and imaginary part of the zero-filled frame; `live`: of shared views",
    publication="Qin et al., IEEE TMI 38, 2019",
    network="napari_cmr.nets.reconstruction.crnn:Crnn",
    training="napari_cmr.training.tasks.published_reconstruction:SquaredErrorTask",
    task="reconstruction",
    needs=("series",),
    presets={
        "live": _PAPER.with_(
            architecture={"iterations": 3, "features": 24, "shared_views": True},
            **LIVE,
            departs=live_departs(
                _PAPER,
                "three iterations of 24 features, from shared views",
                "a closed cycle",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"iterations": 2, "features": 6, "shared_views": True},
        **TINY,
    ),
    imports="napari_cmr.zoo.published:crnn",
)
