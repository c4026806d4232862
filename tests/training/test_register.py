"""Every model of the register: what its recipe says is true, and its network can learn."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.register import answer, answers_of, lesson, lines_of_band
from torch import nn

import napari_cmr
from napari_cmr.scan import ScanError
from napari_cmr.training.register import default, find, for_fewer, models, resolve
from napari_cmr.zoo import default_choice, list_models
from napari_cmr.zoo.loader import PREDICTORS, prepare_for_inference

NAMES = list(models())
PACKAGED = Path(napari_cmr.__file__).parent / "zoo" / "weights"


@pytest.fixture(params=NAMES)
def model(request):
    return models()[request.param]


def build(model) -> nn.Module:
    torch.manual_seed(0)
    return model.build(model.tiny.architecture)


def test_the_register_costs_no_torch() -> None:
    code = (
        "import sys; from napari_cmr.training.register import models; models(); "
        "from napari_cmr.zoo import default_choice; default_choice('cine'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "napari_cmr.training.recipes" in done.stdout.split()
    assert "torch" not in done.stdout.split()


def test_answers_have_the_shape_that_their_task_asks_for(model) -> None:
    found = answer(model, build(model).eval(), count=4)
    assert found.shape == (4, answers_of(model), 32, 32)
    assert torch.isfinite(found).all()


def test_the_gradient_reaches_every_weight_that_answers(model) -> None:
    network = build(model)
    lesson(model, answer(model, network, count=2)).backward()
    reached = [one for one in network.parameters() if one.grad is not None and one.grad.any()]
    asked = [one for one in network.parameters() if one.grad is not None]
    assert asked
    assert all(torch.isfinite(one.grad).all() for one in asked)
    # biases before a norm, and what mixes frames and starts from zero, may have none
    assert len(reached) >= 0.6 * len(asked)


def test_the_same_seed_gives_the_same_network_and_answers(model) -> None:
    first, second = (answer(model, build(model).eval(), count=2) for _ in range(2))
    assert torch.equal(first, second)


def test_a_network_learns_one_picture(model) -> None:
    network = build(model)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(80):
        loss = lesson(model, answer(model, network, count=2))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.4 * losses[0]


def test_preparing_for_inference_changes_no_answer(model) -> None:
    network = build(model)
    for _ in range(3):
        answer(model, network, count=4)  # statistics of batch norms
    network.eval()
    before = answer(model, network, count=4).detach()
    prepare_for_inference(network)
    assert not any(isinstance(one, nn.BatchNorm2d) for one in network.modules())
    assert not any(one.requires_grad for one in network.parameters())
    assert before.std() > 0.01
    assert torch.allclose(answer(model, network, count=4), before, atol=1e-4)


@pytest.mark.parametrize("name", [name for name in NAMES if find(name).task == "reconstruction"])
def test_coils_that_see_alike_change_no_image(name) -> None:
    network = build(find(name)).eval()
    hybrid, mask = lines_of_band(4)
    shares = torch.tensor([0.6, 0.48j, -0.64])[:, None, None, None]
    with torch.no_grad():
        one, _ = network(hybrid, mask, trust=0.9)
        three, _ = network(shares * hybrid, mask, (shares[:, 0] + 0 * hybrid[0]), trust=0.9)
    assert (one - three).abs().max() < 1e-4 * one.abs().max()


def test_recipes_build_what_they_say(model) -> None:
    assert issubclass(resolve(model.network), nn.Module)
    assert model.task in PREDICTORS
    assert set(model.presets) == {"live", "paper"}
    for recipe in (*model.presets.values(), model.tiny):
        assert recipe.sampling(30)
        record = recipe.model_dump(mode="json")
        assert type(recipe).model_validate(record).model_dump(mode="json") == record
    with torch.device("meta"):
        sizes = {
            preset: sum(one.numel() for one in model.build(recipe.architecture).parameters())
            for preset, recipe in model.presets.items()
        }
    assert sizes["live"] <= sizes["paper"]


def test_cards_that_ship_are_of_models_of_the_register() -> None:
    for card in list_models():
        model = find(card.name)
        assert card.task == model.task
        few = for_fewer(card.name)
        assert card.for_fewer == (None if few is None else few.name)


def test_a_model_ships_weights(model) -> None:
    assert (PACKAGED / f"{model.name}-live.safetensors").is_file()


def test_each_purpose_has_one_model_of_ours() -> None:
    for purpose in (
        "cine", "full cine", "late enhancement", "left atrium", "heart", "translation",
    ):  # fmt: skip
        assert [one for one in models().values() if purpose in one.default_for] == [
            default(purpose)
        ]
        assert default_choice(purpose, device="cpu").device == "cpu"


def test_unknown_models_and_presets_are_named() -> None:
    with pytest.raises(ScanError, match=r"there are .*crnn"):
        find("nobody")
    with pytest.raises(ScanError, match="choose live or paper"):
        default("cine").recipe("huge")


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_named_in_its_recipe_alone(name) -> None:
    """Names with a hyphen anywhere, others, which are words as well, as a string of their own."""
    folder = Path(napari_cmr.__file__).parent
    pattern = rf"{name}(?![\w-])" if "-" in name else rf"""["']{name}["']"""
    allowed = {"recipes", "nets"}
    named = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8")) and not allowed & set(path.parts)
    }
    assert named == set()


def test_the_table_of_the_manual_is_that_of_the_register() -> None:
    tool = Path(__file__).parents[2] / "tools" / "models_table.py"
    command = [sys.executable, tool, "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
