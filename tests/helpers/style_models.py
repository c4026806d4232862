"""A small style network of random weights."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file

from helpers.lively_models import write_model
from napari_cmr.training.register import find
from napari_cmr.zoo.cards import ModelCard, sha256
from napari_cmr.zoo.folders import MODELS_VARIABLE

ARCHITECTURE = {"features": 4, "n_blocks": 1, "hidden": 16, "kernel": 3, "shared_content": True}


def write_style_model(folder: Path) -> None:
    """Random weights in half precision with a card."""
    torch.manual_seed(1)
    weights = folder / "munit-live.safetensors"
    state = find("munit").build(ARCHITECTURE).state_dict()
    save_file({key: value.half() for key, value in state.items()}, weights)
    card = ModelCard(
        name="munit",
        preset="live",
        task="translation",
        architecture=ARCHITECTURE,
        input_kind="magnitude",
        size=48,
        spacing_mm=2.0,
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


def in_use(folder: Path, monkeypatch) -> Iterator[Path]:
    """Write it and a localiser into a folder that the zoo searches first from now on."""
    folder.mkdir()
    write_style_model(folder)
    write_model(folder, "localiser")
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    yield folder
