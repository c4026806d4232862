"""Sample hearts for napari's File menu."""

from typing import Any


def _layers(name: str) -> list[Any]:
    from napari_cmr.phantom.samples import SAMPLES
    from napari_cmr.viewer.layers import layer_tuples

    return list(layer_tuples(SAMPLES[name]()))


def normal() -> list[Any]:
    """Layers of a healthy synthetic heart."""
    return _layers("normal")


def dilated() -> list[Any]:
    """Layers of a synthetic heart with dilated cardiomyopathy."""
    return _layers("dilated")


def hypertrophic() -> list[Any]:
    """Layers of a synthetic heart with hypertrophic cardiomyopathy."""
    return _layers("hypertrophic")


def infarct_lge() -> list[Any]:
    """Layers of a synthetic late gadolinium image with an infarct."""
    return _layers("infarct-lge")
