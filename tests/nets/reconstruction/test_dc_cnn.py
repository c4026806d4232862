import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.dc_cnn import DcCnn


@pytest.fixture
def network() -> DcCnn:
    torch.manual_seed(0)
    return DcCnn(2, 3, 6).eval()


def test_the_published_size_has_the_published_number_of_parameters() -> None:
    assert sum(one.numel() for one in DcCnn().parameters()) == 565_770


@torch.no_grad()
def test_all_lines_give_the_image_back_whatever_the_weights(network) -> None:
    image, std = network(*given(disc_slice(None)))
    assert error(image.numpy(), disc_image()) < 1e-4
    assert std is None


@torch.no_grad()
def test_each_frame_is_answered_for_alone(network) -> None:
    hybrid, mask = given(disc_slice())
    whole, _ = network(hybrid, mask, unit=1.0)
    alone, _ = network(hybrid[3:5], mask[3:5], unit=1.0)
    assert torch.allclose(whole[3:5], alone, atol=1e-5)


@torch.no_grad()
def test_the_answer_is_of_the_unit_of_the_lines_whose_peak_is_estimated(network) -> None:
    hybrid, mask = given(disc_slice())
    image, _ = network(hybrid, mask)
    brighter, _ = network(50 * hybrid, mask)
    assert torch.allclose(50 * image, brighter, rtol=1e-3, atol=1e-3)
    other, _ = network(hybrid, mask, unit=3.0)
    assert error(other.numpy(), image.numpy()) > 1e-3


@torch.no_grad()
def test_trust_is_the_share_of_the_measurement(network) -> None:
    one = disc_slice()
    apart = [
        error(one.encoding.forward(network(*given(one), trust=trust)[0].numpy()), one.lines)
        for trust in (0.0, 0.5, 1.0)
    ]
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 1e-5


@torch.no_grad()
def test_shared_views_are_another_beginning_and_coils_are_combined() -> None:
    torch.manual_seed(0)
    network = DcCnn(1, 2, 4, shared_views=True).eval()
    hybrid, mask, maps = given(coils_slice(n_lines=12))
    shared, _ = network(hybrid, mask, maps)
    network.shared_views = False
    zero_filled, _ = network(hybrid, mask, maps)
    assert error(shared.numpy(), disc_image()) < error(zero_filled.numpy(), disc_image())
