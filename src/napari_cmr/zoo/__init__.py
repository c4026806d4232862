"""What can be run: model cards, weights, devices and predictors."""

from napari_cmr.zoo.cards import ModelCard, read_card
from napari_cmr.zoo.folders import find_models

__all__ = ["ModelCard", "find_models", "list_models", "read_card"]


def list_models() -> list[ModelCard]:
    """Cards of all models that can be run here, checked against their weights."""
    return [read_card(path) for path in find_models().values()]
