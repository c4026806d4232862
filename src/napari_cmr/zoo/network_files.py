"""A network from files that nobody vouches for: checked before memory is taken or work begins."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from napari_cmr.nets.input_kinds import N_CHANNELS
from napari_cmr.scan import ScanError
from napari_cmr.zoo.cards import ModelCard

#: What a network of each task is shown, unless its card's kind of input says, and what it gives.
_CHANNELS = {
    "lge-segmentation": (1, 4),
    "atrium-segmentation": (1, 2),
    "localisation": (1, 1),
    "segmentation": (None, 4),
}
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_MAKERS = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}
_SPARE = 1 << 20  # numbers that need not be in a file
_SIDE, _MOST_SIDE = 64, 512
_REMEDY = "install the model again, or train it again"


def build_and_fill(
    weights: Path, card: ModelCard, build: Callable[[dict[str, Any]], nn.Module]
) -> nn.Module:
    """Build the network of a card and load its weights in float32.

    While it is built, what it asks for is counted, so that a card cannot ask for much more memory
    than its weights fill. (Building on torch's device ``meta`` would count as well, but that loads
    the compiler, and a compiler's LLVM does not get along with that of a software renderer.)

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
    read_metadata(weights)  # a damaged file is not the card's fault
    try:
        with _Budget(weights.stat().st_size):
            network = build(card.architecture)
    except Exception as error:  # a card may ask a constructor for anything at all
        raise ScanError(
            "the card does not describe a network that can be built",
            source=weights.with_suffix(".json"),
            remedy=_REMEDY,
        ) from error
    network.load_state_dict(_read(weights, network.state_dict()), strict=False)
    try:
        _check_answer(network.eval(), card)
    except Exception as error:  # what does not fit together ends in whatever error it pleases
        raise ScanError(
            "the network does not answer as its card says",
            source=weights.with_suffix(".json"),
            remedy=_REMEDY,
        ) from error
    return network


class _Budget(TorchFunctionMode):
    """Refuses new tensors once they hold many more numbers than a file of so many bytes."""

    def __init__(self, n_bytes: int) -> None:
        super().__init__()
        self.left = 4 * n_bytes + _SPARE

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _MAKERS:
            size = args[0] if args and isinstance(args[0], tuple | list) else args
            self.left -= math.prod(one for one in size if isinstance(one, int))
            if self.left < 0:
                raise ValueError("more numbers than the weights hold")
        return func(*args, **(kwargs or {}))


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
        raise ScanError("the weights cannot be read", source=weights, remedy=_REMEDY) from error


def _check_answer(network: nn.Module, card: ModelCard) -> None:
    """Let a network answer once, on a square that halves as often as the card's does."""
    if card.task == "reconstruction":
        _check_images(network)
    if card.task not in _CHANNELS:
        return
    given, answered = _CHANNELS[card.task]
    channels = N_CHANNELS[card.input_kind] if given is None else given
    side = card.size if card.size <= 2 * _SIDE else _SIDE + card.size % _SIDE
    shown = torch.zeros(1, channels, side, side)
    with torch.inference_mode():
        answer = network(shown)
    if tuple(answer.shape) != (1, answered, side, side):
        raise ValueError(f"{tuple(answer.shape)} is no answer to {tuple(shown.shape)}")


def _check_images(network: nn.Module) -> None:
    """Let a network reconstruct two frames of a few lines, of its side if it takes no other."""
    side = min(getattr(network, "side", None) or _SIDE, _MOST_SIDE)
    mask = torch.arange(side) % 2 == torch.arange(2)[:, None]
    lines = torch.ones(2, side, side, dtype=torch.complex64) * mask[..., None]
    with torch.inference_mode():
        image, std = network(lines, mask)
    fits = image.shape == lines.shape and (std is None or std.shape == lines.shape)
    if not fits or not image.is_complex():
        raise ValueError(f"{tuple(image.shape)} is no answer to {tuple(lines.shape)}")


def _read(weights: Path, wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a state, once the file is known to hold them in their shapes."""
    state = {}
    try:
        with safe_open(weights, framework="pt") as file:
            there = set(file.keys())
            foreign = sorted(there - set(wanted))
            missing = [
                key for key in wanted if key not in there and not key.endswith("batches_tracked")
            ]
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in wanted if key in there}
            if not missing and all(shapes[key] == wanted[key].shape for key in shapes):
                state = {key: file.get_tensor(key) for key in shapes}
    except (SafetensorError, OSError, ValueError, RuntimeError, TypeError) as error:
        raise ScanError("the weights cannot be read", source=weights, remedy=_REMEDY) from error
    if missing:
        raise ScanError(
            f"the weights lack {len(missing)} of {len(wanted)} tensors",
            source=weights,
            remedy=_REMEDY,
        )
    if foreign:
        raise ScanError(
            f"the weights hold {len(foreign)} tensor{'s' * (len(foreign) > 1)} that the network of "
            f"their card does not have, such as {foreign[0][:80]!r}",
            source=weights,
            remedy="they are of another network: find its card, or train the model again",
        )
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
