"""Judges score patches at several scales, and are pulled towards a target at each."""

import pytest
import torch

from napari_cmr.nets.style.discriminator import MultiScaleDiscriminator, judged


def test_each_scale_scores_an_image_of_half_the_size() -> None:
    torch.manual_seed(0)
    judge = MultiScaleDiscriminator(features=4, depth=2, scales=3)
    images = torch.rand(2, 1, 64, 64)
    scores = judge(images)
    assert [tuple(score.shape) for score in scores] == [
        (2, 1, 16, 16), (2, 1, 8, 8), (2, 1, 4, 4),
    ]  # fmt: skip
    halved = torch.nn.functional.avg_pool2d(images, 3, 2, 1, count_include_pad=False)
    torch.testing.assert_close(scores[1], judge.judges[1](halved))


def test_a_patch_is_judged_by_itself() -> None:
    torch.manual_seed(0)
    judge = MultiScaleDiscriminator(features=4, depth=2, scales=1)
    images = torch.rand(1, 1, 64, 64)
    changed = images.clone()
    changed[..., 48:, 48:] += 1
    before, after = judge(images)[0], judge(changed)[0]
    torch.testing.assert_close(before[..., :8, :8], after[..., :8, :8])
    assert not torch.allclose(before[..., -2:, -2:], after[..., -2:, -2:])


def test_scores_start_apart_from_each_other() -> None:
    torch.manual_seed(0)
    (scores,) = MultiScaleDiscriminator(features=8, depth=3, scales=1)(torch.randn(4, 1, 64, 64))
    assert scores.abs().max() < 0.5
    assert scores.std() > 0.005


def test_distances_to_the_target_add_up_over_scales() -> None:
    scores = [torch.full((2, 1, 4, 4), 0.5), torch.full((2, 1, 2, 2), 2.0)]
    assert judged(scores, 1.0).item() == pytest.approx(0.25 + 1.0)
    assert judged([torch.ones(1, 1, 2, 2)], 1.0).item() == 0
