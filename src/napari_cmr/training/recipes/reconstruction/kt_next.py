"""k-t NEXT: the alternating network of Qin et al. (MICCAI, 2019)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY, live_departs
from napari_cmr.training.register import Model

_PAPER = PAPER.with_(architecture={"periodic": False}, learning_rate=1e-3)

MODEL = Model(
    name="kt-next",
    heading="k-t NEXT",
    title="Images of few lines, corrected in x-f space and as frames in turn (Qin et al., MICCAI "
    "2019).",
    sees="real and imaginary part of the zero-filled frames and of their temporal frequencies "
    "beside the average; `live`: of shared views",
    publication="Qin et al., MICCAI 2019",
    network="napari_cmr.nets.reconstruction.kt_next:KtNext",
    training="napari_cmr.training.tasks.published_reconstruction:AlternatingTask",
    task="reconstruction",
    needs=("series",),
    presets={
        "live": _PAPER.with_(
            architecture={"stages": 2, "features": 24, "shared_views": True},
            **LIVE,
            departs=live_departs(
                _PAPER,
                "two stages of 24 features, from shared views",
                "a closed cycle",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_PAPER.with_(
        architecture={"stages": 1, "features": 4, "shared_views": True},
        **TINY,
    ),
)
