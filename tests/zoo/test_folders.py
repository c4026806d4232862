"""Where models are looked for, and in which order."""

import subprocess
import sys

import pytest
from helpers.command_runs import run
from helpers.zoo_models import on_cpu

from napari_cmr.scan import ScanError
from napari_cmr.viewer.core.model_choice import models_for
from napari_cmr.zoo import find_models, list_models, problems
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.loader import load
from napari_cmr.zoo.tasks.segmentation import Segmenter


def test_the_users_own_models_come_first(models) -> None:
    found = find_models()
    assert found["pooled-net", "live"].parent == models
    assert {"localiser", "pooled-net", "syn-net"} <= {card.name for card in list_models()}


def test_missing_models_are_named(models) -> None:
    with pytest.raises(ScanError, match="no weights for 'pooled-net' \\(paper\\)"):
        load(on_cpu(preset="paper"), Segmenter)


def test_a_folder_of_the_users_own_that_is_none_is_not_passed_over(models, monkeypatch) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(models / "mistyped"))
    with pytest.raises(ScanError, match=f"mistyped: {MODELS_VARIABLE} names no folder"):
        load(on_cpu(), Segmenter)


def test_a_card_without_weights_is_told_of(models) -> None:
    weights = models / "pooled-net-live.safetensors"
    (models / "notes.json").write_text("{}")  # no card
    assert problems() == []
    weights.unlink()
    assert problems() == [f"{weights}: the weights are missing (install them again)"]
    assert run("models").stderr == f"napari-cmr: {problems()[0]}\n"
    assert models_for(None).problem == problems()[0]


def test_listing_models_costs_no_torch() -> None:
    code = "import sys; from napari_cmr.zoo import list_models; list_models(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "napari_cmr.zoo.cards" in done.stdout.split()
    assert "torch" not in done.stdout.split()
