import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.crnn import Crnn


@pytest.fixture
def network() -> Crnn:
    torch.manual_seed(0)
    return Crnn(2, 6).eval()


@torch.no_grad()
def test_all_lines_give_the_image_back_whatever_the_weights(network) -> None:
    image, std = network(*given(disc_slice(None)))
    assert error(image.numpy(), disc_image()) < 1e-4
    assert std is None


@torch.no_grad()
def test_what_a_frame_shows_reaches_all_others_both_ways(network) -> None:
    hybrid, mask = given(disc_slice())
    image, _ = network(hybrid, mask, unit=1.0)
    hybrid = hybrid.clone()
    hybrid[6] *= 1.5
    change = (network(hybrid, mask, unit=1.0)[0] - image).abs().amax(dim=(1, 2))
    assert (change > 0).all()
    assert change.argmax() == 6
    assert change[5] > change[3]
    assert change[7] > change[9]


@torch.no_grad()
def test_a_cycle_is_not_closed(network) -> None:
    hybrid, mask = given(disc_slice())
    image, _ = network(hybrid, mask, unit=1.0)
    rolled, _ = network(hybrid.roll(5, 0), mask.roll(5, 0), unit=1.0)
    assert not torch.allclose(rolled, image.roll(5, 0), atol=1e-4)


@torch.no_grad()
def test_iterations_share_their_weights() -> None:
    few, many = Crnn(1, 6), Crnn(5, 6)
    assert [one.shape for one in few.parameters()] == [one.shape for one in many.parameters()]


@torch.no_grad()
def test_trust_is_the_share_of_the_measurement_with_coils_too(network) -> None:
    one = coils_slice(n_lines=12)
    apart = [
        error(one.encoding.forward(network(*given(one), trust=trust)[0].numpy()), one.lines)
        for trust in (0.0, 1.0)
    ]
    assert apart[0] > apart[1]
