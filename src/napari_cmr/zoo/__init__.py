"""What can be run: model cards, weights, devices and predictors."""

from typing import TYPE_CHECKING, Any

from napari_cmr.scan import ScanError
from napari_cmr.zoo.cards import ModelCard, read_card
from napari_cmr.zoo.choice import ModelChoice, default_choice
from napari_cmr.zoo.folders import cards_alone, find_models, find_weights

if TYPE_CHECKING:
    from napari_cmr.zoo.loader import load

__all__ = [
    "ModelCard",
    "ModelChoice",
    "default_choice",
    "find_models",
    "find_weights",
    "list_models",
    "load",
    "problems",
    "read_card",
]


def list_models() -> list[ModelCard]:
    """Cards of all models that are installed; their weights are checked when they are loaded."""
    return [read_card(path) for path in find_models().values()]


def problems() -> list[str]:
    """What is wrong with cards that no weights lie beside, which no list of models holds."""
    found = []
    for card in cards_alone():
        try:
            read_card(card.with_suffix(".safetensors"))
        except ScanError as error:
            found.append(str(error))
    return found


def __getattr__(name: str) -> Any:
    if name == "load":  # it takes the network library, which the other names do not
        from napari_cmr.zoo.loader import load

        return load
    raise AttributeError(name)
