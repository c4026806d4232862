"""The first U-net of lge-cascade after cines alone: what the cascade is compared with."""

from napari_cmr.training.recipe import CascadeRecipe, Recipe
from napari_cmr.training.recipes import lge_cascade


def _first_stage(recipe: Recipe) -> CascadeRecipe:
    assert isinstance(recipe, CascadeRecipe)
    return recipe.with_(
        architecture=recipe.architecture | {"refines": False},
        stages=recipe.stages[:1],
        self_training=None,
    )


MODEL = lge_cascade.MODEL.model_copy(
    update={
        "name": "lge-unet",
        "title": f"The first U-net of {lge_cascade.MODEL.name} before it saw any synthetic late "
        "enhancement: a baseline.",
        "presets": {
            preset: _first_stage(recipe) for preset, recipe in lge_cascade.MODEL.presets.items()
        },
        "tiny": _first_stage(lge_cascade.MODEL.tiny),
        "default_for": ("late enhancement baseline",),
    }
)
