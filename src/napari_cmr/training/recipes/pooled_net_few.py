"""The same network as pooled-net's, trained for fewer lines than that one knows.

The paper tunes a network for each number of lines. What is left of a frame then is its share of the
average, and a place in the cycle. What ships started from pooled-net's weights, and took 1,500
steps.
"""

from napari_cmr.training.recipes import pooled_net

_SHOWN = {"input_kind": "pooled-wide", "lines": (1, 8)}


def _wider(preset: str, **changes: object) -> object:
    own = pooled_net.MODEL.recipe(preset)
    return own.with_(architecture={"in_channels": 8, **own.architecture}, **_SHOWN, **changes)


MODEL = pooled_net.MODEL.model_copy(
    update={
        "name": f"{pooled_net.MODEL.name}-few",
        "title": "Labels from so few lines that a frame alone shows no heart.",
        "sees": "the same, but lines pooled over 1/4 and 1/2 of the cycle, and the place in it; "
        "answers where fewer than 6 lines per frame were measured",
        "presets": {"live": _wider("live", steps=3000), "paper": _wider("paper", steps=20000)},
        "tiny": pooled_net.MODEL.tiny.with_(
            architecture={"in_channels": 8, **pooled_net.MODEL.tiny.architecture}, **_SHOWN
        ),
        "default_for": (),
        "relieves": pooled_net.MODEL.name,
    }
)
