"""Syn-net on half of the grid, as its live preset is, and on the whole, as it was published."""

import pytest
import torch

from napari_cmr.nets.segmentation.pooled_net import PooledNet
from napari_cmr.nets.segmentation.syn_net import SynNet
from napari_cmr.training.register import find


def test_it_starts_as_the_pooled_net_that_it_takes_its_weights_from() -> None:
    torch.manual_seed(0)
    pooled = PooledNet(features=(4, 8, 8), fine=8).eval()
    network = SynNet(8, features=(4, 8, 8), fine=8).eval()
    left = network.load_state_dict(network.widened(pooled.state_dict()), strict=False)
    assert all(name.startswith("encoder.mixes") for name in left.missing_keys)
    assert not left.unexpected_keys
    x = torch.randn(4, 8, 16, 16)
    assert torch.allclose(network(x, 4), pooled(x[:, :6]), atol=1e-6)


@pytest.mark.parametrize("fine", [None, 8])
def test_frames_are_mixed_once_mixing_has_been_learned(fine) -> None:
    torch.manual_seed(0)
    network = SynNet(features=(4, 8, 8), fine=fine).eval()
    x = torch.randn(3, 2, 16, 16)
    changed = x.clone()
    changed[1] *= 5
    with torch.no_grad():
        assert torch.equal(network(x, 3)[0], network(changed, 3)[0])
        for mix in list(network.encoder.mixes)[1:]:
            torch.nn.init.normal_(mix.mix.weight, std=0.3)
        assert not torch.allclose(network(x, 3)[0], network(changed, 3)[0])
    assert network.bottleneck(x, 3).shape == (3, 8, *((4, 4) if fine is None else (2, 2)))


@pytest.mark.parametrize("name", ["syn-net", "li-net"])
def test_paper_presets_are_shown_zero_filled_frames_on_the_whole_grid(name) -> None:
    model = find(name)
    published = model.recipe("paper")
    assert published.input_kind == "zero-filled"
    with torch.device("meta"):
        network = model.build(published.architecture)
        assert network(torch.empty(6, 2, 128, 128), 3).shape == (6, 4, 128, 128)
    parts = {key.split(".")[0] for key in network.state_dict()}
    assert parts in ({"encoder", "decoder"}, {"predictor", "decoder", "label_encoder"})
