import pytest
import torch
from helpers.beating_discs import disc_image, disc_slice
from helpers.network_lines import given
from torch import nn

from napari_cmr.nets.reconstruction.consistency import Lines
from napari_cmr.nets.reconstruction.kt_next import KtNext, _over_frequencies
from napari_cmr.nets.reconstruction.network import convolved


@pytest.fixture
def network() -> KtNext:
    torch.manual_seed(0)
    return KtNext(2, 4).eval()


def test_the_published_size_has_the_published_number_of_parameters() -> None:
    assert sum(one.numel() for one in KtNext().parameters()) == 1_496_080


def silent(layers: nn.Module) -> None:
    for weight in layers.parameters():
        nn.init.zeros_(weight)


@torch.no_grad()
def test_without_an_answer_each_half_gives_the_average_with_own_lines(network) -> None:
    silent(network)
    lines = Lines(*given(disc_slice()))
    half, image = network.halves(lines, lines.zero_filled())
    wanted = lines.consistent(lines.average.expand_as(image))
    assert torch.allclose(half, lines.consistent(wanted.mean(0).expand_as(image)), atol=1e-5)
    assert torch.allclose(image, half, atol=1e-5)


@torch.no_grad()
def test_the_x_f_half_knows_whole_frequencies() -> None:
    """A convolution that keeps the middle frequency alone gives back what does not change."""
    changes = torch.from_numpy(disc_image())
    middle = nn.Conv2d(2, 2, (1, 2 * len(changes) + 1), padding=(0, len(changes)), bias=False)
    nn.init.zeros_(middle.weight)
    for part in range(2):
        middle.weight[part, part, 0, len(changes)] = 1.0
    assert torch.allclose(_over_frequencies(middle, changes), changes, atol=1e-5)
    shown = []
    middle.register_forward_hook(lambda _layer, seen, _answer: shown.append(seen[0]))
    _over_frequencies(middle, changes.mean(0).expand_as(changes))
    assert shown[0].shape == (40, 2, 48, 12)  # columns, parts, lines, frequencies
    assert shown[0].abs().amax(dim=(0, 1, 2)).nonzero().flatten().tolist() == [6]


@torch.no_grad()
def test_what_a_frame_shows_reaches_all_others_and_around_the_cycle(network) -> None:
    frames = torch.from_numpy(disc_image())
    brighter = frames.clone()
    brighter[0] *= 1.5
    layers = network.spatial[0]

    def changes() -> torch.Tensor:
        apart = convolved(layers, brighter) - convolved(layers, frames)
        return apart.abs().amax(dim=(1, 2))

    closed = changes()
    assert closed.argmax() == 0
    assert closed[11] > closed[6] > 0
    layers.periodic = False
    assert changes()[11] < 0.1 * closed[11]
