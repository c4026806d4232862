"""Laws that all reconstruction networks of the register keep, whatever their weights."""

import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given
from torch import Tensor, nn

from napari_cmr.nets.reconstruction.network import ReconstructionNetwork, as_channels, as_image
from napari_cmr.training.register import models

NETWORKS = [name for name, model in models().items() if model.task == "reconstruction"]


@pytest.fixture(params=NETWORKS)
def network(request) -> nn.Module:
    model = models()[request.param]
    torch.manual_seed(0)
    network = model.build(model.tiny.architecture).eval()
    for weight in network.parameters():  # as if what starts from zero had learned something
        if not weight.any():
            nn.init.normal_(weight, std=0.1)
    return network


@torch.no_grad()
def test_all_lines_give_the_image_back(network) -> None:
    image, _ = network(*given(disc_slice(None)), trust=1.0)
    assert error(image.numpy(), disc_image()) < 1e-4


@torch.no_grad()
def test_measured_lines_are_kept_as_far_as_they_are_trusted(network) -> None:
    one = disc_slice()
    apart = [
        error(one.encoding.forward(network(*given(one), trust=trust)[0].numpy()), one.lines)
        for trust in (0.0, 0.5, 1.0)
    ]
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 1e-5


@torch.no_grad()
def test_answers_scale_with_the_lines(network) -> None:
    hybrid, mask = given(disc_slice())
    image, _ = network(hybrid, mask)
    brighter, _ = network(1000 * hybrid, mask)
    assert error(brighter.numpy(), 1000 * image.numpy()) < 1e-3


@torch.no_grad()
def test_it_takes_coils_and_any_size(network) -> None:
    one = coils_slice(n_lines=12)
    hybrid, mask, maps = given(one)
    image, _ = network(hybrid[..., :37], mask, maps[..., :37])
    assert image.shape == (12, 48, 37)
    fit = [
        error(one.encoding.forward(network(hybrid, mask, maps, trust=trust)[0].numpy()), one.lines)
        for trust in (0.0, 1.0)
    ]
    assert fit[0] > fit[1]


@torch.no_grad()
def test_two_frames_are_enough(network) -> None:
    image, _ = network(*given(disc_slice(n_frames=2)))
    assert torch.isfinite(image.abs()).all()


def test_gradients_are_those_of_finite_differences(network) -> None:
    if not isinstance(network, ReconstructionNetwork):
        pytest.skip("it computes in single precision")
    network = network.double()
    hybrid, mask = given(disc_slice(n_frames=4))
    lines = hybrid[..., 12:24].to(torch.complex128)

    def loss() -> Tensor:
        image, _ = network(lines, mask)
        return image.abs().square().mean()

    weights = [one for one in network.parameters() if one.requires_grad]
    generator = torch.Generator().manual_seed(1)
    ways = [torch.randn(one.shape, generator=generator, dtype=one.dtype) for one in weights]
    slopes = torch.autograd.grad(loss(), weights)
    slope = sum((one * way).sum() for one, way in zip(slopes, ways, strict=True))
    step = 1e-7
    losses = []
    with torch.no_grad():
        for change in (step, -2 * step):
            for one, way in zip(weights, ways, strict=True):
                one.add_(way, alpha=change)
            losses.append(loss())
    found = (losses[0] - losses[1]) / (2 * step)
    assert float(slope) == pytest.approx(float(found), rel=1e-3)


@torch.no_grad()
def test_answers_in_half_precision_are_close(network) -> None:
    lines = given(coils_slice())
    image, _ = network(*lines)
    half, _ = network.to(torch.bfloat16)(*lines)
    assert half.dtype == torch.complex64
    assert error(half.numpy(), image.numpy()) < 0.02


@torch.no_grad()
@pytest.mark.parametrize(
    "name", [name for name in NETWORKS if "series" not in models()[name].needs]
)
def test_networks_that_need_no_series_take_one_frame(name) -> None:
    model = models()[name]
    network = model.build(model.tiny.architecture)
    image, _ = network(*given(disc_slice(n_frames=1)))
    assert image.shape == (1, 48, 40)
    assert torch.isfinite(image.abs()).all()


def test_it_learns_in_mixed_precision(network) -> None:
    network.to(memory_format=torch.channels_last)
    hybrid, mask = given(disc_slice(n_frames=4))
    slopes = []
    for mixed in (True, False):
        network.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            image, _ = network(hybrid, mask)
            (image - hybrid.sum()).abs().square().mean().backward()
        slopes.append(
            torch.cat([one.grad.flatten() for one in network.parameters() if one.grad is not None])
        )
    assert torch.isfinite(slopes[0]).all()
    assert torch.nn.functional.cosine_similarity(*slopes, dim=0) > 0.9


def test_channels_are_both_parts_of_images() -> None:
    image = torch.randn(3, 4, 5, dtype=torch.complex64)
    layers = nn.Conv2d(2, 2, 1).to(torch.bfloat16)
    channels = as_channels(image, layers)
    assert channels.dtype == torch.bfloat16
    assert torch.allclose(as_image(channels), image, rtol=1e-2)
