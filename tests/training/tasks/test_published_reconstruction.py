import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity as reference

from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.training.data.reconstruction_batches import ReconstructionBatches
from napari_cmr.training.register import find
from napari_cmr.training.tasks.published_reconstruction import (
    AlternatingTask,
    EnsembleTask,
    GrowingTask,
    SquaredErrorTask,
    squared_error,
    structural_similarity,
)
from napari_cmr.training.tasks.reconstruction import ReconstructionTask


def batch() -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(6, 16, 12, generator=generator, dtype=torch.complex64)
    mask = (torch.arange(16) + torch.arange(6)[:, None]) % 3 == 0
    return to_hybrid(image) * mask[..., None], mask, image


def made(kind: type, name: str, loss: str, **changes: bool):
    model = find(name)
    torch.manual_seed(0)
    return kind(model, model.tiny.with_(loss=loss, **changes))


def test_squared_errors_are_of_both_parts() -> None:
    image = torch.zeros(2, 3, 3, dtype=torch.complex64)
    assert float(squared_error(image + (3 + 4j), image)) == pytest.approx(25.0)


@torch.no_grad()
def test_the_recipe_says_by_which_loss_a_network_learns() -> None:
    given = batch()
    published = made(SquaredErrorTask, "dc-cnn", "published")
    answer = published.network(*given[:2])[0]
    assert torch.equal(published.loss(given), squared_error(answer, given[2]))
    ours, plain = (
        made(kind, "dc-cnn", "logarithmic") for kind in (SquaredErrorTask, ReconstructionTask)
    )
    assert torch.equal(ours.loss(given), plain.loss(given))
    assert not torch.equal(ours.loss(given), published.loss(given))


@torch.no_grad()
def test_k_t_next_is_judged_by_its_frequencies_too() -> None:
    hybrid, mask, image = batch()
    task = made(AlternatingTask, "kt-next", "published")
    lines, first, unit = task.network.begin(hybrid, mask)
    half, answer = (
        torch.fft.fft(one * unit - image, dim=0, norm="ortho")
        for one in task.network.halves(lines, first)
    )
    wanted = half.abs().square().mean() + answer.abs().square().mean()
    assert torch.allclose(task.loss((hybrid, mask, image)), wanted, rtol=1e-4)
    adam = task.configure_optimizers()["optimizer"]
    assert adam.defaults["betas"] == (0.5, 0.999)


@torch.no_grad()
@pytest.mark.parametrize(("grows", "shares"), [(True, [0.0, 0.5]), (False, [])])
def test_a_network_that_grows_is_told_how_far_training_is(monkeypatch, grows, shares) -> None:
    task = made(GrowingTask, "modl", "published", grows=grows)
    told = []
    monkeypatch.setattr(task.network, "grow", told.append)
    for step in (0, task.recipe.steps // 2):
        monkeypatch.setattr(GrowingTask, "global_step", step)
        task.loss(batch())
    assert told == shares


def test_structural_similarity_is_that_of_an_independent_package() -> None:
    image = batch()[2].abs()
    answer = image + 0.2 * batch()[2].real
    peak = float(image.max())
    wanted = [
        reference(
            one.numpy(), other.numpy(), win_size=7, data_range=peak, use_sample_covariance=False
        )
        for one, other in zip(answer, image, strict=True)
    ]
    assert float(structural_similarity(answer, image)) == pytest.approx(sum(wanted) / 6, abs=1e-4)
    assert float(structural_similarity(image, image)) == pytest.approx(1.0)


def test_each_member_of_an_ensemble_learns_by_itself() -> None:
    task = made(EnsembleTask, "sigma-net", "published")
    given = batch()
    whole = task.loss(given)
    alone = []
    members = task.network.members
    for member in members:
        task.network.members = torch.nn.ModuleList([member])
        alone.append(task.loss(given))
    assert torch.allclose(whole, torch.stack(alone).mean())
    whole.backward()
    assert all(one.grad is not None for one in members.parameters())


def test_sigma_net_learns_from_coils_with_its_parallel_coil_network(cines) -> None:
    model = find("sigma-net")
    assert model.presets["paper"].coils == model.presets["paper"].architecture["coils"] > 1
    recipe = model.tiny.with_(coils=3, architecture=model.tiny.architecture | {"coils": 3})
    given = ReconstructionBatches(cines, recipe).batch(0, np.random.default_rng(0))
    torch.manual_seed(0)
    task = EnsembleTask(model, recipe)
    optimiser = torch.optim.Adam(task.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        optimiser.zero_grad()
        loss = task.loss(given)
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]
    assert all(one.grad is not None for one in task.network.parallel.parameters())
    assert task.measure(given)["psnr"] > 0
