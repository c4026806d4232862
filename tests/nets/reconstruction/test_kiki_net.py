import pytest
import torch
from helpers.beating_discs import disc_image, disc_slice
from helpers.network_lines import given

from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.kiki_net import KikiNet, _over_lines


@pytest.fixture
def network() -> KikiNet:
    torch.manual_seed(0)
    return KikiNet(2, 3, 4)


class Kept(torch.nn.Conv2d):
    """Gives back what it saw."""

    def __init__(self) -> None:
        super().__init__(2, 2, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen = x
        return x


@torch.no_grad()
def test_lines_come_back_as_they_are_and_are_shown_about_alike() -> None:
    image, kept = torch.from_numpy(disc_image()), Kept()
    assert torch.allclose(_over_lines(kept, image), image, atol=1e-5)
    energy = kept.seen.square().sum((0, 1, 3)).sqrt()
    plain = to_hybrid(image).abs().square().sum((0, 2)).sqrt()
    assert energy.max() / energy.min() < 0.2 * plain.max() / plain.min()


@torch.no_grad()
def test_a_convolution_over_lines_is_a_shading_of_the_image() -> None:
    """Lines moved by one are an image times a ramp of phase."""

    class Moved(Kept):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            weight = 1 + (torch.arange(48) - 24).abs()[:, None]
            return (x / weight).roll(1, 2) * weight

    image = torch.from_numpy(disc_image())
    ramp = torch.exp(2j * torch.pi * torch.arange(48) / 48)[:, None]
    assert torch.allclose(_over_lines(Moved(), image), image * ramp, atol=1e-4)


@torch.no_grad()
def test_nothing_is_put_back_between_lines_and_image(network) -> None:
    lines = Lines(*given(disc_slice()))
    image = lines.zero_filled()
    network.grow(0.0)  # the first network alone
    found = network.images(lines, image, 1.0)
    assert torch.equal(found, _over_lines(network.over_lines[0], image))
    assert lines.residual(found).abs().max() > 1e-2
    network.grow(0.25)
    assert lines.residual(network.images(lines, image, 1.0)).abs().max() < 1e-5


def test_networks_learn_one_after_another(network) -> None:
    order = [
        *(network.over_lines[0], network.over_images[0]),
        *(network.over_lines[1], network.over_images[1]),
    ]
    for place, share in enumerate((0.0, 0.3, 0.6, 1.0)):
        network.zero_grad()
        network.grow(share)
        network(*given(disc_slice(n_frames=2)))[0].abs().square().mean().backward()
        learned = [any(one.grad is not None for one in part.parameters()) for part in order]
        assert learned == [index == place for index in range(4)]


def test_parts_have_first_convolutions_of_their_own(network) -> None:
    first = network.over_lines[0][0]
    assert first.weight.shape == (4, 1, 3, 3)
    assert network.over_images[1][-1].kernel_size == (1, 1)


@torch.no_grad()
def test_lines_may_be_corrected_rather_than_given(network) -> None:
    lines = Lines(*given(disc_slice()))
    image = lines.zero_filled()
    network.grow(0.0)
    answer = network.images(lines, image, 1.0)
    network.residual = True
    assert torch.allclose(network.images(lines, image, 1.0), image + answer)
