"""What can be run: model cards, weights, devices and predictors."""

from napari_cmr.zoo.cards import ModelCard, read_card
from napari_cmr.zoo.registry import find_models, list_models, load_network

__all__ = ["ModelCard", "find_models", "list_models", "load_network", "read_card"]
