"""A network from files that nobody vouches for: checked before memory is taken or work begins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from napari_cmr.nets.input_kinds import N_CHANNELS
from napari_cmr.scan import ScanError
from napari_cmr.zoo.cards import ModelCard

#: What a network of each task is shown, unless its card's kind of input says, and what it gives.
_CHANNELS = {"lge-segmentation": (1, 4), "localisation": (1, 1), "segmentation": (None, 4)}
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_REMEDY = "install the model again, or train it again"


def build_and_fill(
    weights: Path, card: ModelCard, build: Callable[[dict[str, Any]], nn.Module]
) -> nn.Module:
    """Build the network of a card and load its weights in float32.

    It is built without memory first, so that a card cannot ask for more than its weights fill.

    Parameters
    ----------
    weights : Path
    card : ModelCard
    build : callable
        Network of the card's name, of an architecture.

    Raises
    ------
    ScanError
        If the card describes no network, or the weights do not fit it or are no numbers.
    """
    try:
        with torch.device("meta"):
            outline = build(card.architecture)
        _check_answer(outline.eval(), card)
    except Exception as error:  # a card may ask a constructor for anything at all
        raise ScanError(
            "the card does not describe a network that can be built",
            source=weights.with_suffix(".json"),
            remedy=_REMEDY,
        ) from error
    state = _read(weights, outline.state_dict())
    network = build(card.architecture)
    network.load_state_dict(state, strict=False)
    return network


def in_half(value: Tensor) -> Tensor:
    """Tensor in half precision, or as it is where that is no float or could not hold it."""
    if not value.is_floating_point():
        return value
    half = value.half()
    return half if torch.isfinite(half).all() else value


def read_metadata(weights: Path) -> dict[str, str]:
    """What the header of a weights file says beside its tensors.

    Raises
    ------
    ScanError
        If it is no such file.
    """
    try:
        with safe_open(weights, framework="pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError) as error:
        raise ScanError(
            "the weights cannot be read", source=weights, remedy="install the model again"
        ) from error


def _check_answer(outline: nn.Module, card: ModelCard) -> None:
    """Let a network without memory answer once; what does not fit together raises anything."""
    if card.task not in _CHANNELS:
        return
    given, answered = _CHANNELS[card.task]
    channels = N_CHANNELS[card.input_kind] if given is None else given
    shown = torch.empty(2, channels, card.size, card.size, device="meta")
    answer = outline(shown)
    if tuple(answer.shape) != (2, answered, card.size, card.size):
        raise ValueError(f"{tuple(answer.shape)} is no answer to {tuple(shown.shape)}")


def _read(weights: Path, wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a state, once the file is known to hold them in their shapes."""
    state = {}
    try:
        with safe_open(weights, framework="pt") as file:
            there = set(file.keys())
            missing = [
                key for key in wanted if key not in there and not key.endswith("batches_tracked")
            ]
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in wanted if key in there}
            if not missing and all(shapes[key] == wanted[key].shape for key in shapes):
                state = {key: file.get_tensor(key) for key in shapes}
    except (SafetensorError, OSError, ValueError, RuntimeError, TypeError) as error:
        raise ScanError("the weights cannot be read", source=weights, remedy=_REMEDY) from error
    if missing:
        raise ScanError(f"the weights lack {len(missing)} tensors", source=weights, remedy=_REMEDY)
    if not state:
        raise ScanError(
            "the weights do not fit the network of their card", source=weights, remedy=_REMEDY
        )
    for key, value in state.items():
        if wanted[key].is_floating_point():
            if value.dtype not in _FLOATS or not torch.isfinite(value).all():
                raise ScanError(
                    "the weights hold NaN, infinite values, or no numbers",
                    source=weights,
                    remedy=_REMEDY,
                )
            state[key] = value.float()
    return state
