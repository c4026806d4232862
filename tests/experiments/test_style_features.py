"""How images are compared: edges, distances, and what a classifier tells apart."""

import numpy as np
import pytest
from helpers.style_images import hearts

from napari_cmr.experiments.style_features import (
    distance,
    edge_agreement,
    features_of,
    frechet_distance,
    told_apart,
)


def test_edges_agree_whatever_the_contrast_and_not_by_chance() -> None:
    first, _ = hearts(4, 0, blood=0.9)
    assert edge_agreement(first, -0.3 * first + 0.2).min() == pytest.approx(1, abs=1e-4)
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((4, 64, 64)).astype(np.float32)
    other = rng.standard_normal((4, 64, 64)).astype(np.float32)
    assert edge_agreement(noise, other) == pytest.approx(np.full(4, 0.5), abs=0.06)


def test_distance_is_nothing_to_itself_and_grows_with_the_difference() -> None:
    first, _ = hearts(2, 0, blood=0.9)
    features = features_of(np.stack([first[0], first[0], 0.9 * first[0], -first[1]]))
    same, near, far = distance(features, [0, 0, 0], [1, 2, 3])
    assert same == 0
    assert 0 < near < far


def test_frechet_distance_of_known_gaussians() -> None:
    rng = np.random.default_rng(0)
    reference = rng.standard_normal((4000, 3))
    moved = rng.standard_normal((4000, 3)) + np.array([2, 0, 0])
    assert frechet_distance(reference, moved, reference) == pytest.approx(4, rel=0.1)
    assert frechet_distance(reference, reference, reference) == pytest.approx(0, abs=1e-6)


def test_a_classifier_tells_apart_what_differs_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 60, 8))
    groups = [f"{k}{i // 4}" for k in "ab" for i in range(60)]
    assert 0.3 < told_apart(a, b, groups) < 0.7
    assert told_apart(a, b + 3, groups) > 0.95
