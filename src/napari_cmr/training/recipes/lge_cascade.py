"""LGE cascade: late enhancement labelled without a label of any (Chen et al., STACOM 2019)."""

from typing import Any

from napari_cmr.training.recipe import CascadeRecipe, Contrast, Preset, StageRecipe
from napari_cmr.training.register import Model

#: The paper's 30 cine images and 150 synthetic ones.
_PAPER_MIX: dict[Contrast, float] = {"bssfp": 1.0, "synthetic": 5.0}
_PAINTED_MIX: dict[Contrast, float] = {"bssfp": 1.0, "painted": 5.0}
_LIVE_MIX: dict[Contrast, float] = {"bssfp": 1.0, "synthetic": 2.5, "painted": 2.5}
_SELF_MIX: dict[Contrast, float] = _LIVE_MIX | {"enhanced": 6.0}
#: Of background, LV, MYO and RV in the cross-entropy that chen2019 trains with.
_WEIGHTS = (0.2, 0.25, 0.3, 0.25)

_LIVE: dict[str, Any] = {
    "architecture": {"features": (16, 32, 64, 128), "norm": "instance"},
    "infarcts": True,
    "class_weights": _WEIGHTS,
}
_PAPER: dict[str, Any] = {
    "architecture": {"features": (64, 128, 256, 512, 1024), "norm": "batch"},
    "size": 192,
    "spacing_mm": 1.25,
    "schedule": "constant",
    "class_weights": _WEIGHTS,
}
_TINY: dict[str, Any] = {
    "architecture": {"features": (4, 8), "norm": "instance"},
    "size": 32,
    "spacing_mm": 2.5,
    "batch_size": 2,
    "class_weights": _WEIGHTS,
    "steps": 2,
}

_PRESETS: dict[Preset, CascadeRecipe] = {
    "live": CascadeRecipe(
        architecture=_LIVE["architecture"],
        class_weights=_WEIGHTS,
        stages=(
            StageRecipe(name="unet-bssfp", **_LIVE | {"steps": 1400}),
            StageRecipe(
                name="unet-lge", contrasts=_LIVE_MIX, steps=1000, learning_rate=1e-3, **_LIVE
            ),
            StageRecipe(name="cascade-bssfp", steps=500, **_LIVE),
            StageRecipe(
                name="cascade-lge", contrasts=_LIVE_MIX, steps=700, learning_rate=1e-3, **_LIVE
            ),
        ),
        without_style=_PAINTED_MIX,
        self_training=StageRecipe(
            name="unet-self",
            contrasts=_SELF_MIX,
            batch_size=8,
            steps=300,
            learning_rate=5e-4,
            **_LIVE,
        ),
        departs=(
            "112 x 112 pixels at 1.5 mm instead of 192 x 192 at 1.25 mm, and U-nets of 16 to 128 "
            "features",
            "instance norm instead of batch norm: no statistics of the cine's contrast are kept",
            "Adam up to 2e-3 with a one-cycle schedule in each stage and an exponential moving "
            "average of the weights, so that a few thousand steps on one CPU core suffice",
            "images are turned by any angle and mirrored, as pictures of late enhancement come in "
            "every orientation",
            "half of the synthetic late enhancement is painted: brightness of blood and muscle and "
            "scar drawn at random inside the labels, beside that of style transfer",
            "infarcts are drawn into most of both, as style transfer draws hardly any: walls with "
            "scar as bright as the blood were taken for cavity",
            "the members of the ensemble share their training on cines",
            "where there is late enhancement without labels, the first U-nets go on with half of "
            "their images from it: labelled by the ensemble, without the pixels that it doubts, "
            "and with further infarcts in the walls",
        ),
    ),
    "paper": CascadeRecipe(
        architecture=_PAPER["architecture"],
        size=192,
        spacing_mm=1.25,
        class_weights=_WEIGHTS,
        stages=(
            StageRecipe(name="unet-bssfp", steps=60000, learning_rate=1e-3, **_PAPER),
            StageRecipe(
                name="unet-lge", contrasts=_PAPER_MIX, steps=20000, learning_rate=1e-5, **_PAPER
            ),
            StageRecipe(name="cascade-bssfp", steps=60000, learning_rate=1e-3, **_PAPER),
            StageRecipe(
                name="cascade-lge", contrasts=_PAPER_MIX, steps=20000, learning_rate=1e-5, **_PAPER
            ),
        ),
        without_style=_PAINTED_MIX,
    ),
}

MODEL = Model(
    name="lge-cascade",
    title="Labels of late enhancement stacks by a network that saw no label of any (Chen et al., "
    "STACOM 2019).",
    sees="magnitude of a still image, cut at two percentiles and standardised",
    publication="Chen et al., STACOM 2019",
    network="napari_cmr.nets.segmentation.lge_cascade:LgeCascade",
    training="napari_cmr.training.tasks.late_enhancement:StageTask",
    task="lge-segmentation",
    learns_from="slices",
    presets=_PRESETS,
    tiny=CascadeRecipe(
        architecture=_TINY["architecture"],
        size=32,
        spacing_mm=2.5,
        class_weights=_WEIGHTS,
        stages=tuple(
            StageRecipe(name=stage.name, contrasts=stage.contrasts, **_TINY)
            for stage in _PRESETS["live"].stages
        ),
        without_style=_PAINTED_MIX,
        self_training=StageRecipe(name="unet-self", contrasts=_SELF_MIX, **_TINY),
    ),
    default_for=("late enhancement",),
)
