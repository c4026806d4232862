import pytest
import torch
from torch.nn import functional as F

from napari_cmr.nets.adversarial.patch_discriminator import (
    PatchDiscriminator,
    Replay,
    feature_distance,
)


@pytest.fixture
def judge() -> PatchDiscriminator:
    torch.manual_seed(0)
    return PatchDiscriminator((4, 8, 8, 8), "instance")


def test_each_patch_is_scored_and_the_features_of_each_layer_are_given(judge) -> None:
    score, features = judge(torch.randn(2, 1, 64, 48))
    assert score.shape == (2, 1, 7, 5)
    assert [tuple(one.shape[1:]) for one in features] == [
        (4, 32, 24),
        (8, 16, 12),
        (8, 8, 6),
        (8, 7, 5),
    ]


def test_weights_begin_as_published() -> None:
    judge = PatchDiscriminator((64, 128, 256), "batch")
    weight = judge.layers[2][0].weight
    assert float(weight.detach().mean()) == pytest.approx(0, abs=1e-3)
    assert float(weight.detach().std()) == pytest.approx(0.02, abs=1e-3)
    assert not judge.layers[2][0].bias.any()


def test_whole_channels_are_dropped_after_the_last_three_layers_alone(judge) -> None:
    images = torch.randn(1, 1, 64, 64)
    _, whole = judge(images)
    torch.manual_seed(1)
    score, thinned = judge(images, thinned=True)
    assert torch.equal(whole[0], thinned[0])
    assert torch.equal(whole[1], thinned[1])  # what comes out of it is thinned, not the features
    assert not torch.allclose(whole[2], thinned[2])
    assert not torch.equal(score, judge(images, thinned=True)[0])
    assert torch.equal(judge(images)[0], judge(images)[0])


def test_a_discriminator_learns_to_tell_stripes_from_noise(judge) -> None:
    stripes = torch.sin(torch.arange(32.0))[:, None].expand(4, 1, 32, 32)
    noise = torch.randn(4, 1, 32, 32)
    optimiser = torch.optim.Adam(judge.parameters(), lr=0.01)
    for _ in range(60):
        doubt = F.softplus(-judge(stripes)[0]).mean() + F.softplus(judge(noise)[0]).mean()
        optimiser.zero_grad()
        doubt.backward()
        optimiser.step()
    real, made = (judge(one)[0].mean((1, 2, 3)) for one in (stripes, noise))
    assert real.min() > 0 > made.max()


def test_features_are_compared_layer_by_layer() -> None:
    real = [torch.zeros(1, 2, 4, 4), torch.zeros(1, 8, 2, 2)]
    made = [torch.ones(1, 2, 4, 4), torch.full((1, 8, 2, 2), -3.0)]
    assert float(feature_distance(real, made)) == 2.0  # the mean of 1 and 3
    assert float(feature_distance(real, real)) == 0.0


def test_earlier_images_come_back_and_are_replaced() -> None:
    torch.manual_seed(0)
    replay = Replay(size=8, share=0.5)
    assert torch.equal(replay.swap(torch.zeros(8, 1, 2, 2)), torch.zeros(8, 1, 2, 2))
    given = torch.cat([replay.swap(torch.ones(8, 1, 2, 2)) for _ in range(2)])
    assert 0 < float(given.mean()) < 1  # some of the zeros among them
    assert len(replay.kept) == 8
    assert any(bool(one.all()) for one in replay.kept)


def test_half_of_what_the_discriminator_is_shown_is_of_earlier_steps() -> None:
    torch.manual_seed(0)
    replay = Replay(size=400, share=0.5)
    replay.swap(torch.zeros(400, 1, 1, 1))
    shown = [replay.swap(torch.ones(1, 1, 1, 1)) for _ in range(200)]
    earlier = sum(not bool(one.any()) for one in shown)
    assert 60 < earlier < 120  # as many as half, less those that are already replaced


def test_images_of_another_shape_are_never_put_into_a_batch() -> None:
    replay = Replay(size=2, share=1.0)
    replay.swap(torch.zeros(2, 1, 3, 3))
    assert replay.swap(torch.ones(5, 1, 4, 4)).shape == (5, 1, 4, 4)


def test_what_is_kept_carries_no_gradient() -> None:
    replay = Replay(size=2)
    replay.swap(torch.ones(2, 1, 2, 2, requires_grad=True) * 2)
    assert not any(one.requires_grad for one in replay.kept)
