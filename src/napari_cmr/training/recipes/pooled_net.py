"""Pooled-net: our own model, which is shown the neighbouring frames' lines as well."""

from napari_cmr.training.recipe import CineRecipe
from napari_cmr.training.register import Model

_LIVE = CineRecipe(
    architecture={"features": (32, 64, 128, 192, 192)},
    input_kind="pooled",
    lines=(6, None),
    stretch=0.06,
    elastic_mm=2.0,
    smoothing=0.03,
    sequences=6,
    looks=4,
    frames=1,
    steps=29000,
)

MODEL = Model(
    name="pooled-net",
    title="Labels from each frame's lines and those of its neighbours in time.",
    sees="real and imaginary part of the zero-filled frame; lines pooled over 1/12 and 1/4 of the "
    "cycle; each line from the nearest frame that measured it; the temporal average",
    publication="our own",
    network="napari_cmr.nets.segmentation.pooled_net:PooledNet",
    training="napari_cmr.training.tasks.segmentation:SegmentationTask",
    task="segmentation",
    presets={
        "live": _LIVE,
        "paper": _LIVE.with_(
            architecture={"features": (64, 128, 256, 512, 512), "fine": 32},
            sequences=16,
            steps=60000,
            learning_rate=1e-3,
        ),
    },
    tiny=_LIVE.with_(
        architecture={"features": (4, 8, 8)}, size=32, spacing_mm=2.0, sequences=2, looks=2
    ),
    default_for=("cine",),
)
