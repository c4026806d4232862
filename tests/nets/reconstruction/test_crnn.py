import pytest
import torch
from helpers.beating_discs import disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.crnn import Crnn


@pytest.fixture
def network() -> Crnn:
    torch.manual_seed(0)
    return Crnn(2, 6, periodic=False).eval()


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
def test_a_cycle_is_closed_unless_it_is_as_published(network) -> None:
    hybrid, mask = given(disc_slice())
    apart = []
    for network.periodic in (True, False):
        image, _ = network(hybrid, mask, unit=1.0)
        rolled, _ = network(hybrid.roll(5, 0), mask.roll(5, 0), unit=1.0)
        apart.append(error(rolled.roll(-5, 0).numpy(), image.numpy()))
    assert apart[0] < 0.1 * apart[1]


@torch.no_grad()
def test_iterations_share_their_weights() -> None:
    few, many = Crnn(1, 6), Crnn(5, 6)
    assert [one.shape for one in few.parameters()] == [one.shape for one in many.parameters()]
