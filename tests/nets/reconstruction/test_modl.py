import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.modl import Modl
from napari_cmr.nets.reconstruction.proximal import nearest_image


def silent(**options: int) -> Modl:
    network = Modl(**options, depth=2, features=2)
    for weight in network.denoiser.parameters():
        torch.nn.init.zeros_(weight)
    return network


@torch.no_grad()
def test_a_denoiser_that_changes_nothing_leaves_regularised_least_squares() -> None:
    one = coils_slice(n_lines=24)
    lines = Lines(*given(one))
    image, _ = silent(unrolls=1)(*given(one), unit=1.0)
    wanted = nearest_image(lines, lines.zero_filled(), 1 / 1.05)
    torch.testing.assert_close(image, wanted, atol=1e-5, rtol=1e-4)
    further, _ = silent(unrolls=10)(*given(one))
    assert error(further.numpy(), disc_image()) < error(image.numpy(), disc_image())


def test_unrolls_share_one_denoiser_and_lambda() -> None:
    few, many = Modl(1, features=4), Modl(10, features=4)
    assert [one.shape for one in few.parameters()] == [one.shape for one in many.parameters()]
    assert float(few.log_lambda.detach().exp()) == pytest.approx(0.05)


def test_lambda_learns_from_several_coils() -> None:
    torch.manual_seed(0)
    network = Modl(2, 2, 4)
    image, _ = network(*given(coils_slice()))
    (image - torch.from_numpy(disc_image())).abs().square().mean().backward()
    assert network.log_lambda.grad.abs() > 0


@torch.no_grad()
def test_it_learns_one_unroll_first() -> None:
    torch.manual_seed(0)
    network, one_unroll = Modl(3, 2, 4), Modl(1, 2, 4)
    one_unroll.load_state_dict(network.state_dict())
    lines = given(coils_slice())
    whole = network(*lines)[0]
    network.grow(0.5)
    assert torch.equal(network(*lines)[0], one_unroll(*lines)[0])
    network.grow(0.7)
    assert torch.equal(network(*lines)[0], whole)
    assert not torch.equal(one_unroll(*lines)[0], whole)
