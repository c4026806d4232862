"""Small models of random weights, written as training writes them."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from napari_cmr.nets.blocks import TemporalUNet
from napari_cmr.nets.input_kinds import N_CHANNELS
from napari_cmr.nets.segmentation.pooled_net import PooledNet
from napari_cmr.training.register import find
from napari_cmr.zoo import read_card
from napari_cmr.zoo.cards import ModelCard, sha256, write_card
from napari_cmr.zoo.choice import ModelChoice

ARCHITECTURES = {
    "localiser": ({"features": (4, 8, 8)}, "magnitude"),
    "pooled-net": ({"features": (4, 8, 8)}, "pooled"),
    "syn-net": ({"features": (4, 8, 8)}, "zero-filled"),
}
#: What only the experiments compare.
COMPARED = {
    "li-net": ({"features": (4, 8), "code_size": 6, "grid": 32}, "zero-filled"),
    "fcn": ({"features": (2, 2, 2, 2, 2), "reduced": 2, "head": 4}, "magnitude"),
}


def on_cpu(name: str = "pooled-net", **fields: str) -> ModelChoice:
    """A model that runs on the CPU."""
    return ModelChoice(name=name, device="cpu", **fields)


def change_card(models: Path, **fields: object) -> None:
    """Write other fields into the card of pooled-net."""
    path = models / "pooled-net-live.safetensors"
    write_card(path, read_card(path).model_copy(update=fields))


def balance(network: torch.nn.Module, channels: int) -> None:
    """Give every class a share of the image: a network of one answer would pass any test."""
    coarse = torch.rand(8, channels, 8, 8) * 0.6
    images = torch.nn.functional.interpolate(coarse, size=32, mode="bilinear")
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0  # statistics of this one batch
    with torch.no_grad():
        network.train()(images, 4)
        mean = network.eval()(images, 4).mean(dim=(0, 2, 3))
        head_of(network).bias.sub_(mean)


def head_of(network: torch.nn.Module) -> torch.nn.Conv2d:
    """The convolution that gives the logits."""
    return network.head if isinstance(network, PooledNet) else network.decoder.head


def write_model(folder: Path, name: str, seed: int = 1) -> Path:
    """Random weights in half precision with a card."""
    architecture, kind = (ARCHITECTURES | COMPARED)[name.removesuffix("-few")]
    torch.manual_seed(seed)
    network = find(name).build(architecture)
    if isinstance(network, TemporalUNet | PooledNet):
        balance(network, N_CHANNELS[kind])
    for parameter in network.parameters():
        if not parameter.any():  # what mixes frames starts from zero
            torch.nn.init.normal_(parameter, std=0.3)
    weights = folder / f"{name}-live.safetensors"
    save_file(
        {
            key: value.half() if value.is_floating_point() else value
            for key, value in network.state_dict().items()
        },
        weights,
    )
    card = ModelCard(
        name=name,
        preset="live",
        task="localisation" if name == "localiser" else "segmentation",
        architecture=architecture,
        input_kind=kind,
        size=32,
        spacing_mm=4.0,
        description="random weights",
        trained_on="nothing",
        licence="none",
        citation="none",
        sampling="none",
        recipe={},
        seed=1,
        steps=0,
        metrics={},
        version="0",
        sha256=sha256(weights),
    )
    weights.with_suffix(".json").write_text(json.dumps(card.model_dump(mode="json")))
    return weights
