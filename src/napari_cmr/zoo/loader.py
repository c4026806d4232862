"""Which models there are, and loading one of them."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from napari_cmr.nets.blocks import Chunked, ConvBlock
from napari_cmr.nets.catalogue import NETWORKS, build_network
from napari_cmr.scan import ScanError
from napari_cmr.zoo.cards import FOR_FEWER_DIGEST, ModelCard, read_card
from napari_cmr.zoo.folders import find_models


def load_network(
    name: str, preset: str = "live", folder: Path | None = None
) -> tuple[nn.Module, ModelCard]:
    """Build a network, load its weights in float32, and prepare it for inference.

    Parameters
    ----------
    name, preset : str
    folder : Path, optional
        Where its files are; found by the zoo otherwise.

    Raises
    ------
    ScanError
        If there is no such model, or its files are damaged.
    """
    found = find_models(folder)
    path = found.get((name, preset))
    if path is None:
        known = ", ".join(f"{a} ({b})" for a, b in found) or "none"
        raise ScanError(
            f"there are no weights for {name!r} ({preset})", remedy=f"available: {known}"
        )
    card = read_card(path)
    if card.name not in NETWORKS:
        raise ScanError(f"the card names an unknown network {card.name!r}", source=path)
    try:
        network = build_network(card.name, card.architecture)
        state = {key: value.float() for key, value in load_file(path).items()}
        missing = [
            key
            for key in network.load_state_dict(state, strict=False).missing_keys
            if not key.endswith("num_batches_tracked")
        ]
    except (SafetensorError, RuntimeError, TypeError) as error:
        raise ScanError(
            "the weights do not fit the network of their card",
            source=path,
            remedy="install the model again, or train it anew",
        ) from error
    if missing:
        raise ScanError(f"the weights lack {len(missing)} tensors", source=path)
    prepare_for_inference(network)
    return network, card


def folder_for_fewer(card: ModelCard, folder: Path | None = None) -> Path:
    """Folder of a model that hands few lines to another, once that is found beside it, unchanged.

    Raises
    ------
    ScanError
        If the other's weights are missing, damaged, or not those that the model was made with.
    """
    own = find_models(folder)[card.name, card.preset]
    other = own.with_name(f"{card.for_fewer}-{card.preset}.safetensors")
    with safe_open(own, framework="pt") as weights:
        pinned = (weights.metadata() or {}).get(FOR_FEWER_DIGEST)
    if read_card(other).sha256 != pinned:
        raise ScanError(
            f"these are not the weights that {card.name} was made with",
            source=other,
            remedy="install both again",
        )
    return own.parent


def prepare_for_inference(network: nn.Module) -> None:
    """Freeze a network in the fastest form that it has; answers are the same but for rounding."""
    network.eval()
    _fold_batch_norms(network)
    for module in list(network.modules()):
        if isinstance(module, Chunked):
            module.join_steps()
    network.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _fold_batch_norms(network: nn.Module) -> None:
    """Fold each batch norm into the convolution before it (evaluation mode only)."""
    for block in network.modules():
        if not isinstance(block, ConvBlock):
            continue
        for index in range(len(block) - 1):
            convolution, norm = block[index], block[index + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                block[index] = fuse_conv_bn_eval(convolution, norm)
                block[index + 1] = nn.Identity()
