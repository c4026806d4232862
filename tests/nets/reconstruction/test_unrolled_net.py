import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.unrolled_net import UnrolledNet


@pytest.fixture
def network() -> UnrolledNet:
    torch.manual_seed(0)
    network = UnrolledNet((4, 8), 2)
    for stage in network.stages:  # as if it had learned something
        torch.nn.init.normal_(stage.decoder.head.weight, std=0.1)
    return network.eval()


@torch.no_grad()
def test_all_lines_give_the_image_back_whatever_the_weights(network) -> None:
    image, _ = network(*given(disc_slice(None)), trust=1.0)
    assert error(image.numpy(), disc_image()) < 1e-4


@torch.no_grad()
def test_answers_scale_with_the_lines(network) -> None:
    hybrid, mask = given(disc_slice())
    (image, std), (brighter, wider) = network(hybrid, mask), network(1000 * hybrid, mask)
    assert torch.allclose(1000 * image, brighter, rtol=1e-3, atol=1e-1)
    assert torch.allclose(1000 * std, wider, rtol=1e-3, atol=1e-2)


@torch.no_grad()
def test_it_turns_with_the_global_phase(network) -> None:
    hybrid, mask = given(disc_slice())
    noise = torch.randn(
        hybrid.shape, dtype=hybrid.dtype, generator=torch.Generator().manual_seed(1)
    )
    hybrid = hybrid + 0.05 * noise * mask[..., None]  # the phase of black is anything
    turn = torch.tensor(0.6 + 0.8j)
    turned, _ = network(hybrid * turn, mask)
    assert error(turned.numpy(), (network(hybrid, mask)[0] * turn).numpy()) < 1e-3


@torch.no_grad()
def test_time_is_periodic(network) -> None:
    hybrid, mask = given(disc_slice())
    image, std = network(hybrid, mask)
    rolled, rolled_std = network(hybrid.roll(5, 0), mask.roll(5, 0))
    assert torch.allclose(rolled, image.roll(5, 0), atol=1e-4)
    assert torch.allclose(rolled_std, std.roll(5, 0), atol=1e-4)


@torch.no_grad()
def test_trust_is_the_share_of_the_measurement(network) -> None:
    one = disc_slice()
    hybrid, mask = given(one)
    apart = []
    for trust in (0.0, 0.5, 1.0):
        image, _ = network(hybrid, mask, trust=trust)
        apart.append(error(one.encoding.forward(image.numpy()), one.lines))
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 1e-5


@torch.no_grad()
def test_it_takes_coils_and_any_size(network) -> None:
    hybrid, mask, maps = given(coils_slice())
    image, std = network(hybrid[..., :37], mask, maps[..., :37])
    assert image.shape == std.shape == (12, 48, 37)
    assert (std > 0).all()


@torch.no_grad()
def test_it_takes_fewer_rows_than_its_levels_halve() -> None:
    hybrid, mask = given(disc_slice())
    image, _ = UnrolledNet((4, 8, 8), 2).eval()(hybrid[:, 23:26], mask[:, 23:26])
    assert image.shape == hybrid[:, 23:26].shape
    assert image.isfinite().all()
