"""Training runs: learn, stop, go on, and give the same weights for the same seed."""

import json

import pytest
import torch
from safetensors.torch import load_file

from napari_cmr.scan import ScanError
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.loop import train
from napari_cmr.training.recipe import Recipe
from napari_cmr.training.register import find, models

pytest.importorskip("lightning", reason="the extra 'train' is not installed")


def tiny(model: str, **changes) -> tuple[str, Recipe]:
    return model, find(model).tiny.with_(**{"steps": 6} | changes)


def run(what: tuple[str, Recipe], cines, out, **changes):
    model, recipe = what
    return train(
        find(model),
        "live",
        recipe,
        CineData(cines[:2], cines[2:]),
        out,
        device="cpu",
        precision="32-true",
        progress_bar=False,
        **changes,
    )


@pytest.mark.parametrize(
    "model",
    [
        one.name
        for one in models().values()
        if one.learns_from == "cines" and not one.invents  # those: tasks/test_adversarial.py
    ],
)
def test_a_run_writes_weights_and_says_how(model, cines, tmp_path) -> None:
    weights = run(tiny(model), cines, tmp_path / "a")
    summary = json.loads((tmp_path / "a" / "training.json").read_text())
    assert summary["steps"] == 6
    assert summary["validation_subjects"] == ["disc2"]
    state = load_file(weights)
    assert all(torch.isfinite(value).all() for value in state.values())


def test_the_same_seed_gives_the_same_weights(cines, tmp_path) -> None:
    first, second = (load_file(run(tiny("pooled-net"), cines, tmp_path / x)) for x in "ab")
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_stopped_run_goes_on(cines, tmp_path) -> None:
    run(tiny("pooled-net", schedule="step"), cines, tmp_path)
    run(tiny("pooled-net", schedule="step", steps=9), cines, tmp_path)
    summary = json.loads((tmp_path / "training.json").read_text())
    assert summary["steps"] == 9
    assert summary["curve"]["step"] == list(range(1, 10))
    assert all(loss > 0 for loss in summary["curve"]["loss"])


def test_nothing_to_learn_from_is_an_error(cines, tmp_path) -> None:
    with pytest.raises(ScanError, match="at least one"):
        run(tiny("pooled-net"), [], tmp_path)


def test_a_run_starts_from_what_fits_of_other_weights(cines, tmp_path) -> None:
    first = run(tiny("pooled-net", steps=2), cines, tmp_path / "first")
    start = load_file(first)
    # a rate of nothing: what was taken is what comes out
    still = tiny("syn-net", steps=2, learning_rate=0.0)
    weights = run(still, cines, tmp_path / "second", start_from=first)
    summary = json.loads((tmp_path / "second" / "training.json").read_text())
    ended = load_file(weights)
    shared = [
        key
        for key in ended
        if key in start and key.endswith("weight") and ended[key].shape == start[key].shape
    ]
    assert summary["started_from"] == first.name
    assert summary["tensors_taken"] >= len(shared) > 3
    assert all(torch.allclose(ended[key], start[key]) for key in shared)
    # the first convolution sees two channels rather than six: it cannot be taken
    assert ended["encoder.blocks.0.0.weight"].shape != start["encoder.blocks.0.0.weight"].shape


def test_weights_of_pooled_net_start_the_one_for_few_lines(cines, tmp_path) -> None:
    first = run(tiny("pooled-net", steps=2), cines, tmp_path / "first")
    few = tiny("pooled-net-few", steps=2, learning_rate=0.0)
    second = run(few, cines, tmp_path / "second", start_from=first)
    start, ended = load_file(first), load_file(second)
    for name in ("encoder.blocks.0.0.weight", "edges.0.weight"):
        known = start[name].shape[1]
        assert torch.allclose(ended[name][:, :known], start[name])
        assert not ended[name][:, known:].any()


def test_weights_that_fit_nowhere_are_refused(cines, tmp_path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not weights")
    for weights in (broken, tmp_path / "absent.safetensors"):
        with pytest.raises(ScanError, match="cannot be read"):
            run(tiny("syn-net"), cines, tmp_path / "out", start_from=weights)
