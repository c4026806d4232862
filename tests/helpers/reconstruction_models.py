"""Small reconstruction networks of random weights, on disk as the zoo wants them."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from napari_cmr.training.register import find
from napari_cmr.zoo.cards import ModelCard, sha256


def write_reconstruction_model(folder: Path, name: str = "unrolled-net", **fields: object) -> Path:
    """Tiny weights of a model with a card; ``fields`` are of the card."""
    model = find(name)
    torch.manual_seed(4)
    network = model.build(model.tiny.architecture)
    weights = folder / f"{name}-live.safetensors"
    save_file(dict(network.state_dict()), weights)
    card = ModelCard(
        name=name,
        preset="live",
        task="reconstruction",
        architecture=dict(model.tiny.architecture),
        input_kind="zero-filled",
        size=32,
        spacing_mm=1.5,
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
    card = card.model_copy(update=fields)
    weights.with_suffix(".json").write_text(json.dumps(card.model_dump(mode="json")))
    return weights
