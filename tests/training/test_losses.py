"""Losses are smallest for the right answer."""

import pytest
import torch

from napari_cmr.training.losses import (
    composite_loss,
    cross_entropy,
    edge_loss,
    hard_dice,
    soft_dice_loss,
)


def test_losses_are_smallest_for_the_right_answer() -> None:
    labels = torch.randint(0, 4, (2, 8, 8), generator=torch.Generator().manual_seed(0))
    right = 20.0 * torch.nn.functional.one_hot(labels, 4).movedim(-1, 1).float()
    wrong = right.roll(1, dims=1)
    assert cross_entropy(right, labels) < 1e-6 < cross_entropy(wrong, labels)
    assert soft_dice_loss(right, labels) < 0.02 < soft_dice_loss(wrong, labels)
    assert hard_dice(right, labels).tolist() == [1.0, 1.0, 1.0]
    assert hard_dice(wrong, labels).max() == 0.0


def sure_of(labels: torch.Tensor, n: int = 4) -> torch.Tensor:
    """Logits of somebody who has no doubt."""
    return 30.0 * torch.nn.functional.one_hot(labels, n).movedim(-1, 1).float()


def test_dice_of_half_a_heart_and_of_none() -> None:
    labels = torch.zeros(1, 4, 4, dtype=torch.long)
    labels[:, :2] = 1
    half = torch.zeros_like(labels)
    half[:, :1] = 1
    scores = hard_dice(sure_of(half), labels)
    assert scores[0].item() == pytest.approx(2 * 4 / (4 + 8))
    assert scores[1:].isnan().all()
    loss = soft_dice_loss(sure_of(half), labels, smooth=1e-6)
    assert loss.item() == pytest.approx(1 - (2 / 3 + 1 + 1) / 3, abs=1e-3)


def test_edges_that_agree_cost_nothing_and_moved_ones_grow() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.long)
    labels[:, 4:10, 4:10] = 1
    right = edge_loss(sure_of(labels), labels)
    near = edge_loss(sure_of(labels.roll(1, 1)), labels)
    far = edge_loss(sure_of(labels.roll(6, 1)), labels)
    assert right < 1e-3 < near < far


def test_weights_of_classes_count_their_pixels_more() -> None:
    labels = torch.zeros(1, 4, 4, dtype=torch.long)
    labels[:, 0] = 1
    blind = torch.zeros(1, 4, 4, 4)
    blind[:, 0] = 2.0  # sure of background
    plain = composite_loss(blind, labels)
    assert composite_loss(blind, labels, (1.0, 5.0, 1.0, 1.0)) > plain
    assert composite_loss(blind, labels, (5.0, 1.0, 1.0, 1.0)) < plain
    entropy = torch.nn.functional.cross_entropy(blind, labels)
    assert plain.item() == pytest.approx((entropy + 0.5 * edge_loss(blind, labels)).item())
