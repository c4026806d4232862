"""Both stages of training through a latent code."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from napari_cmr.training.data.acquisitions import ViewSettings, segmentation_batch
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.loop import load_fitting, train
from napari_cmr.training.register import find
from napari_cmr.training.tasks.latent import LatentTask

SMALL = {
    "in_channels": 8,
    "features": (4, 8),
    "code_size": 192,
    "grid": 32,
    "narrow": 3,
    "folds": True,
    "unit_codes": True,
}


DRAWING = SMALL | {"drawing_features": (4, 8, 8)}


def recipe(**changes):
    """The live preset, small: codes of 3 channels on a grid of 8 x 8."""
    settings = {"architecture": SMALL, "size": 32, "spacing_mm": 2.0, "sequences": 2, "frames": 2}
    return find("li-net").recipe("live").with_(**settings | {"steps": 6} | changes)


def run(settings, cines, out):
    return train(
        find("li-net"),
        "live",
        settings,
        CineData(cines[:2], cines[2:]),
        out,
        device="cpu",
        precision="32-true",
        progress_bar=False,
    )


def task(settings) -> LatentTask:
    return LatentTask(find("li-net"), settings)


def test_a_stopped_run_goes_on_from_either_stage(cines, tmp_path) -> None:
    first = load_file(run(recipe(steps=2, autoencoder_steps=4), cines, tmp_path))
    second = load_file(run(recipe(steps=9, autoencoder_steps=4), cines, tmp_path))
    run(recipe(steps=12, autoencoder_steps=4), cines, tmp_path)
    assert json.loads((tmp_path / "training.json").read_text())["steps"] == 12
    name = "predictor.to_code.weight"
    assert torch.equal(first[name], torch.eye(192))  # stage 1 leaves the predictor as it was
    assert not torch.equal(second[name], first[name])


def test_stage_two_leaves_the_auto_encoder_as_it_was(cines) -> None:
    module = task(recipe(autoencoder_steps=0))
    module.train()
    module.on_train_batch_start()
    batch = segmentation_batch(
        cines[:2], module.recipe, ViewSettings(32, 2.0), progress=1.0, rng=np.random.default_rng(0)
    )
    before = {name: value.clone() for name, value in module.network.state_dict().items()}
    module.loss(batch).backward()
    for part in (module.network.label_encoder, module.network.decoder):
        assert all(parameter.grad is None for parameter in part.parameters())
    learned = [p.grad for _, p in module.network.predictor.named_parameters()]
    assert all(gradient is not None for gradient in learned)
    after = module.network.state_dict()
    frozen = [name for name in before if not name.startswith("predictor")]
    assert all(torch.equal(before[name], after[name]) for name in frozen)


@pytest.mark.parametrize(("step", "begins"), [(3, False), (4, True), (5, False)])
def test_a_predictor_that_draws_begins_where_stage_one_ends(monkeypatch, step, begins) -> None:
    module = task(recipe(architecture=DRAWING, steps=9, autoencoder_steps=4))
    network = module.network
    network.label_encoder.to_code.bias.data.fill_(1.0)
    monkeypatch.setattr(LatentTask, "global_step", step)
    module.on_train_batch_start()
    learned = network.predictor.encoder.to_code.bias
    assert torch.equal(learned, network.label_encoder.to_code.bias) == begins


def test_weights_of_a_unet_start_what_draws(tmp_path) -> None:
    few = find("pooled-net-few").build({"in_channels": 8, "features": (4, 8, 8)})
    save_file(few.state_dict(), tmp_path / "few.safetensors")
    network = find("li-net").build(DRAWING)
    assert load_fitting(network, tmp_path / "few.safetensors") == len(few.state_dict())
    for name, tensor in few.state_dict().items():
        assert torch.equal(network.predictor.unet.state_dict()[name], tensor)


def test_each_stage_has_its_own_cycle_of_rates() -> None:
    module = task(recipe(steps=300, autoencoder_steps=100))
    shares = [module._share_of_rate(step) for step in range(300)]
    assert shares[9] == shares[119] == pytest.approx(1.0, abs=0.01)
    assert shares[99] == shares[299] == pytest.approx(0.0, abs=0.01)
    assert shares[100] == pytest.approx(0.05)
