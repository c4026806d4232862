import json

import numpy as np
import pytest
import torch
from helpers.still_stacks import disc_data
from safetensors.torch import load_file, save_file

from napari_cmr.nets.adversarial.perceptual import SegmenterFeatures
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.segmentation.fcn import FCN
from napari_cmr.scan import ScanError
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.loop import train
from napari_cmr.training.register import find, models
from napari_cmr.training.tasks.adversarial import TERMS, AdversarialTask

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

NAMES = [name for name, model in models().items() if model.training.endswith(":AdversarialTask")]
REFINED = find("recnet-refined")


@pytest.fixture
def features() -> SegmenterFeatures:
    torch.manual_seed(0)
    return SegmenterFeatures(FCN(features=(4, 4, 4, 4, 4))).frozen()


def task_of(name: str, features, **changes) -> AdversarialTask:
    torch.manual_seed(0)
    model = find(name)
    return AdversarialTask(model, model.tiny.with_(**changes), features)


@pytest.fixture
def data_of(cines):
    """Cines or still images, whichever a model learns from."""
    data = {"cines": CineData(cines[:2], cines[2:]), "stills": disc_data()}
    return lambda name: data[find(name).learns_from]


def batch(data=None, model=REFINED):
    return (data or disc_data()).source(model.tiny).batch(0, np.random.default_rng(0))


def run(name: str, data, out, features, **changes):
    model = find(name)
    return train(
        model,
        "live",
        model.tiny.with_(**{"steps": 6} | changes),
        data,
        out,
        device="cpu",
        precision="32-true",
        progress_bar=False,
        options={"features": features},
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_term_with_a_weight_is_its_weight_in_the_first_step(name, data_of, features) -> None:
    task = task_of(name, features, scaled=True)
    terms, real, made = task.terms(batch(data_of(name), find(name)))
    weights = task.recipe.model_dump()
    assert set(terms) == {one for one in TERMS if weights[one]}
    total = float(task._weighed(terms).detach())
    penalty = weights["penalty"] * float(terms.get("penalty", torch.zeros(())).detach())
    scaled = sum(weights[one] for one in terms if one != "penalty")
    assert total == pytest.approx(scaled + penalty, rel=1e-5)
    halved = {one: term / 2 for one, term in terms.items()}
    assert float(task._weighed(halved).detach()) == pytest.approx(total / 2, rel=1e-5)
    assert real.shape == made.shape
    assert len(real) == task.recipe.batch


def test_terms_are_as_they_are_where_they_are_not_to_be_scaled(features) -> None:
    task = task_of("dagan", features, scaled=False)
    terms, _, _ = task.terms(batch())
    weights = task.recipe.model_dump()
    wanted = sum(weights[one] * float(term.detach()) for one, term in terms.items())
    assert float(task._weighed(terms).detach()) == pytest.approx(wanted, rel=1e-5)


def test_frames_of_a_cine_are_made_with_the_lines_of_all(data_of, features) -> None:
    """Some frames are refined, each as it is where the whole cycle is."""
    task = task_of("dc-cnn-refined", features)
    hybrid, mask, image = batch(data_of("dc-cnn-refined"), find("dc-cnn-refined"))
    _, real, made = task.terms((hybrid, mask, image))
    whole, _ = task.network(hybrid, mask)
    unit = task.network.unit_of(Lines(hybrid, mask).average)
    step = -(-len(image) // task.recipe.batch)
    assert step > 1
    for found, wanted in ((real, image), (made, whole)):
        assert torch.allclose(found[:, 0] * unit, wanted.abs()[::step], atol=1e-5)


def test_gradients_of_the_refinement_reach_neither_the_first_stage_nor_the_judge(features) -> None:
    task = task_of("recnet-refined", features)
    task.judge.requires_grad_(False)
    terms, _, _ = task.terms(batch())
    task._weighed(terms).backward()
    assert all(one.grad is None for one in task.network.predictor.parameters())
    assert all(one.grad is None for one in task.judge.parameters())
    assert all(one.grad.any() for one in task.network.refinement.down[0].parameters())
    assert float(task.network.gate.grad) != 0


def test_the_penalty_is_of_the_change_before_the_gate(features) -> None:
    shut, half = (
        task_of("recnet-refined", features, architecture=REFINED.tiny.architecture | {"gate": gate})
        for gate in (0.0, 0.5)
    )
    assert torch.equal(shut.terms(batch())[0]["penalty"], half.terms(batch())[0]["penalty"])
    assert shut.terms(batch())[0]["penalty"] > 0


def test_labels_of_real_images_alone_are_smoothed(features) -> None:
    task = task_of("recnet-refined", features)

    class Sure(torch.nn.Module):
        def forward(self, images, *, thinned):
            assert thinned
            return torch.full((len(images), 1, 2, 2), float(9 * images.mean().sign())), []

    task.judge = Sure()
    right = float(task.doubt(torch.full((1, 1, 4, 4), 0.9), torch.full((1, 1, 4, 4), 0.1)))
    assert right == pytest.approx(0.1 * 9, abs=1e-2)  # sure of a real image that counts for .9
    wrong = float(task.doubt(torch.full((1, 1, 4, 4), 0.1), torch.full((1, 1, 4, 4), 0.1)))
    assert wrong == pytest.approx(0.9 * 9, abs=1e-2)


@pytest.mark.parametrize("name", NAMES)
def test_a_stopped_run_goes_on_with_its_scales_and_earlier_images(
    name, data_of, features, tmp_path
) -> None:
    run(name, data_of(name), tmp_path, features, replay=3)
    before = torch.load(tmp_path / "last.ckpt", weights_only=False)
    weights = run(name, data_of(name), tmp_path, features, replay=3, steps=9)
    after = torch.load(tmp_path / "last.ckpt", weights_only=False)
    assert json.loads((tmp_path / "training.json").read_text())["steps"] == 9
    assert 0 < len(before["replay"]) <= 3
    scales = [one["state_dict"]["first"] for one in (before, after)]
    assert scales[0].any()
    assert torch.allclose(*scales, rtol=1e-5)
    assert not any("compared" in key for key in after["state_dict"])
    assert all(torch.isfinite(one).all() for one in load_file(weights).values())


def test_the_first_stage_is_taken_and_stays_as_it_is(features, tmp_path) -> None:
    first = find("recnet-lge").build(REFINED.tiny.architecture["reconstruction"])
    save_file(first.state_dict(), tmp_path / "first.safetensors")
    weights = train(
        REFINED,
        "live",
        REFINED.tiny.with_(steps=4),
        disc_data(),
        tmp_path / "run",
        device="cpu",
        precision="32-true",
        progress_bar=False,
        start_from=tmp_path / "first.safetensors",
        options={"features": features},
    )
    ended = load_file(weights)
    for name, tensor in first.state_dict().items():
        assert torch.allclose(ended[f"predictor.{name}"], tensor, atol=1e-6)
    assert json.loads((tmp_path / "run" / "training.json").read_text())["tensors_taken"] == 4


def test_what_a_recipe_weighs_has_to_be_there(features) -> None:
    with pytest.raises(ScanError, match="network that compares images"):
        AdversarialTask(REFINED, REFINED.tiny)
    joint = find("recnet-joint")
    with pytest.raises(ScanError, match="has none"):
        AdversarialTask(joint, joint.tiny.with_(penalty=0.1), features)
