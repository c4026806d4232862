"""The Dice that probabilities foretell, and whether a structure is in a slice at all."""

import pytest
import torch

from napari_cmr.scan import Label
from napari_cmr.zoo.expected_overlap import expected_dice, presence

SPACING = (1.5, 1.5)


def of_rv(probability: torch.Tensor) -> torch.Tensor:
    """Probabilities (T, 4, H, W) of an RV, and of background elsewhere."""
    whole = torch.zeros(len(probability), 4, *probability.shape[1:])
    whole[:, int(Label.RV)] = probability
    whole[:, 0] = 1 - probability
    return whole


def test_the_dice_that_is_expected_is_that_with_readers_drawn_by_the_probabilities() -> None:
    probability = torch.zeros(1, 60, 60)
    probability[:, 10:40, 10:40] = 0.9
    probability[:, 10:40, 40:50] = 0.3
    label = (probability > 0.5).to(torch.uint8) * int(Label.RV)
    expected = expected_dice(label, of_rv(probability), SPACING)[0, 2]
    readers = torch.rand(100, 60, 60, generator=torch.Generator().manual_seed(0)) < probability
    mine = label[0] > 0
    true = 2 * (readers & mine).sum((1, 2)) / (readers.sum((1, 2)) + mine.sum())
    assert expected == pytest.approx(float(true.mean()), abs=0.005)
    assert expected < 0.95


def test_nothing_is_agreed_upon_as_far_as_nothing_is_there() -> None:
    probability = torch.zeros(3, 40, 40)
    probability[1, 10:20, 10:20] = 0.4
    probability[2, ::4, ::4] = 0.4  # specks are no ventricle
    found = expected_dice(torch.zeros(3, 40, 40, dtype=torch.uint8), of_rv(probability), SPACING)
    assert found[:, 2].tolist() == pytest.approx([1.0, 0.6, 0.94], abs=0.03)
    assert found[:, :2].min() == 1.0
    assert presence(probability, SPACING).tolist() == pytest.approx([0.0, 0.4, 0.06], abs=0.03)


def test_sure_labels_are_worth_one_and_those_that_nobody_expects_nothing() -> None:
    sure = torch.zeros(2, 20, 20)
    sure[0, 5:15, 5:15] = 1.0
    label = torch.zeros(2, 20, 20, dtype=torch.uint8)
    label[:, 5:15, 5:15] = int(Label.RV)
    assert expected_dice(label, of_rv(sure), SPACING)[:, 2].tolist() == [1.0, 0.0]
