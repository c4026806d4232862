"""The filter over the heart cycle: its weights, its reach, and what it gives back of a motion."""

import numpy as np
import pytest
import torch

from napari_cmr.zoo.time_filter import (
    SHARPENED_PART,
    around,
    filtered,
    kernel,
    neighbour_weight,
    reach,
    sharpened,
)


def test_frames_far_apart_are_not_smoothed() -> None:
    assert neighbour_weight(0.0, 30) == 0.0
    assert neighbour_weight(0.03, 1) == neighbour_weight(0.03, 2) == 0.0
    assert 0.2 < neighbour_weight(0.03, 25) < neighbour_weight(0.03, 50) < 1 / 3


@pytest.mark.parametrize(("smoothing", "sharpening"), [(0.0, 0.0), (0.03, 0.0), (0.03, 0.3)])
@pytest.mark.parametrize("n_frames", [1, 2, 3, 12, 25, 30])
def test_what_does_not_move_stays_as_it_is(smoothing, sharpening, n_frames) -> None:
    weights = kernel(smoothing, sharpening, n_frames)
    assert float(weights.sum()) == pytest.approx(1.0, abs=1e-6)
    backwards = weights.flip(0).roll(1)  # time has no direction
    assert torch.allclose(weights, backwards, atol=1e-7)


def test_a_frame_is_compared_with_those_at_the_ends_of_the_pooling_window() -> None:
    weights = kernel(0.0, 0.4, 24)
    apart = round(24 * SHARPENED_PART)
    assert apart == 3
    assert float(weights[0]) == pytest.approx(1.4)
    assert float(weights[apart]) == float(weights[-apart]) == pytest.approx(-0.2)
    assert reach(weights) == apart
    assert reach(kernel(0.03, 0.4, 24)) == apart + 1
    assert reach(kernel(0.03, 0.0, 24)) == 1
    assert reach(kernel(0.0, 0.0, 24)) == 0


def test_two_frames_are_not_sharpened_against_each_other() -> None:
    assert kernel(0.0, 0.4, 2).tolist() == [1.0, 0.0]
    assert kernel(0.0, 0.4, 3).tolist() == [1.0, 0.0, 0.0]


def test_sharpening_gives_back_of_a_systole_what_pooling_took() -> None:
    times = np.arange(24) / 24
    heart = torch.from_numpy(np.cos(2 * np.pi * times))[:, None]
    window = range(-3, 4)
    pooled = torch.stack([heart.roll(shift, 0) for shift in window]).mean(0)
    back = sharpened(pooled, 0.6)
    left = float((pooled - heart).abs().max())
    assert left > 0.1
    assert float((back - heart).abs().max()) < left / 3


@pytest.mark.parametrize("frames", [(0,), (11, 12), (23, 0, 1)])
def test_some_frames_get_what_they_get_among_all(frames) -> None:
    logits = torch.from_numpy(np.random.default_rng(0).normal(size=(24, 4, 5))).float()
    weights = kernel(0.03, 0.3, 24)
    whole = filtered(logits, range(24), range(24), weights)
    answered = around(frames, reach(weights), 24)
    assert len(answered) == len(frames) + 8
    some = filtered(logits[answered], answered, frames, weights)
    assert torch.allclose(some, whole[list(frames)], atol=1e-6)


def test_without_a_filter_the_logits_are_passed_on() -> None:
    logits = torch.rand(12, 4, 3)
    assert filtered(logits, range(12), range(12), kernel(0.0, 0.0, 12)) is logits
