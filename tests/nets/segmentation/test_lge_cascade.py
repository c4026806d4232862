"""The cascade: probabilities that add up, members that are averaged, dropout only in training."""

import torch

from napari_cmr.nets.segmentation.lge_cascade import Cascade, LgeCascade


def test_the_cascade_is_what_its_two_networks_do() -> None:
    torch.manual_seed(0)
    cascade = Cascade(features=(4, 8, 8)).eval()
    x = torch.randn(2, 1, 16, 16)
    together = torch.cat([x, cascade.first(x).softmax(1)], dim=1)
    assert torch.equal(cascade(x), cascade.second(together))


def test_members_vote_with_their_probabilities() -> None:
    torch.manual_seed(0)
    network = LgeCascade(members=2, features=(4, 8), norm="instance")
    assert isinstance(network, LgeCascade)
    x = torch.randn(2, 1, 16, 16)
    network.eval()
    one, two = (member(x).softmax(1) for member in network.members)
    assert torch.allclose(network(x).exp(), (one + two) / 2, atol=1e-6)


def test_dropout_is_for_training_alone() -> None:
    torch.manual_seed(0)
    cascade = Cascade(features=(4, 8, 8), norm="instance", dropout=0.5)
    x = torch.randn(1, 1, 16, 16)
    assert not torch.equal(cascade(x), cascade(x))
    cascade.eval()
    assert torch.equal(cascade(x), cascade(x))


def test_a_cascade_without_a_second_network_is_one_unet() -> None:
    torch.manual_seed(0)
    network = LgeCascade(features=(4, 8), refines=False).eval()
    x = torch.randn(1, 1, 16, 16)
    assert torch.allclose(network(x), network.members[0].first(x).log_softmax(1), atol=1e-6)
    assert torch.equal(network(x), network(x, refine=False))
