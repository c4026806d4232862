"""A folder of small models, written as training writes them."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from napari_cmr.nets.registry import build_network
from napari_cmr.workflow.segmenting import forget_models
from napari_cmr.zoo.cards import ModelCard, sha256
from napari_cmr.zoo.paths import MODELS_VARIABLE

ARCHITECTURES = {
    "localiser": ({"features": (4, 8)}, "magnitude"),
    "pooled-net": ({"features": (4, 8)}, "pooled"),
    "syn-net": ({"features": (4, 8)}, "zero-filled"),
}


def write_model(folder: Path, name: str) -> Path:
    """Random weights in half precision with a card."""
    architecture, kind = ARCHITECTURES[name]
    torch.manual_seed(1)
    network = build_network(name, architecture)
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


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    """Folder of models that the zoo searches first."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ARCHITECTURES:
        write_model(folder, name)
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    forget_models()
    yield folder
    forget_models()
