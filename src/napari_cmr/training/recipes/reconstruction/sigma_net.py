"""Sigma-net: the ensemble of Hammernik et al. (Magnetic Resonance in Medicine, 2021)."""

from napari_cmr.training.published_recipes import LIVE, PAPER, TINY
from napari_cmr.training.register import Model

_ONE_COIL = PAPER.with_(
    columns=96,
    departs=(
        *PAPER.departs,
        "one set of coil sensitivities",
        "Adam in place of RMSprop",
        "no style-transfer layer",
    ),
)
_PAPER = _ONE_COIL.with_(
    architecture={"coils": 6},
    coils=6,
    departs=(*_ONE_COIL.departs, "arrays compressed to 6 coils rather than 15"),
)

MODEL = Model(
    name="sigma-net",
    heading="Sigma-net",
    title="Images of few lines, the mean of networks that agree with the lines in different ways, "
    "frame by frame (Hammernik et al., MRM 2021).",
    sees="real and imaginary part of the zero-filled frame, whitened; `live`: of shared views",
    publication="Hammernik et al., Magnetic Resonance in Medicine 86, 2021",
    network="napari_cmr.nets.reconstruction.sigma_net:SigmaNet",
    training="napari_cmr.training.tasks.published_reconstruction:EnsembleTask",
    task="reconstruction",
    presets={
        "live": _ONE_COIL.with_(
            architecture={"iterations": 3, "features": 16, "shared_views": True},
            **LIVE | {"loss": "published"},
            departs=(
                *_ONE_COIL.departs,
                "learned from lines of one coil, without a parallel-coil network",
                "three iterations of 16 features, from shared views",
            ),
        ),
        "paper": _PAPER,
    },
    tiny=_ONE_COIL.with_(
        architecture={
            "members": ("proximal", "splitting"),
            "iterations": 1,
            "features": 4,
            "levels": 1,
            "shared_views": True,
        },
        **TINY,
    ),
)
