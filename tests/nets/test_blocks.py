"""Laws of single networks: mixing over time, chunks of frames, folding of pixels."""

from inspect import signature

import pytest
import torch
from torch import nn

from napari_cmr.nets.blocks import Chunked, TemporalMix, TemporalUNet, halve, padded
from napari_cmr.nets.input_kinds import N_CHANNELS
from napari_cmr.nets.windows import Window
from napari_cmr.training.register import find, models, resolve
from napari_cmr.zoo.loader import prepare_for_inference

#: Networks of frames of a cine, and those that mix them over time.
SEGMENTERS = [model.name for model in models().values() if model.task == "segmentation"]


MIXING = [
    name
    for name in SEGMENTERS
    if "temporal_from" in signature(resolve(find(name).network)).parameters
]


def channels(name: str) -> int:
    return N_CHANNELS[find(name).tiny.input_kind]


def make(name: str) -> nn.Module:
    torch.manual_seed(0)
    model = find(name)
    return model.build(model.tiny.architecture)


def make_mixing(name: str) -> nn.Module:
    """A network whose temporal mixing is not zero, as after training."""
    network = make(name).eval()
    for module in network.modules():
        if isinstance(module, TemporalMix):
            nn.init.normal_(module.mix.weight, std=0.3)
    return network


@pytest.mark.parametrize("name", SEGMENTERS)
def test_some_frames_alone_have_the_logits_that_they_have_among_all(name: str) -> None:
    network = make_mixing(name)
    x = torch.randn(5, channels(name), 32, 32)
    wanted = torch.tensor([3, 1])
    with torch.inference_mode():
        assert torch.allclose(network(x, 5, wanted=wanted), network(x, 5)[wanted], atol=1e-5)


def test_localiser_ignores_contrast_and_brightness() -> None:
    network = make("localiser").eval()
    image = torch.rand(1, 1, 16, 16)
    a = network(image)
    b = network(5 * image)
    assert torch.allclose(a, b, atol=1e-3)


@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_shift_of_a_periodic_cine_shifts_the_labels(name: str) -> None:
    network = make_mixing(name)
    cine = torch.randn(5, channels(name), 32, 32)
    straight = network(cine, 5)
    shifted = network(cine.roll(2, 0), 5)
    assert torch.allclose(straight.roll(2, 0), shifted, atol=1e-4)


@pytest.mark.parametrize("name", MIXING)
def test_frames_are_mixed_within_a_sequence_only(name: str) -> None:
    network = make_mixing(name)
    a, b, c = torch.randn(3, 4, channels(name), 32, 32, generator=torch.Generator().manual_seed(1))
    together = network(torch.cat([a, b]), 4)
    other = network(torch.cat([a, c]), 4)
    assert torch.allclose(together[:4], other[:4], atol=1e-5)
    changed = a.clone()
    changed[1] *= 10
    assert not torch.allclose(network(changed, 4)[0], network(a, 4)[0], atol=1e-6)


def test_temporal_mixing_starts_as_nothing() -> None:
    mix = TemporalMix(3)
    x = torch.randn(4, 3, 2, 2)
    assert torch.equal(mix(x, 4), x)


def test_windows_repeat_their_outer_frames() -> None:
    mix = TemporalMix(1)
    with torch.no_grad():
        mix.mix.weight.copy_(torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1))
    x = torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1, 1)
    assert mix(x, 3, periodic=False).flatten().tolist() == [2.0, 3.0, 5.0]
    assert mix(x, 3).flatten().tolist() == [4.0, 3.0, 5.0]


@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_halving_is_the_same_with_and_without_gradients(size: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *size)
    with torch.inference_mode():
        plain = halve(x)
    assert torch.equal(plain, halve(x))


@pytest.mark.parametrize("name", SEGMENTERS)
def test_a_few_frames_at_a_time_change_nothing(name: str) -> None:
    network = make_mixing(name)
    x = torch.randn(5, channels(name), 32, 32)
    whole = network(x, 5)
    parts = [module for module in network.modules() if isinstance(module, Chunked)]
    assert parts
    for part in parts:
        part.chunk = 2
    assert torch.allclose(network(x, 5), whole, atol=1e-6)


def test_pooled_net_answers_for_each_frame_alone() -> None:
    network = make("pooled-net").eval()
    x = torch.randn(3, 6, 16, 16)
    assert torch.allclose(network(x, 3)[1:2], network(x[1:2], 1), atol=1e-6)


def test_weights_of_fewer_channels_answer_the_same_in_a_wider_pooled_net() -> None:
    narrow = make("pooled-net").eval()
    pooled = find("pooled-net")
    wide = pooled.build(pooled.tiny.architecture | {"in_channels": 8}).eval()
    wide.load_state_dict(wide.widened(narrow.state_dict()))
    x = torch.randn(2, 8, 16, 16)
    assert torch.allclose(wide(x), narrow(x[:, :6]), atol=1e-6)
    assert narrow.widened(narrow.state_dict()).keys() == narrow.state_dict().keys()


def test_pooled_net_sees_every_pixel_in_its_place() -> None:
    """Folding pixels into channels and unfolding them must not mix up rows and columns."""
    network = make("pooled-net").eval()
    x = torch.zeros(1, 6, 16, 16, requires_grad=True)
    for row, column in ((4, 9), (5, 9), (4, 8)):
        (gradient,) = torch.autograd.grad(network(x)[0, 0, row, column], x)
        strength = gradient[0].abs().sum(0)
        near = strength[row - 1 : row + 2, column - 1 : column + 2]
        assert near.sum() > 0.2 * strength.sum()


def test_images_are_continued_by_their_last_pixels() -> None:
    image = torch.rand(1, 2, 6, 9)
    found = padded(image, 4)
    assert found.shape == (1, 2, 8, 12)
    assert torch.equal(found[..., :6, :9], image)
    assert torch.equal(found[..., 6:, :9], image[..., 5:, :].expand(-1, -1, 2, -1))
    assert torch.equal(padded(image, 3), image)


@pytest.mark.parametrize(("fine", "size"), [(8, 64), (8, 32), (None, 32), (None, 24)])
@pytest.mark.parametrize("prepared", [False, True])
def test_what_is_drawn_of_a_window_is_that_of_the_whole(fine, size: int, prepared: bool) -> None:
    torch.manual_seed(1)
    network = TemporalUNet(3, 4, (8, 8, 16), temporal_from=3, fine=fine).eval()
    if prepared:
        prepare_for_inference(network)
    images = torch.randn(2, 3, size, size)
    with torch.inference_mode():
        whole = network(images)
        for start in range(0, size - 4, 4):
            window = Window((start, start + 4), (size // 2 - 2, min(size, size // 2 + start + 4)))
            found = network(images, window=window)
            assert torch.allclose(found, window.of(whole), atol=1e-4)
