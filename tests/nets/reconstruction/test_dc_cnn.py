import pytest
import torch
from helpers.beating_discs import coils_slice, disc_image, disc_slice, error
from helpers.network_lines import given

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.dc_cnn import DcCnn


@pytest.fixture
def network() -> DcCnn:
    torch.manual_seed(0)
    return DcCnn(2, 3, 6).eval()


def test_the_published_size_has_the_published_number_of_parameters() -> None:
    assert sum(one.numel() for one in DcCnn().parameters()) == 565_770


@torch.no_grad()
def test_each_frame_is_answered_for_alone(network) -> None:
    hybrid, mask = given(disc_slice())
    whole, _ = network(hybrid, mask, unit=1.0)
    alone, _ = network(hybrid[3:5], mask[3:5], unit=1.0)
    assert torch.allclose(whole[3:5], alone, atol=1e-5)


@torch.no_grad()
def test_the_unit_is_the_peak_unless_it_is_given(network) -> None:
    hybrid, mask = given(disc_slice())
    image, _ = network(hybrid, mask)
    peak = float(Lines(hybrid, mask).average.abs().max())
    assert torch.allclose(network(hybrid, mask, unit=peak)[0], image)
    other, _ = network(hybrid, mask, unit=3 * peak)
    assert error(other.numpy(), image.numpy()) > 1e-3


@torch.no_grad()
def test_shared_views_are_another_beginning_and_coils_are_combined() -> None:
    torch.manual_seed(0)
    network = DcCnn(1, 2, 4, shared_views=True).eval()
    hybrid, mask, maps = given(coils_slice(n_lines=12))
    shared, _ = network(hybrid, mask, maps)
    network.shared_views = False
    zero_filled, _ = network(hybrid, mask, maps)
    assert error(shared.numpy(), disc_image()) < error(zero_filled.numpy(), disc_image())
