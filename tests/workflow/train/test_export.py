"""A finished run becomes weights with a card that says how they came about."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from napari_cmr.scan import ScanError
from napari_cmr.training.register import find, for_fewer, models
from napari_cmr.workflow.train.export import export, tie_for_fewer
from napari_cmr.workflow.train.request import ACDC
from napari_cmr.zoo import read_card
from napari_cmr.zoo.cards import FOR_FEWER_DIGEST, sha256


def finished(folder: Path, name: str = "fcn") -> Path:
    """A run as training leaves it, of the live preset."""
    model = find(name)
    recipe = model.recipe("live")
    folder.mkdir(parents=True, exist_ok=True)
    recorded = {"model": name, "preset": "live", "task": model.task}
    summary = {
        "recipe": recorded | recipe.model_dump(mode="json"),
        "seed": 3, "started_from": None, "steps": 7, "cine_frames": 25, "metrics": {"dice": 0.5},
        "curve": {"step": [5, 7], "loss": [0.5, None]},
    }  # fmt: skip
    (folder / "training.json").write_text(json.dumps(summary))
    save_file({"a": torch.tensor([1.5, 1e30])}, folder / f"{name}-live.safetensors")
    return folder


def test_the_card_says_what_the_run_was(tmp_path: Path) -> None:
    weights = export(finished(tmp_path / "run"), tmp_path / "out", declaration=ACDC)
    card = read_card(weights)
    recipe = find("fcn").recipe("live")
    assert weights.name == "fcn-live.safetensors"
    assert (card.name, card.preset, card.task) == ("fcn", "live", "segmentation")
    assert (card.seed, card.steps, card.metrics) == (3, 7, {"dice": 0.5})
    assert card.curve == {"step": (5, 7), "loss": (0.5, None)}
    assert (card.size, card.spacing_mm, card.lines) == (
        recipe.size,
        recipe.spacing_mm,
        recipe.lines,
    )
    assert card.sampling == recipe.sampling(25)
    assert card.recipe["started_from"] is None
    assert card.sha256 == sha256(weights)
    assert card.licence == ACDC.licence
    kept = load_file(weights)["a"]
    assert kept[1] == pytest.approx(1e30)  # half precision could not hold it


def test_fields_and_metrics_may_be_others(tmp_path: Path) -> None:
    run = finished(tmp_path / "run")
    weights = export(
        run, tmp_path / "out", declaration=ACDC, metrics={"dice": 0.9}, temperature=2.0
    )
    card = read_card(weights)
    assert (card.metrics, card.temperature) == ({"dice": 0.9}, 2.0)


def test_a_model_without_a_recipe_is_refused(tmp_path: Path) -> None:
    run = finished(tmp_path / "run")
    summary = json.loads((run / "training.json").read_text())
    summary["recipe"]["model"] = "nobody"
    (run / "training.json").write_text(json.dumps(summary))
    with pytest.raises(ScanError):
        export(run, tmp_path / "out", declaration=ACDC)
    assert not (tmp_path / "out").exists()


def test_few_lines_are_handed_over_once_both_are_there(tmp_path: Path) -> None:
    whole, few = next(
        (name, other.name) for name in models() if (other := for_fewer(name)) is not None
    )
    out = tmp_path / "out"
    alone = export(finished(tmp_path / "a", whole), out, declaration=ACDC)
    assert read_card(alone).for_fewer is None
    other = export(finished(tmp_path / "b", few), out, declaration=ACDC)
    card = read_card(alone)
    assert card.for_fewer == few
    assert card.sha256 == sha256(alone)
    with safe_open(alone, framework="pt") as file:
        assert file.metadata()[FOR_FEWER_DIGEST] == read_card(other).sha256
    before = alone.read_bytes()
    tie_for_fewer(out, "live")
    assert alone.read_bytes() == before
