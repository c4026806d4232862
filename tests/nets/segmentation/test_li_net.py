"""LI-net on half of the grid, as its live preset is: codes of unit variance, fully connected."""

import pytest
import torch
from torch import nn

from napari_cmr.nets.blocks import TemporalMix
from napari_cmr.nets.segmentation.li_net import LiNet, fully_connected
from napari_cmr.training.register import find


@pytest.fixture
def network() -> LiNet:
    torch.manual_seed(0)
    return LiNet(
        features=(4, 8),
        code_size=48,
        grid=16,
        narrow=3,
        folds=True,
        unit_codes=True,
    )


def test_any_number_of_frames_has_a_code_each(network) -> None:
    for frames in (1, 3, 5):
        x = torch.randn(frames, 2, 16, 16)
        assert network.predictor(x, frames).shape == (frames, 48)
        assert network.eval()(x, frames).shape == (frames, 4, 16, 16)


def test_codes_depend_on_the_labels(network) -> None:
    labels = torch.zeros(2, 16, 16, dtype=torch.long)
    labels[1, 4:8, 4:8] = 1
    codes = network.encode_labels(labels)
    assert codes.shape == (2, 48)
    assert not torch.allclose(codes[0], codes[1])


def test_unit_codes_have_no_mean_and_unit_variance(network) -> None:
    labels = torch.randint(0, 4, (64, 16, 16), generator=torch.Generator().manual_seed(0))
    codes = network.train().encode_labels(labels)
    assert torch.allclose(codes.mean(0), torch.zeros(48), atol=1e-4)
    # the norm's floor on the variance takes a little from codes that hardly vary yet
    assert torch.allclose(codes.var(0, correction=0), torch.ones(48), atol=0.1)


def test_a_square_fully_connected_layer_starts_as_the_identity() -> None:
    x = torch.randn(2, 5)
    assert torch.equal(fully_connected(5, 5)(x), x)
    assert fully_connected(5, 3)(x).shape == (2, 3)


def test_a_code_holds_the_whole_image(network) -> None:
    """Fully connected layers join encoder, code and decoder: each number may tell of any place."""
    network.eval()
    for layer in (network.predictor.to_code, network.decoder.from_code):
        nn.init.normal_(layer.weight, std=0.1)
    x = torch.randn(1, 2, 16, 16, requires_grad=True)
    (gradient,) = torch.autograd.grad(network(x)[0, :, 0, 0].sum(), x)
    assert (gradient.abs().sum((0, 1)) > 0).float().mean() > 0.9


@pytest.fixture
def drawing() -> LiNet:
    torch.manual_seed(0)
    network = LiNet(
        features=(4, 8),
        drawing_features=(4, 8, 8),
        code_size=48,
        grid=16,
        narrow=3,
        folds=True,
        unit_codes=True,
    ).eval()
    for module in network.predictor.unet.modules():
        if isinstance(module, TemporalMix):
            nn.init.normal_(module.mix.weight, std=0.3)
    return network


def test_what_is_drawn_reaches_the_labels_through_the_code_alone(drawing) -> None:
    x = torch.randn(3, 2, 16, 16)
    drawn = drawing.predictor.unet(x, 3).softmax(1)
    code = drawing.predictor.encoder(drawn)
    assert torch.allclose(drawing.predictor(x, 3), code)
    assert torch.allclose(drawing(x, 3), drawing.decoder(code))


def test_frames_that_nobody_wants_are_not_drawn(drawing) -> None:
    seen = []
    drawing.predictor.encoder.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    x = torch.randn(5, 2, 16, 16)
    some = drawing(x, 5, wanted=torch.tensor([1, 4]))
    assert seen == [2]
    assert torch.allclose(some, drawing(x, 5)[[1, 4]], atol=1e-5)


def test_a_predictor_that_reads_labels_begins_as_their_encoder(drawing) -> None:
    with torch.no_grad():
        for parameter in drawing.label_encoder.parameters():
            parameter.add_(0.1)
    labels = torch.randint(0, 4, (2, 16, 16), generator=torch.Generator().manual_seed(0))
    one_hot = nn.functional.one_hot(labels, 4).movedim(-1, 1).float()
    assert not torch.allclose(drawing.predictor.encoder(one_hot), drawing.encode_labels(labels))
    drawing.begin_predictor()
    assert torch.allclose(drawing.predictor.encoder(one_hot), drawing.encode_labels(labels))


def make(name: str) -> nn.Module:
    torch.manual_seed(0)
    model = find(name)
    return model.build(model.tiny.architecture)


def test_li_net_codes_depend_on_the_labels() -> None:
    network = make("li-net")
    labels = torch.zeros(2, 32, 32, dtype=torch.long)
    labels[1, 4:8, 4:8] = 1
    codes = network.encode_labels(labels)
    assert codes.shape == (2, 12)
    assert not torch.allclose(codes[0], codes[1])
