"""Sample hearts for napari's File menu and the Scan dock."""

from typing import Any

SAMPLE_TITLES = {
    "normal": "Normal heart",
    "dilated": "Dilated cardiomyopathy",
    "hypertrophic": "Hypertrophic cardiomyopathy",
    "infarct-lge": "Infarct, late gadolinium",
}
"""Title of every sample of :data:`napari_cmr.phantom.samples.SAMPLES` that is offered."""


def _layers(name: str) -> list[Any]:
    from napari_cmr.viewer.controllers.scans import sample_scan
    from napari_cmr.viewer.layers import layer_tuples

    return list(layer_tuples(sample_scan(name)))


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
